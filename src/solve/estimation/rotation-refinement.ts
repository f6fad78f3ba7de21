import { type Lens, magnified, pixelFromBearing, pixelJacobian } from '../../geometry/lens.js';
import { invertSymmetric } from '../../geometry/linear.js';
import { exponential, type Mat3, multiply, rotate, transpose, type Vec3 } from '../../geometry/rotation.js';
import type { CaptureGeometry, Observation } from '../model/observation.js';
import {
  fitRobustly,
  type NormalEquations,
  type RobustFit,
  type RobustProblem,
  tukey,
} from './robust-least-squares.js';
import { eulerSigmaRad } from './turn-covariance.js';

/** Of the mount's rotation about x, y, z (left of it, radians) and the log focal scale. */
export const TURN_PARAMETERS = 4;

export interface Refined {
  readonly rotation: Mat3;
  /** True focal length over the expected one. */
  readonly focalScale: number;
  /** From the picture alone, {@link TURN_PARAMETERS} a side; null where it does not tell a rotation. */
  readonly covariance: Float64Array | null;
  /** The inverse of {@link information} is the covariance of independent points; errors of neighbours go together. */
  readonly information: Float64Array;
  /** What each observation counted. */
  readonly weights: Float64Array;
  /** Robust spread per axis, px. */
  readonly sigmaPx: number;
  readonly residualsPx: Float64Array;
  readonly converged: boolean;
}

/** Standard errors of yaw, pitch and roll from the picture alone, radians; Infinity where it tells none. */
export const turnSigmaRad = ({ rotation, covariance }: Pick<Refined, 'rotation' | 'covariance'>): Vec3 =>
  covariance === null ? [Infinity, Infinity, Infinity] : eulerSigmaRad(rotation, covariance, TURN_PARAMETERS);

export const focalScaleSigmaOf = ({ covariance }: Pick<Refined, 'covariance'>): number =>
  Math.sqrt(covariance?.[TURN_PARAMETERS ** 2 - 1] ?? Infinity);

const ITERATIONS = 30;
const CONVERGED_SIGMAS = 0.01;
const KEEP_SPREAD_AFTER = 15;
const TUKEY_SPREADS = 4.7;
const MIN_SIGMA_PX = 0.08;
/** A focal length this many standard errors off its prior counts half as much as one that is not. */
const PRIOR_SIGMAS = 10;
/** Image cells whose errors are taken as one: 8 × 6 a frame. */
const [CELL_COLUMNS, CELL_ROWS] = [8, 6];

/** A capture's lens and attitude under the present estimate. */
interface TurnedView {
  readonly lens: Lens;
  readonly bodyFromMount: Mat3;
}

/** A mount's rotation and what the focal length is multiplied by. */
type Turn = Pick<Refined, 'rotation' | 'focalScale'>;

export const turnedView = (
  { claimed, lens }: CaptureGeometry,
  { rotation, focalScale }: Turn,
): TurnedView => ({
  lens: magnified(lens, focalScale),
  bodyFromMount: transpose(multiply(rotation, claimed)),
});

/** Residual (predicted − seen) of an observation and its derivatives by {@link TURN_PARAMETERS}, u and v. */
interface ResidualRow {
  u: number;
  v: number;
  readonly ju: Float64Array;
  readonly jv: Float64Array;
}

export const emptyRow = (): ResidualRow => ({
  ...{ u: 0, v: 0 },
  ju: new Float64Array(TURN_PARAMETERS),
  jv: new Float64Array(TURN_PARAMETERS),
});

