import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import { type Refined, turnSigmaRad } from '../estimation/rotation-refinement.js';
import type { Observation } from '../model/observation.js';

export const MAX_LOG10_NFA = -6;
/** Sought in the whole scan and at five rolls, a thousand times as much may agree by chance as where telemetry says. */
const MAX_LOG10_NFA_ANYWHERE = -9;
/** Where the place has many of a kind, matches do not agree independently of one another: some of them do wherever it is. */
const MAX_LOG10_NFA_OF_REPEATS = -12;
const MIN_INLIERS = 15;
const MIN_CELLS = 6;
/** Overlays live in the corners: so many cells must lie elsewhere. */
const MIN_INNER_CELLS = 3;
const MAX_RESIDUAL_PX = 5;
/**
 * Every point that agrees adds so much evidence at least (log10). Bricks, tiles and windows agree by the hundred wherever they are,
 * each with hardly more than chance: 0.25 a point was seen about where telemetry says, 0.56 in the whole scan, and 0.92 where the place
 * was known to have many of them. Right answers had 0.3 at least, in another season, 0.77 and 1.05.
 */
const MIN_LOG10_A_POINT = { near: 0.28, anywhere: 0.7, ofRepeats: 1 };
const COLUMNS = 8;
const ROWS = 6;

const isCorner = (column: number, row: number): boolean =>
  (column < 2 || column >= COLUMNS - 2) && (row < 2 || row >= ROWS - 2);

/** Image cells that the observations fall into, and those outside the corners. */
const countCells = (
  observations: readonly Observation[],
  widthPx: number,
  heightPx: number,
): { readonly all: number; readonly inner: number } => {
  const all = new Set<string>();
  const inner = new Set<string>();
  for (const { x, y } of observations) {
    const column = Math.min(COLUMNS - 1, Math.floor((x / widthPx) * COLUMNS));
    const row = Math.min(ROWS - 1, Math.floor((y / heightPx) * ROWS));
    const key = `${column},${row}`;
    all.add(key);
    if (!isCorner(column, row)) inner.add(key);
  }
  return { all: all.size, inner: inner.size };
};

export interface Evidence {
  readonly refined: Refined;
  readonly inliers: readonly Observation[];
  readonly log10Nfa: number;
  /** Whether it was found about where telemetry says. */
  readonly isNear: boolean;
  /** Of the points that agree with the answer itself. */
  readonly finalLog10Nfa: number;
  /** Whether they are of things of which the place has many. */
  readonly restsOnRepeats: () => boolean;
  /** Most inliers that a wrong rotation nearby gathers. */
  readonly decoyInliers: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly thresholdDeg: number;
}

/** Why standard errors are too large to tell an offset beyond the threshold from none, or null when they are not. */
export const uncertaintyOf = (sigmaRad: readonly number[], thresholdDeg: number): string | null => {
  const sigma = Math.max(...sigmaRad);
  return sigma < radFromDeg(thresholdDeg) / 3
    ? null
    : `too uncertain: standard error ${degFromRad(sigma).toFixed(2)}° against a threshold of ${thresholdDeg}°`;
};

/** Why the evidence does not carry an answer, or null when it does. */
export const rejectionOf = (evidence: Evidence): string | null => {
  const { refined, inliers, thresholdDeg } = evidence;
  if (inliers.length < MIN_INLIERS) return `no match with the scan: only ${inliers.length} points agree`;
  const mostNfa = evidence.isNear ? MAX_LOG10_NFA : MAX_LOG10_NFA_ANYWHERE;
  if (evidence.log10Nfa > mostNfa) return 'no match with the scan: what agrees could be chance';
  const aPoint = -evidence.finalLog10Nfa / inliers.length;
  if (aPoint < (evidence.isNear ? MIN_LOG10_A_POINT.near : MIN_LOG10_A_POINT.anywhere))
    return 'no match with the scan: what agrees does so too loosely';
  const isFeeble = evidence.log10Nfa > MAX_LOG10_NFA_OF_REPEATS || aPoint < MIN_LOG10_A_POINT.ofRepeats;
  if ((isFeeble && evidence.restsOnRepeats()) || inliers.length < 1.6 * evidence.decoyInliers)
    return 'ambiguous: a repeating pattern agrees with several rotations';
  const cells = countCells(inliers, evidence.widthPx, evidence.heightPx);
  if (cells.all < MIN_CELLS || cells.inner < MIN_INNER_CELLS) {
    return 'too little of the picture agrees: the rest is covered, changed or an overlay';
  }
  if (!refined.converged) return 'unstable: the points that agree do not settle on one rotation';
  if (refined.sigmaPx > MAX_RESIDUAL_PX) {
    return `unstable: residuals of ${refined.sigmaPx.toFixed(1)} px; the lens may have changed`;
  }
  return uncertaintyOf(turnSigmaRad(refined), thresholdDeg);
};
