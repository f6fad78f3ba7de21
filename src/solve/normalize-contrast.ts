import type { DecodedFrame, FrameLight } from './features.js';

/** Radius of the neighbourhood that sets the local level and contrast, as a fraction of the width. */
const RADIUS_PER_WIDTH = 0.015;
/** Grey levels of noise that must not be blown up into texture. */
const NOISE_FLOOR = 6;
const TARGET_CONTRAST = 48;

interface Sums {
  readonly plain: Float64Array;
  readonly squared: Float64Array;
  readonly stride: number;
}

/** Summed area tables, one row and column larger than the picture. */
const sumTables = ({ luminance, widthPx, heightPx }: DecodedFrame): Sums => {
  const stride = widthPx + 1;
  const plain = new Float64Array(stride * (heightPx + 1));
  const squared = new Float64Array(stride * (heightPx + 1));
  for (let y = 0; y < heightPx; y++) {
    let row = 0;
    let rowSquared = 0;
    for (let x = 0; x < widthPx; x++) {
      const v = luminance[y * widthPx + x]!;
      row += v;
      rowSquared += v * v;
      const at = (y + 1) * stride + x + 1;
      plain[at] = plain[at - stride]! + row;
      squared[at] = squared[at - stride]! + rowSquared;
    }
  }
  return { plain, squared, stride };
};

/**
 * Local contrast normalisation: every neighbourhood to the same mean and spread, so that lamps, shadows and fog change
 * features little. Noise below the floor stays small.
 */
export const normalizeContrast = (frame: DecodedFrame): Uint8Array => {
  const { luminance, widthPx, heightPx } = frame;
  const { plain, squared, stride } = sumTables(frame);
  const radius = Math.max(8, Math.round(widthPx * RADIUS_PER_WIDTH));
  const out = new Uint8Array(luminance.length);
  for (let y = 0; y < heightPx; y++) {
    const top = Math.max(0, y - radius) * stride;
    const bottom = Math.min(heightPx, y + radius + 1) * stride;
    for (let x = 0; x < widthPx; x++) {
      const left = Math.max(0, x - radius);
      const right = Math.min(widthPx, x + radius + 1);
      const area = ((bottom - top) / stride) * (right - left);
      const mean =
        (plain[bottom + right]! - plain[bottom + left]! - plain[top + right]! + plain[top + left]!) / area;
      const meanSquare =
        (squared[bottom + right]! - squared[bottom + left]! - squared[top + right]! + squared[top + left]!) /
        area;
      const spread = Math.sqrt(Math.max(0, meanSquare - mean * mean) + NOISE_FLOOR * NOISE_FLOOR);
      const value = 128 + (TARGET_CONTRAST * (luminance[y * widthPx + x]! - mean)) / spread;
      out[y * widthPx + x] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return out;
};

/** Level, contrast and sharpness of a frame, from every second pixel. */
export const measureLight = ({ luminance, widthPx, heightPx }: DecodedFrame): FrameLight => {
  let [sum, sumSquared, laplacian, count] = [0, 0, 0, 0];
  for (let y = 1; y < heightPx - 1; y += 2) {
    for (let x = 1; x < widthPx - 1; x += 2) {
      const at = y * widthPx + x;
      const v = luminance[at]!;
      const edge =
        4 * v - luminance[at - 1]! - luminance[at + 1]! - luminance[at - widthPx]! - luminance[at + widthPx]!;
      sum += v;
      sumSquared += v * v;
      laplacian += edge * edge;
      count++;
    }
  }
  const meanLevel = sum / Math.max(1, count);
  const contrast = Math.sqrt(Math.max(0, sumSquared / Math.max(1, count) - meanLevel * meanLevel));
  return {
    meanLevel,
    contrast,
    sharpness: Math.sqrt(laplacian / Math.max(1, count)) / Math.max(1, contrast),
  };
};