/** Writes the residual into `row`, which is used again and again; false behind the image plane. */
export const fillResidual = (
  { landmark, x, y }: Pick<Observation, 'landmark' | 'x' | 'y'>,
  { lens, bodyFromMount: m }: TurnedView,
  row: ResidualRow,
): boolean => {
  const body = rotate(m, landmark);
  const pixel = pixelFromBearing(lens, body);
  if (pixel === null) return false;
  const byBody = pixelJacobian(lens, body);
  const [lx, ly, lz] = landmark;
  for (let k = 0; k < 3; k++) {
    // d(R^T l) = R^T·(l × w): columns of bodyFromMount·[l]×.
    const [p, q] = [(k + 1) % 3, (k + 2) % 3];
    const [lp, lq] = k === 0 ? [ly, lz] : k === 1 ? [lz, lx] : [lx, ly];
    const forward = m[p]! * lq - m[q]! * lp;
    const right = m[3 + p]! * lq - m[3 + q]! * lp;
    const down = m[6 + p]! * lq - m[6 + q]! * lp;
    row.ju[k] = byBody[0]! * forward + byBody[1]! * right + byBody[2]! * down;
    row.jv[k] = byBody[3]! * forward + byBody[4]! * right + byBody[5]! * down;
  }
  row.ju[3] = pixel[0] - lens.centreX;
  row.jv[3] = pixel[1] - lens.centreY;
  row.u = pixel[0] - x;
  row.v = pixel[1] - y;
  return true;
};

export interface RefineProblem {
  readonly observations: readonly Observation[];
  readonly capture: CaptureGeometry;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Prior standard error of the log focal scale. */
  readonly focalPrior: number;
  /** How far from their landmark observations were looked for, px: wrong ones spread evenly over that disc. */
  readonly searchPx?: number;
  /** Residuals beyond so many spreads count nothing; 4.7 when omitted. */
  readonly rejectSpreads?: number;
}

const COLUMNS = Int32Array.of(0, 1, 2, 3);

class TurnFit implements RobustProblem<Turn> {
  readonly size = TURN_PARAMETERS;

  constructor(private readonly problem: RefineProblem) {}

  linearize(turn: Turn, normal: NormalEquations, weightOf: (length: number) => number): Float64Array {
    const { observations, capture, focalPrior } = this.problem;
    const view = turnedView(capture, turn);
    const row = emptyRow();
    const lengths = new Float64Array(observations.length).fill(Infinity);
    observations.forEach((observation, i) => {
      if (!fillResidual(observation, view, row)) return;
      lengths[i] = Math.hypot(row.u, row.v) / observation.spread;
      const weight = weightOf(lengths[i]) / observation.spread ** 2;
      if (weight === 0) return;
      normal.add(COLUMNS, row.ju, row.u, weight);
      normal.add(COLUMNS, row.jv, row.v, weight);
    });
    // Mostly the zoom is where it is said to be; where it is not it may be anywhere, and nothing should pull it back (Cauchy).
    const excess = Math.log(turn.focalScale);
    const surprise = excess / (PRIOR_SIGMAS * focalPrior);
    normal.addPrior(3, excess, 1 / focalPrior ** 2 / (1 + surprise ** 2));
    return lengths;
  }

  moved({ rotation, focalScale }: Turn, step: Float64Array): Turn {
    return {
      rotation: multiply(exponential([step[0]!, step[1]!, step[2]!]), rotation),
      focalScale: focalScale * Math.exp(Math.max(-0.05, Math.min(0.05, step[3]!))),
    };
  }
}

/** Part of the search disc's radius beyond which only wrong matches lie. */
const OUTER = 0.6;

/**
 * Spread per axis from the lengths of 2-D residuals: the radius that holds half of the right ones. Wrong ones, even over the
 * search disc, are counted in its outer ring and taken off.
 */
const robustSpread = (residualsPx: Float64Array, searchPx = Infinity): number => {
  const sorted = residualsPx.filter((length) => length < searchPx).sort();
  const outer = sorted.findIndex((length) => length > OUTER * searchPx);
  const inside = outer < 0 ? sorted.length : outer;
  const wrongPerPx2 = outer < 0 ? 0 : (sorted.length - inside) / (1 - OUTER ** 2) / searchPx ** 2;
  const right = inside - wrongPerPx2 * (OUTER * searchPx) ** 2;
  const half = sorted.findIndex((length, i) => i + 1 - wrongPerPx2 * length ** 2 >= right / 2);
  // Where hardly any are right the plain median must do.
  const at = outer >= 0 && right > 0.1 * inside && half >= 0 ? half : Math.floor(inside / 2);
  return Math.max(MIN_SIGMA_PX, (sorted[at] ?? 0) / 1.1774);
};

