import { pixelFromBearing, pixelJacobian, type Lens } from '../geometry/lens.js';
import { invertSymmetric, solveSymmetric } from '../geometry/linear.js';
import {
  exponential,
  multiply,
  rotate,
  toEuler,
  transpose,
  type Mat3,
  type Vec3,
} from '../geometry/rotation.js';

/** One feature and the landmark it shows. */
export interface Observation {
  readonly capture: number;
  readonly x: number;
  readonly y: number;
  /** Mount frame, unit. */
  readonly landmark: Vec3;
  /** Expected spread of this feature relative to the others (coarse features are less exact). */
  readonly spread: number;
}

/** What is fixed of a capture: where telemetry says it looked, and its lens. */
export interface CaptureGeometry {
  readonly claimed: Mat3;
  readonly lens: Lens;
}

export interface Refined {
  readonly rotation: Mat3;
  /** True focal length over the expected one. */
  readonly focalScale: number;
  readonly focalScaleSigma: number;
  /** Standard errors, radians: yaw, pitch, roll. */
  readonly sigmaRad: readonly [number, number, number];
  /** Robust spread per axis, px. */
  readonly sigmaPx: number;
  readonly residualsPx: Float64Array;
  readonly converged: boolean;
}

const PARAMETERS = 4;
const ITERATIONS = 30;
/** A step this small against the standard errors changes nothing that is told. */
const CONVERGED_SIGMAS = 0.01;
/** From so many iterations on the spread is kept: estimated anew with every step, the two may chase each other for ever. */
const KEEP_SPREAD_AFTER = 15;
const TUKEY = 4.7;
const MIN_SIGMA_PX = 0.08;
/** A focal length this many standard errors off its prior counts half as much as one that is not. */
const PRIOR_SIGMAS = 10;
/** Image cells whose errors are taken as one: 8 × 6 a frame. */
const CELL_COLUMNS = 8;
const CELL_ROWS = 6;

interface Row {
  u: number;
  v: number;
  /** d(u)/d(params), d(v)/d(params). */
  readonly ju: Float64Array;
  readonly jv: Float64Array;
}

const emptyRow = (): Row => ({
  u: 0,
  v: 0,
  ju: new Float64Array(PARAMETERS),
  jv: new Float64Array(PARAMETERS),
});

/** Residual (predicted − seen) of an observation and its Jacobian by (rotation vector, log focal scale). */
export const residualOf = (
  observation: Observation,
  geometry: CaptureGeometry,
  rotation: Mat3,
  focalScale: number,
): Row | null => {
  const row = emptyRow();
  return fillResidual(observation, turnedView(geometry, rotation, focalScale), row) ? row : null;
};

/** A capture's lens and attitude under the present estimate. */
interface TurnedView {
  readonly lens: Lens;
  readonly bodyFromMount: Mat3;
}

const turnedView = ({ claimed, lens }: CaptureGeometry, rotation: Mat3, focalScale: number): TurnedView => ({
  lens: { ...lens, focalPx: lens.focalPx * focalScale },
  bodyFromMount: transpose(multiply(rotation, claimed)),
});

