import { radFromDeg } from '../../geometry/angles.js';
import type { PrincipalPoint } from './pointing.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { abs, ceil, hypot, tan } = Math;

/**
 * A pinhole with radial distortion about its principal point: distorted = ideal·(1 + k1·r² + k2·r⁴), r the ideal radius over the
 * focal length.
 */
interface Lens {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Focal length at zoom 1, pixels; it grows in proportion to the zoom. */
  readonly focalPx: number;
  readonly k1: number;
  readonly k2: number;
}

export const lensFromFov = (
  widthPx: number,
  heightPx: number,
  hfovDeg: number,
  k1: number,
  k2: number,
): Lens => ({ widthPx, heightPx, focalPx: widthPx / 2 / tan(radFromDeg(hfovDeg) / 2), k1, k2 });

/** The ideal radius that the lens bends to `distorted` (Newton; both over the focal length). */
const undistortedRadius = (distorted: number, k1: number, k2: number): number => {
  let ideal = distorted;
  for (let round = 0; round < 8; round++) {
    const squared = ideal * ideal;
    const miss = ideal * (1 + squared * (k1 + squared * k2)) - distorted;
    const slope = 1 + squared * (3 * k1 + 5 * k2 * squared);
    ideal -= miss / slope;
    if (abs(miss) < 1e-13) break;
  }
  return ideal;
};

/** Pixels between two nodes of a ray grid. */
export const NODE_STEP_PX = 4;

/** Where pixels (4i, 4j) look, as ideal normalised coordinates (right, down) at depth 1. The last nodes may lie outside. */
export interface RayGrid {
  readonly columns: number;
  readonly rows: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export const rayGrid = (
  { widthPx, heightPx, focalPx, k1, k2 }: Lens,
  zoom: number,
  { xShare, yShare }: PrincipalPoint,
): RayGrid => {
  const columns = ceil(widthPx / NODE_STEP_PX) + 1;
  const rows = ceil(heightPx / NODE_STEP_PX) + 1;
  const x = new Float64Array(columns * rows);
  const y = new Float64Array(columns * rows);
  const focal = focalPx * zoom;
  const centreX = (widthPx - 1) / 2 + xShare * widthPx;
  const centreY = (heightPx - 1) / 2 + yShare * widthPx;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const right = (column * NODE_STEP_PX - centreX) / focal;
      const down = (row * NODE_STEP_PX - centreY) / focal;
      const radius = hypot(right, down);
      const widen = radius === 0 ? 1 : undistortedRadius(radius, k1, k2) / radius;
      x[at] = right * widen;
      y[at] = down * widen;
    }
  }
  return { columns, rows, x, y };
};
