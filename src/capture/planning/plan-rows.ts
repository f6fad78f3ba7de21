import { degFromRad, radFromDeg } from '../../geometry/angles.js';

/** [lowest, highest], degrees. */
export type RangeDeg = readonly [number, number];

/** What one picture of the widest zoom shows, degrees across its middle. */
export interface ViewDeg {
  readonly hfovDeg: number;
  readonly vfovDeg: number;
}

/** Stops along one axis at equal distances, degrees. */
export interface Spread {
  readonly count: number;
  readonly firstDeg: number;
  readonly stepDeg: number;
}

/** A row of stops at one tilt: how it spreads over pan. */
export interface Row extends Spread {
  readonly tiltDeg: number;
}

/** Neighbours overlap by at least 30 % of a picture … */
export const MAX_STEP = 0.7;
/** … and by at most 50 % where the ranges leave room for that. */
export const MIN_STEP = 0.5;
/** With three pans each stop has two neighbours in its row, and the scan tells a turn of pan from a wider lens. */
const MIN_PANS = 3;
const FULL_CIRCLE_DEG = 360;
/** No head is driven against its end stops: so much is left at each end, less of a small range and with a narrow view. */
const MARGIN_DEG = 1;
const MARGIN_OF_RANGE = 1 / 20;
const MARGIN_OF_VIEW = 1 / 10;
const ROUNDING = 1e-9;

export const spanOf = ([low, high]: RangeDeg): number => high - low;
export const middleOf = ([low, high]: RangeDeg): number => (low + high) / 2;
export const isCircle = (range: RangeDeg): boolean => spanOf(range) >= FULL_CIRCLE_DEG - ROUNDING;
export const positionsOf = ({ count, firstDeg, stepDeg }: Spread): number[] =>
  Array.from({ length: count }, (_, index) => firstDeg + index * stepDeg);

const marginOf = (range: RangeDeg, viewDeg: number): number =>
  Math.min(MARGIN_DEG, spanOf(range) * MARGIN_OF_RANGE, viewDeg * MARGIN_OF_VIEW);
const leastCount = (spanDeg: number, viewDeg: number): number =>
  Math.max(1, Math.ceil(spanDeg / (MAX_STEP * viewDeg) - ROUNDING));

/** So many stops over a range, each in the middle of its share; further apart where they would overlap by more than half. */
const spread = (range: RangeDeg, viewDeg: number, count: number): Spread => {
  const widest = (spanOf(range) - 2 * marginOf(range, viewDeg)) / Math.max(1, count - 1);
  const stepDeg = Math.max(spanOf(range) / count, Math.min(MIN_STEP * viewDeg, widest));
  return { count, stepDeg, firstDeg: middleOf(range) - (stepDeg * (count - 1)) / 2 };
};

/** The fewest stops, at least `least`, that cover a range with the overlap wanted. */
export const spreadOver = (range: RangeDeg, viewDeg: number, least: number): Spread =>
  spread(range, viewDeg, Math.max(least, leastCount(spanOf(range), viewDeg)));

/** From end to end: what stands between the stops of {@link spread} in the rows above and below, one stop more. */
const endToEnd = (range: RangeDeg, viewDeg: number, count: number): Spread => {
  const marginDeg = marginOf(range, viewDeg);
  const stepDeg = (spanOf(range) - 2 * marginDeg) / count;
  return { count: count + 1, stepDeg, firstDeg: range[0] + marginDeg };
};

/** Stops all around, none at the seam, where some heads have an end stop; the first is not repeated. */
const ring = ([low]: RangeDeg, count: number, staggered: boolean): Spread => {
  const stepDeg = FULL_CIRCLE_DEG / count;
  return { count, stepDeg, firstDeg: low + stepDeg * (staggered ? 3 / 4 : 1 / 4) };
};

/** How much pan a picture covers along its middle at a tilt, degrees: ever more towards the poles, where it sees all around. */
export const panWidthDeg = (hfovDeg: number, tiltDeg: number): number =>
  2 * degFromRad(Math.atan(Math.tan(radFromDeg(hfovDeg) / 2) / Math.cos(radFromDeg(tiltDeg))));

/**
 * One row with the fewest pans: their number goes with the cosine of the tilt. That pictures of steep rows lie askew costs less
 * than the overlap.
 */
const panRow = (panRange: RangeDeg, hfovDeg: number, tiltDeg: number, staggered: boolean): Spread => {
  const widthDeg = panWidthDeg(hfovDeg, tiltDeg);
  const closed = isCircle(panRange);
  const count = Math.max(MIN_PANS, leastCount(closed ? FULL_CIRCLE_DEG : spanOf(panRange), widthDeg));
  if (closed) return ring(panRange, count, staggered);
  const plain = spread(panRange, widthDeg, count);
  return staggered && plain.stepDeg > MIN_STEP * widthDeg ? endToEnd(panRange, widthDeg, count) : plain;
};

/** Rows of stops that cover the ranges, the lowest first, every second one staggered by half a step. */
export const rowsOver = (
  panRange: RangeDeg,
  tiltRange: RangeDeg,
  view: ViewDeg,
  leastRows: number,
): Row[] => {
  const tilts = spreadOver(tiltRange, view.vfovDeg, leastRows);
  return positionsOf(tilts).map((tiltDeg, row) => ({
    tiltDeg,
    ...panRow(panRange, view.hfovDeg, tiltDeg, row % 2 === 1),
  }));
};