/**
 * The mount's rotation and a focal scale from one capture: iteratively reweighted least squares (Tukey) with an analytic Jacobian.
 * Covariance by the cluster-robust sandwich over image cells, since errors within a cell go together.
 */
export const refineRotation = (problem: RefineProblem, start: Mat3, startScale = 1): Refined => {
  const loss = tukey(problem.rejectSpreads ?? TUKEY_SPREADS);
  const fit = fitRobustly(
    new TurnFit(problem),
    { rotation: start, focalScale: startScale },
    {
      ...{ iterations: ITERATIONS, keepSpreadAfter: KEEP_SPREAD_AFTER, convergedSigmas: CONVERGED_SIGMAS },
      spreadOf: (lengths) => robustSpread(lengths, problem.searchPx),
      loss,
    },
  );
  const weights = Float64Array.from(
    problem.observations,
    ({ spread }, i) => loss(fit.lengths[i]! / fit.spread) / (fit.spread * spread) ** 2,
  );
  return {
    ...fit.state,
    covariance: sandwich(problem, fit, weights),
    information: fit.normal.hessian,
    weights,
    sigmaPx: fit.spread,
    residualsPx: fit.lengths,
    converged: fit.converged,
  };
};

/** What the points of every image cell pull at the answer with. */
const gradientsOfCells = (
  { observations, capture, widthPx, heightPx }: RefineProblem,
  turn: Turn,
  weights: Float64Array,
): Iterable<Float64Array> => {
  const cells = new Map<number, Float64Array>();
  const view = turnedView(capture, turn);
  const row = emptyRow();
  observations.forEach((observation, i) => {
    if (weights[i] === 0 || !fillResidual(observation, view, row)) return;
    const column = Math.min(CELL_COLUMNS - 1, Math.floor((observation.x / widthPx) * CELL_COLUMNS));
    const key = Math.min(CELL_ROWS - 1, Math.floor((observation.y / heightPx) * CELL_ROWS)) * CELL_COLUMNS + column; // prettier-ignore
    const cell = cells.get(key) ?? new Float64Array(TURN_PARAMETERS);
    cells.set(key, cell);
    for (let k = 0; k < TURN_PARAMETERS; k++)
      cell[k] = cell[k]! + weights[i]! * (row.ju[k]! * row.u + row.jv[k]! * row.v);
  });
  return cells.values();
};

/** H⁻¹ (Σ g gᵀ) H⁻¹ over cells, small-sample corrected, never below the plain covariance. */
const sandwich = (
  problem: RefineProblem,
  fit: RobustFit<Turn>,
  weights: Float64Array,
): Float64Array | null => {
  const n = TURN_PARAMETERS;
  const inverse = invertSymmetric(fit.normal.hessian, n);
  if (inverse === null) return null;
  const pulls = [...gradientsOfCells(problem, fit.state, weights)].map((gradient) =>
    Float64Array.from({ length: n }, (_, i) =>
      gradient.reduce((sum, g, j) => sum + inverse[i * n + j]! * g, 0),
    ),
  );
  const correction = pulls.length > 1 ? pulls.length / (pulls.length - 1) : 1e6;
  const out = Float64Array.from(
    { length: n * n },
    (_, at) => correction * pulls.reduce((sum, pull) => sum + pull[Math.floor(at / n)]! * pull[at % n]!, 0),
  );
  for (let i = 0; i < n; i++) out[i * (n + 1)] = Math.max(out[i * (n + 1)]!, inverse[i * (n + 1)]!);
  return out;
};
