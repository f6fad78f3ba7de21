import type { Panorama } from '../scenery/panorama.js';
import type { Matrix3 } from './matrix.js';
import { NODE_STEP_PX, type RayGrid } from './lens.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { abs, atan2, floor, min, sqrt } = Math;

/** Wider than this between two nodes (near the zenith or nadir) a straight line between them would be wrong. */
const MAX_CELL_PX = 40;

/** A picture being made: RGB, and for every pixel how high it looks, as a row of 0..TILT_LEVELS−1 from tilt +90 to −90. */
export interface View {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgb: Uint8ClampedArray;
  readonly tiltLevels: Uint16Array;
}
export const TILT_LEVELS = 1024;

export const createView = (widthPx: number, heightPx: number): View => ({
  widthPx,
  heightPx,
  rgb: new Uint8ClampedArray(widthPx * heightPx * 3),
  tiltLevels: new Uint16Array(widthPx * heightPx),
});

/** Panorama coordinates (column, row; pixel centres whole) of a ray. `shift` is the place of full-size pixel 0's centre. */
const locate = (
  m: Matrix3,
  x: number,
  y: number,
  { widthPx, heightPx }: Panorama,
  shift: number,
): [number, number] => {
  const north = m[0] * x + m[1] * y + m[2];
  const east = m[3] * x + m[4] * y + m[5];
  const down = m[6] * x + m[7] * y + m[8];
  return [
    (atan2(east, north) / (2 * Math.PI) + 0.5) * widthPx - shift,
    (atan2(down, sqrt(north * north + east * east)) / Math.PI + 0.5) * heightPx - shift,
  ];
};

/** Panorama coordinates of every node of the grid. */
const locateNodes = (
  m: Matrix3,
  grid: RayGrid,
  panorama: Panorama,
  shift: number,
): [Float64Array, Float64Array] => {
  const columns = new Float64Array(grid.x.length);
  const rows = new Float64Array(grid.x.length);
  for (let node = 0; node < columns.length; node++) {
    [columns[node], rows[node]] = locate(m, grid.x[node]!, grid.y[node]!, panorama, shift);
  }
  return [columns, rows];
};

/** `value` moved by whole turns to lie next to `near`. */
const nextTo = (near: number, value: number, turn: number): number => {
  if (value - near > turn / 2) return value - turn;
  return near - value > turn / 2 ? value + turn : value;
};

/** Takes one pixel's colour out of the panorama, bilinear, and writes it with its tilt. */
const sample = (panorama: Panorama, column: number, row: number, view: View, pixel: number): void => {
  const { widthPx, heightPx, rgb } = panorama;
  const left = floor(column);
  const top = floor(row);
  const right256 = ((column - left) * 256) | 0;
  const down256 = ((row - top) * 256) | 0;
  let a = left % widthPx;
  if (a < 0) a += widthPx;
  const b = a + 1 === widthPx ? 0 : a + 1;
  const topRow = top < 0 ? 0 : top >= heightPx ? heightPx - 1 : top;
  const upper = topRow * widthPx;
  const lower = (top + 1 < 0 ? 0 : top + 1 >= heightPx ? heightPx - 1 : top + 1) * widthPx;
  const ul = (upper + a) * 3;
  const ur = (upper + b) * 3;
  const ll = (lower + a) * 3;
  const lr = (lower + b) * 3;
  const wul = (256 - right256) * (256 - down256);
  const wur = right256 * (256 - down256);
  const wll = (256 - right256) * down256;
  const wlr = right256 * down256;
  const to = pixel * 3;
  const out = view.rgb;
  out[to] = (rgb[ul]! * wul + rgb[ur]! * wur + rgb[ll]! * wll + rgb[lr]! * wlr + 32768) >> 16;
  out[to + 1] =
    (rgb[ul + 1]! * wul + rgb[ur + 1]! * wur + rgb[ll + 1]! * wll + rgb[lr + 1]! * wlr + 32768) >> 16;
  out[to + 2] =
    (rgb[ul + 2]! * wul + rgb[ur + 2]! * wur + rgb[ll + 2]! * wll + rgb[lr + 2]! * wlr + 32768) >> 16;
  view.tiltLevels[pixel] = (topRow * TILT_LEVELS) / heightPx;
};

/**
 * Renders what a camera with rays `grid` and attitude `m` (earthFromCamera) sees. Exact panorama coordinates at every
 * fourth pixel, straight lines between (error below 0.005 px), each pixel exactly where the cell is too wide for that.
 * `shift`: 0 for a full-size panorama, 0.25 for {@link halfPanorama}.
 */
export const renderView = (
  panorama: Panorama,
  grid: RayGrid,
  m: Matrix3,
  shift: number,
  view: View,
): void => {
  const [columns, rows] = locateNodes(m, grid, panorama, shift);
  for (let v = 0; v < view.heightPx; v++) {
    const nodeRow = floor(v / NODE_STEP_PX) * grid.columns;
    const down = (v % NODE_STEP_PX) / NODE_STEP_PX;
    for (let u = 0; u < view.widthPx; u += NODE_STEP_PX) {
      const a = nodeRow + u / NODE_STEP_PX;
      const c = a + grid.columns;
      const upperLeft = columns[a]!;
      const upperRight = nextTo(upperLeft, columns[a + 1]!, panorama.widthPx);
      const lowerLeft = nextTo(upperLeft, columns[c]!, panorama.widthPx);
      const lowerRight = nextTo(upperLeft, columns[c + 1]!, panorama.widthPx);
      const spread = abs(upperRight - upperLeft) + abs(lowerLeft - upperLeft) + abs(lowerRight - upperLeft);
      if (spread > MAX_CELL_PX) {
        renderCellRow(panorama, grid, m, shift, view, u, v);
        continue;
      }
      let column = upperLeft + (lowerLeft - upperLeft) * down;
      const columnStep = (upperRight + (lowerRight - upperRight) * down - column) / NODE_STEP_PX;
      let row = rows[a]! + (rows[c]! - rows[a]!) * down;
      const rowStep = (rows[a + 1]! + (rows[c + 1]! - rows[a + 1]!) * down - row) / NODE_STEP_PX;
      const end = min(view.widthPx, u + NODE_STEP_PX);
      for (let pixel = u; pixel < end; pixel++, column += columnStep, row += rowStep) {
        sample(panorama, column, row, view, v * view.widthPx + pixel);
      }
    }
  }
};

/** One row of one cell, every pixel located exactly. */
const renderCellRow = (
  panorama: Panorama,
  grid: RayGrid,
  m: Matrix3,
  shift: number,
  view: View,
  u: number,
  v: number,
): void => {
  const a = floor(v / NODE_STEP_PX) * grid.columns + u / NODE_STEP_PX;
  const c = a + grid.columns;
  const down = (v % NODE_STEP_PX) / NODE_STEP_PX;
  for (let step = 0; step < NODE_STEP_PX && u + step < view.widthPx; step++) {
    const right = step / NODE_STEP_PX;
    const between = (of: Float64Array): number =>
      (of[a]! * (1 - right) + of[a + 1]! * right) * (1 - down) +
      (of[c]! * (1 - right) + of[c + 1]! * right) * down;
    const [column, row] = locate(m, between(grid.x), between(grid.y), panorama, shift);
    sample(panorama, column, row, view, v * view.widthPx + u + step);
  }
};
