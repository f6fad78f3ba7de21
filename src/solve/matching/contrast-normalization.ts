import type { DecodedFrame } from '../model/frame-features.js';

// Taken out of the global once: a look-up in a test's own global is slow.
const { sqrt } = Math;

/** Radius of the neighbourhood that sets the local level and contrast, as a fraction of the width. */
const RADIUS_PER_WIDTH = 0.015;
/** Grey levels of noise that must not be blown up into texture. */
const NOISE_FLOOR = 6;
const TARGET_CONTRAST = 48;

/** Sums over a sliding band of rows, one a column, of levels and of their squares. */
interface ColumnSums {
  readonly plain: Int32Array;
  readonly squared: Int32Array;
}

/** Adds (`sign` 1) or takes away (−1) a row. */
const addRow = (sums: ColumnSums, luminance: Uint8Array, start: number, sign: 1 | -1): void => {
  const { plain, squared } = sums;
  for (let x = 0; x < plain.length; x++) {
    const v = luminance[start + x]!;
    plain[x] = plain[x]! + sign * v;
    squared[x] = squared[x]! + sign * v * v;
  }
};

/** One row of the result from the sums of the band of `rows` rows around it. */
const normalizeRow = (
  sums: ColumnSums,
  rows: number,
  radius: number,
  perColumns: Float64Array,
  luminance: Uint8Array,
  out: Uint8Array,
  start: number,
): void => {
  const { plain, squared } = sums;
  const widthPx = plain.length;
  const perRows = 1 / rows;
  let [sum, sumSquared] = [0, 0];
  for (let x = 0; x < Math.min(radius, widthPx); x++) {
    sum += plain[x]!;
    sumSquared += squared[x]!;
  }
  for (let x = 0; x < widthPx; x++) {
    const [enters, leaves] = [x + radius, x - radius - 1];
    if (enters < widthPx) {
      sum += plain[enters]!;
      sumSquared += squared[enters]!;
    }
    if (leaves >= 0) {
      sum -= plain[leaves]!;
      sumSquared -= squared[leaves]!;
    }
    const perArea = perColumns[x]! * perRows;
    const mean = sum * perArea;
    const variance = sumSquared * perArea - mean * mean;
    const spread = sqrt((variance > 0 ? variance : 0) + NOISE_FLOOR * NOISE_FLOOR);
    const value = 128 + (TARGET_CONTRAST * (luminance[start + x]! - mean)) / spread;
    out[start + x] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
};

/** One over the columns that lie within the radius of each column. */
const perColumnsOf = (widthPx: number, radius: number): Float64Array =>
  Float64Array.from(
    { length: widthPx },
    (_, x) => 1 / (Math.min(widthPx - 1, x + radius) - Math.max(-1, x - radius - 1)),
  );

/**
 * Local contrast normalisation: every neighbourhood to the same mean and spread, so that lamps, shadows and fog change
 * features little. Noise below the floor stays small.
 */
export const normalizeContrast = ({ luminance, widthPx, heightPx }: DecodedFrame): Uint8Array => {
  const radius = Math.max(8, Math.round(widthPx * RADIUS_PER_WIDTH));
  const sums = { plain: new Int32Array(widthPx), squared: new Int32Array(widthPx) };
  const out = new Uint8Array(luminance.length);
  const perColumns = perColumnsOf(widthPx, radius);
  let rows = 0;
  for (let y = 0; y < Math.min(radius, heightPx); y++, rows++) addRow(sums, luminance, y * widthPx, 1);
  for (let y = 0; y < heightPx; y++) {
    if (y + radius < heightPx) {
      addRow(sums, luminance, (y + radius) * widthPx, 1);
      rows++;
    }
    if (y - radius - 1 >= 0) {
      addRow(sums, luminance, (y - radius - 1) * widthPx, -1);
      rows--;
    }
    normalizeRow(sums, rows, radius, perColumns, luminance, out, y * widthPx);
  }
  return out;
};
