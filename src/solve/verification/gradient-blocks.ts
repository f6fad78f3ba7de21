import type { DecodedFrame } from '../model/frame-features.js';

// Taken out of the global once: a look-up in a test's own global is slow.
const { sqrt } = Math;

/** Side of a block, px. */
const BLOCK_PX = 24;
/**
 * Rivals of the place where a block should lie, px along x and along y: whole JPEG blocks, so that the edges of the codec's own
 * grid count the same at every one of them.
 */
const RIVALS_PX = [-16, -8, 8, 16];
/** Chance that a block which has nothing to do with the scan fits best where it should lie. */
export const CHANCE_OF_BLOCK = 1 / (1 + 2 * RIVALS_PX.length);
/** Grey levels over six pixels each way below which an edge counts less; keeps strong edges from outvoting the others. */
const SOFT_GRADIENT = 24;
const MARGIN_PX = 20;

/** Gradients of a picture, shortened to less than 1. */
interface Gradients {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

const gradientsOf = ({ luminance, widthPx, heightPx }: DecodedFrame): Gradients => {
  const [x, y] = [new Float32Array(luminance.length), new Float32Array(luminance.length)];
  const two = 2 * widthPx;
  for (let row = 2; row < heightPx - 2; row++) {
    for (let at = row * widthPx + 2; at < (row + 1) * widthPx - 2; at++) {
      const gx = luminance[at + 2]! + luminance[at + 1]! - luminance[at - 1]! - luminance[at - 2]!;
      const gy =
        luminance[at + two]! + luminance[at + widthPx]! - luminance[at - widthPx]! - luminance[at - two]!;
      const length = sqrt(gx * gx + gy * gy) + SOFT_GRADIENT;
      x[at] = gx / length;
      y[at] = gy / length;
    }
  }
  return { x, y, widthPx, heightPx };
};

/** Agreement of the gradients of a block of the frame with those of the scan's picture (dx, dy) away. */
const agreementOf = (
  frame: Gradients,
  scan: Gradients,
  left: number,
  top: number,
  dx: number,
  dy: number,
): number => {
  const away = dy * frame.widthPx + dx;
  let sum = 0;
  for (let y = top; y < top + BLOCK_PX; y++) {
    const start = y * frame.widthPx + left;
    for (let at = start; at < start + BLOCK_PX; at++)
      sum += frame.x[at]! * scan.x[at + away]! + frame.y[at]! * scan.y[at + away]!;
  }
  return sum;
};

const fitsBest = (
  frame: Gradients,
  scan: Gradients,
  left: number,
  top: number,
  [dx, dy]: readonly [number, number],
): boolean => {
  const here = agreementOf(frame, scan, left, top, dx, dy);
  return RIVALS_PX.every(
    (rival) =>
      agreementOf(frame, scan, left, top, dx + rival, dy) < here &&
      agreementOf(frame, scan, left, top, dx, dy + rival) < here,
  );
};

export interface StillBlocks {
  readonly blocks: number;
  /** Those whose edges fit best where the answer puts them. */
  readonly fitting: number;
}

/**
 * Holds the edges of a frame that stands nearly as the scan's picture did against that picture, block by block, wherever
 * `wanted` says: the place shows so even where seasons have changed every single point. `moved` tells by how many pixels the
 * scan shows what the frame shows at (x, y).
 */
export const compareStill = (
  frame: DecodedFrame,
  scan: DecodedFrame,
  moved: (x: number, y: number) => readonly [number, number] | null,
  wanted: (x: number, y: number, reachPx: number) => boolean,
): StillBlocks => {
  const [seen, known] = [gradientsOf(frame), gradientsOf(scan)];
  const half = BLOCK_PX / 2;
  let [blocks, fitting] = [0, 0];
  for (let top = MARGIN_PX; top + BLOCK_PX + MARGIN_PX < frame.heightPx; top += BLOCK_PX) {
    for (let left = MARGIN_PX; left + BLOCK_PX + MARGIN_PX < frame.widthPx; left += BLOCK_PX) {
      if (!wanted(left + half, top + half, half)) continue;
      const by = moved(left + half, top + half);
      if (by === null || Math.max(Math.abs(by[0]), Math.abs(by[1])) > MARGIN_PX - Math.max(...RIVALS_PX))
        continue;
      blocks++;
      if (fitsBest(seen, known, left, top, [Math.round(by[0]), Math.round(by[1])])) fitting++;
    }
  }
  return { blocks, fitting };
};
