import type { PtzPosition } from '../ports/telemetry.js';

/** Positions of one axis: a list, or from … to with a step or a count. */
type GridAxis =
  | readonly number[]
  | {
      readonly from: number;
      readonly to: number;
      readonly step?: number | undefined;
      readonly count?: number | undefined;
    };

interface StopGrid {
  readonly pan: GridAxis;
  readonly tilt: GridAxis;
  readonly zoom: GridAxis;
}

const FULL_CIRCLE_DEG = 360;
const TOLERANCE = 1e-9;
const isList = (axis: GridAxis): axis is readonly number[] => Array.isArray(axis);

/** Without the digits that binary fractions leave behind. */
const rounded = (value: number): number => Number(value.toFixed(9));

/** The positions of one axis in their order; a full circle leaves out its seam, where the first stands already. */
const positionsOf = (axis: GridAxis): readonly number[] => {
  if (isList(axis)) return axis;
  const { from, to, count } = axis;
  const span = to - from;
  const isCircle = span >= FULL_CIRCLE_DEG - TOLERANCE;
  const step = axis.step ?? span / Math.max(1, (count ?? 2) - (isCircle ? 0 : 1));
  const intervals = step > 0 ? Math.floor(span / step + TOLERANCE) : 0;
  const all = Array.from({ length: intervals + 1 }, (_, index) => rounded(from + index * step));
  return isCircle ? all.filter((value) => value - from < FULL_CIRCLE_DEG - TOLERANCE) : all;
};

/** How many stops a grid has. */
export const gridSize = (grid: StopGrid): number =>
  [grid.pan, grid.tilt, grid.zoom].reduce((size, axis) => size * positionsOf(axis).length, 1);

const lengthOf = (values: readonly number[]): number =>
  values.reduce((sum, value, index) => sum + Math.abs(value - (values[index - 1] ?? value)), 0);

/** Every pair of an outer and an inner value, the inner ones forth and back in turn. */
const snake = (outer: readonly number[], inner: readonly number[]): [number, number][] =>
  outer.flatMap((value, row) =>
    (row % 2 === 0 ? inner : inner.toReversed()).map((other): [number, number] => [value, other]),
  );

/** Rows of pan or columns of tilt, whichever is the shorter way. */
const panTilts = (pans: readonly number[], tilts: readonly number[]): [number, number][] => {
  const byRowsDeg = tilts.length * lengthOf(pans) + lengthOf(tilts);
  const byColumnsDeg = pans.length * lengthOf(tilts) + lengthOf(pans);
  if (byColumnsDeg < byRowsDeg) return snake(pans, tilts);
  return snake(tilts, pans).map(([tiltDeg, panDeg]) => [panDeg, tiltDeg]);
};

/** All stops of a grid in the order of the shortest way; every second zoom goes the way back. */
export const expandGrid = (grid: StopGrid): PtzPosition[] => {
  const way = panTilts(positionsOf(grid.pan), positionsOf(grid.tilt));
  return positionsOf(grid.zoom).flatMap((zoom, layer) =>
    (layer % 2 === 0 ? way : way.toReversed()).map(([panDeg, tiltDeg]) => ({ panDeg, tiltDeg, zoom })),
  );
};