/** Writes the residual into `row`, which is used again and again; false behind the image plane. */
const fillResidual = (
  { landmark, x, y }: Observation,
  { lens, bodyFromMount: m }: TurnedView,
  row: Row,
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

interface Problem {
  readonly observations: readonly Observation[];
  readonly captures: readonly CaptureGeometry[];
  /** Prior standard error of the log focal scale. */
  readonly focalPrior: number;
  /** How far from their landmark observations were looked for, px: wrong ones spread evenly over that disc. */
  readonly searchPx?: number;
  /** Residuals beyond so many spreads count nothing; 4.7 when omitted. */
  readonly rejectSpreads?: number;
}

interface Sums {
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;
  readonly residualsPx: Float64Array;
  /** Gradient of every image cell, PARAMETERS each. */
  readonly cells: Map<number, Float64Array>;
}

/** Weight of a residual that counts nothing from `reach` on. */
const tukey = (residual: number, reach: number): number => {
  const t = residual / reach;
  return t >= 1 ? 0 : (1 - t * t) ** 2;
};

const cellOf = (observation: Observation, lens: Lens): number => {
  const column = Math.min(
    CELL_COLUMNS - 1,
    Math.floor((observation.x / (2 * lens.centreX + 1)) * CELL_COLUMNS),
  );
  const row = Math.min(CELL_ROWS - 1, Math.floor((observation.y / (2 * lens.centreY + 1)) * CELL_ROWS));
  return (observation.capture * CELL_ROWS + row) * CELL_COLUMNS + column;
};

const accumulate = (problem: Problem, rotation: Mat3, focalScale: number, sigmaPx: number): Sums => {
  const hessian = new Float64Array(PARAMETERS * PARAMETERS);
  const gradient = new Float64Array(PARAMETERS);
  const cells = new Map<number, Float64Array>();
  const residualsPx = new Float64Array(problem.observations.length).fill(Infinity);
  const views = problem.captures.map((geometry) => turnedView(geometry, rotation, focalScale));
  const row = emptyRow();
  const reachPx = (problem.rejectSpreads ?? TUKEY) * sigmaPx;
  problem.observations.forEach((observation, index) => {
    const view = views[observation.capture]!;
    if (!fillResidual(observation, view, row)) return;
    residualsPx[index] = Math.hypot(row.u, row.v) / observation.spread;
    const weight = tukey(residualsPx[index], reachPx) / observation.spread ** 2;
    if (weight === 0) return;
    const key = cellOf(observation, view.lens);
    const cell = cells.get(key) ?? new Float64Array(PARAMETERS);
    cells.set(key, cell);
    for (let i = 0; i < PARAMETERS; i++) {
      const g = weight * (row.ju[i]! * row.u + row.jv[i]! * row.v);
      gradient[i] = gradient[i]! - g;
      cell[i] = cell[i]! - g;
      for (let j = 0; j < PARAMETERS; j++) {
        const at = i * PARAMETERS + j;
        hessian[at] = hessian[at]! + weight * (row.ju[i]! * row.ju[j]! + row.jv[i]! * row.jv[j]!);
      }
    }
  });
  // Mostly the zoom is where it is said to be; where it is not it may be anywhere, and nothing should pull it back (Cauchy).
  const surprise = Math.log(focalScale) / (PRIOR_SIGMAS * problem.focalPrior);
  const prior = (Math.max(MIN_SIGMA_PX, sigmaPx) / problem.focalPrior) ** 2 / (1 + surprise ** 2);
  hessian[15] = hessian[15]! + prior;
  gradient[3] = gradient[3]! - prior * Math.log(focalScale);
  return { hessian, gradient, residualsPx, cells };
};

/** Part of the search disc's radius beyond which only wrong matches lie. */
const OUTER = 0.6;

/**
 * Spread per axis from the lengths of 2-D residuals: the radius that holds half of the right ones. Wrong ones, even over the
 * search disc, are counted in its outer ring and taken off.
 */
export const robustSpread = (residualsPx: Float64Array, searchPx = Infinity): number => {
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
 * Iteratively reweighted least squares (Tukey) over all captures at once: one mount rotation and one focal scale, analytic
 * Jacobian. Standard errors by the cluster-robust sandwich over image cells, since errors within a cell go together.
 */
export const refineRotation = (problem: Problem, start: Mat3, startScale = 1): Refined => {
  let [rotation, focalScale] = [start, startScale];
  let sigmaPx = robustSpread(accumulate(problem, rotation, focalScale, 1e6).residualsPx, problem.searchPx);
  let converged = false;
  for (let iteration = 0; iteration < ITERATIONS && !converged; iteration++) {
    const sums = accumulate(problem, rotation, focalScale, sigmaPx);
    const step = solveSymmetric(sums.hessian, sums.gradient, PARAMETERS);
    if (step === null) break;
    rotation = multiply(exponential([step[0]!, step[1]!, step[2]!]), rotation);
    focalScale *= Math.exp(Math.max(-0.05, Math.min(0.05, step[3]!)));
    if (iteration < KEEP_SPREAD_AFTER) sigmaPx = robustSpread(sums.residualsPx, problem.searchPx);
    converged = isSmallStep(step, sums.hessian, sigmaPx);
  }
  const sums = accumulate(problem, rotation, focalScale, sigmaPx);
  const covariance = sandwich(sums, sigmaPx);
  return {
    rotation,
    focalScale,
    focalScaleSigma: Math.sqrt(covariance?.[15] ?? Infinity),
    sigmaRad: covariance === null ? [Infinity, Infinity, Infinity] : eulerSigma(rotation, covariance),
    sigmaPx,
    residualsPx: sums.residualsPx,
    converged,
  };
};

/** Whether a step is small against the standard errors that its own normal matrix gives: √(stepᵀ·H·step) in units of the spread. */
const isSmallStep = (step: Float64Array, hessian: Float64Array, sigmaPx: number): boolean => {
  let squared = 0;
  for (let i = 0; i < PARAMETERS; i++)
    for (let j = 0; j < PARAMETERS; j++) squared += step[i]! * hessian[i * PARAMETERS + j]! * step[j]!;
  return Math.sqrt(squared) < CONVERGED_SIGMAS * sigmaPx;
};

/** H⁻¹ (Σ g gᵀ) H⁻¹ over cells, small-sample corrected, never below the plain covariance. */
const sandwich = (sums: Sums, sigmaPx: number): Float64Array | null => {
  const inverse = invertSymmetric(sums.hessian, PARAMETERS);
  if (inverse === null) return null;
  const meat = new Float64Array(PARAMETERS * PARAMETERS);
  for (const g of sums.cells.values()) {
    for (let i = 0; i < PARAMETERS; i++) {
      for (let j = 0; j < PARAMETERS; j++)
        meat[i * PARAMETERS + j] = meat[i * PARAMETERS + j]! + g[i]! * g[j]!;
    }
  }
  const count = sums.cells.size;
  const correction = count > 1 ? count / (count - 1) : 1e6;
  const out = new Float64Array(PARAMETERS * PARAMETERS);
  for (let i = 0; i < PARAMETERS; i++) {
    for (let j = 0; j < PARAMETERS; j++) {
      let sum = 0;
      for (let k = 0; k < PARAMETERS; k++) {
        for (let l = 0; l < PARAMETERS; l++) {
          sum += inverse[i * PARAMETERS + k]! * meat[k * PARAMETERS + l]! * inverse[l * PARAMETERS + j]!;
        }
      }
      out[i * PARAMETERS + j] = sum * correction;
    }
    const plain = inverse[i * PARAMETERS + i]! * sigmaPx * sigmaPx;
    out[i * PARAMETERS + i] = Math.max(out[i * PARAMETERS + i]!, plain);
  }
  return out;
};

const eulerSigma = (rotation: Mat3, covariance: Float64Array): [number, number, number] => {
  const step = 1e-6;
  const base = toEuler(rotation);
  const jacobian = [0, 1, 2].map((k) => {
    const w: [number, number, number] = [0, 0, 0];
    w[k] = step;
    const moved = toEuler(multiply(exponential(w), rotation));
    return [
      (moved.yawRad - base.yawRad) / step,
      (moved.pitchRad - base.pitchRad) / step,
      (moved.rollRad - base.rollRad) / step,
    ];
  });
  return [0, 1, 2].map((angle) => {
    let variance = 0;
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        variance += jacobian[i]![angle]! * covariance[i * PARAMETERS + j]! * jacobian[j]![angle]!;
      }
    }
    return Math.sqrt(Math.max(0, variance));
  }) as [number, number, number];
};
