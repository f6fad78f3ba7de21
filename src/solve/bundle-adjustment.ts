import { idealFromPixelJacobian, type Lens } from '../geometry/lens.js';
import { invertSymmetric, solveSymmetric } from '../geometry/linear.js';
import {
  cross,
  dot,
  exponential,
  logarithm,
  multiply,
  rotate,
  transpose,
  type Mat3,
  type Vec3,
} from '../geometry/rotation.js';
import { scanNoise, type Axis, type ScanNoise } from './encoder-noise.js';

/** The same point seen by two stops, as pixels. */
export interface Tie {
  readonly stopA: number;
  readonly stopB: number;
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

export interface BundleProblem {
  /** mountFromBody that the encoders claim. */
  readonly claimed: readonly Mat3[];
  /** Lens of every stop by index into `lenses`. */
  readonly lensOf: readonly number[];
  readonly lenses: readonly Lens[];
  /** False where the lens is given and stays. */
  readonly freeLens: boolean;
  readonly ties: readonly Tie[];
  /** Standard error of the encoders' angles, radians. */
  readonly encoderSigmaRad: number;
}

export interface BundleSolution extends ScanNoise {
  readonly rotations: readonly Mat3[];
  readonly lenses: readonly Lens[];
  /** Robust spread of one tie's residual per axis, px. */
  readonly sigmaPx: number;
  /** Residual of each tie, px. */
  readonly residualsPx: Float64Array;
  /** Standard error of the focal length per lens, relative; 0 when given. */
  readonly focalSigma: readonly number[];
}

const LENS_PARAMETERS = 3;
const ITERATIONS = 12;
/** A step this small, radians, adds nothing: a hundredth of what the pictures can tell. */
const CONVERGED = 2e-7;

interface State {
  readonly rotations: readonly Mat3[];
  readonly lenses: readonly Lens[];
}

interface Ray {
  readonly direction: Vec3;
  /** d(direction)/d(log focal, k1, k2), 3 columns of a 3-vector in the mount frame. */
  readonly byLens: readonly Vec3[];
}

/** Unit direction of a pixel in the mount frame and its derivatives by the lens. */
const rayOf = (rotation: Mat3, lens: Lens, u: number, v: number): Ray => {
  const { x, y, d } = idealFromPixelJacobian(lens, u, v);
  const inv = 1 / Math.sqrt(1 + x * x + y * y);
  const column = (k: number, scale: number): Vec3 => {
    const [dx, dy] = [d[k]! * scale, d[k + 3]! * scale];
    const along = (x * dx + y * dy) * inv * inv;
    return rotate(rotation, [-along * inv, (dx - x * along) * inv, (dy - y * along) * inv]);
  };
  return {
    direction: rotate(rotation, [inv, x * inv, y * inv]),
    byLens: [column(0, lens.focalPx), column(1, 1), column(2, 1)],
  };
};

/** Two unit vectors across a direction. */
const tangents = (m: Vec3): readonly [Vec3, Vec3] => {
  const ring = Math.hypot(m[0], m[1]);
  if (ring < 1e-6)
    return [
      [1, 0, 0],
      [0, 1, 0],
    ];
  const e1: Vec3 = [-m[1] / ring, m[0] / ring, 0];
  return [e1, cross(m, e1)];
};

const median = (values: Float64Array): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/**
 * Bundle adjustment of a scan: a rotation per stop with the encoders as prior and a lens per zoom level, such that ties agree
 * on the sphere (Brown & Lowe 2007, with bearings instead of one picture's pixels). Residuals are in pixels of the finer
 * picture; loss is Geman-McClure-like with a scale from the median residual, redone at every step.
 */
export const adjustBundle = (problem: BundleProblem): BundleSolution => {
  let state: State = { rotations: problem.claimed, lenses: problem.lenses };
  let normal = accumulate(problem, state, 1e9);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const scalePx = Math.max(0.3, spreadOf(normal.residualsPx)) * 3;
    normal = accumulate(problem, state, scalePx);
    const step = solveSymmetric(normal.hessian, normal.gradient, normal.size);
    if (step === null) break;
    state = apply(problem, state, step);
    if (Math.max(...step.map(Math.abs)) < CONVERGED) break;
  }
  return conclude(problem, state);
};

/** Spread per axis from the median length of 2-D residuals. */
const spreadOf = (residualsPx: Float64Array): number => median(residualsPx) / 1.1774;

interface Normal {
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;
  readonly size: number;
  readonly residualsPx: Float64Array;
}

const accumulate = (problem: BundleProblem, state: State, scalePx: number): Normal => {
  const stops = problem.claimed.length;
  const size = stops * 3 + (problem.freeLens ? problem.lenses.length * LENS_PARAMETERS : 0);
  const hessian = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  const residualsPx = new Float64Array(problem.ties.length);
  problem.ties.forEach((tie, index) => {
    residualsPx[index] = addTie(problem, state, tie, scalePx, hessian, gradient, size);
  });
  const weight = sigmaWeight(residualsPx) / problem.encoderSigmaRad ** 2;
  for (let stop = 0; stop < stops; stop++) addPrior(problem, state, stop, weight, hessian, gradient, size);
  return { hessian, gradient, size, residualsPx };
};

/** Ties count with weight 1 per px²; the prior is brought to the same scale by the ties' own variance. */
const sigmaWeight = (residualsPx: Float64Array): number => Math.max(0.05, spreadOf(residualsPx)) ** 2;

const addPrior = (
  problem: BundleProblem,
  state: State,
  stop: number,
  weight: number,
  hessian: Float64Array,
  gradient: Float64Array,
  size: number,
): void => {
  const w = logarithm(multiply(state.rotations[stop]!, transpose(problem.claimed[stop]!)));
  for (let k = 0; k < 3; k++) {
    const at = stop * 3 + k;
    hessian[at * size + at] = hessian[at * size + at]! + weight;
    gradient[at] = gradient[at]! - weight * w[k]!;
  }
};

const addTie = (
  problem: BundleProblem,
  state: State,
  tie: Tie,
  scalePx: number,
  hessian: Float64Array,
  gradient: Float64Array,
  size: number,
): number => {
  const [lensA, lensB] = [problem.lensOf[tie.stopA]!, problem.lensOf[tie.stopB]!];
  const a = rayOf(state.rotations[tie.stopA]!, state.lenses[lensA]!, tie.ax, tie.ay);
  const b = rayOf(state.rotations[tie.stopB]!, state.lenses[lensB]!, tie.bx, tie.by);
  const focal = Math.min(state.lenses[lensA]!.focalPx, state.lenses[lensB]!.focalPx);
  const axes = tangents(a.direction);
  const difference: Vec3 = [
    a.direction[0] - b.direction[0],
    a.direction[1] - b.direction[1],
    a.direction[2] - b.direction[2],
  ];
  const length = focal * Math.hypot(...difference);
  const weight = 1 / (1 + (length / scalePx) ** 2) ** 2;
  const lensBase = problem.claimed.length * 3;
  const columns = new Int32Array(12);
  const jacobian = new Float64Array(12);
  for (const axis of axes) {
    const turnA = cross(a.direction, axis);
    const turnB = cross(b.direction, axis);
    for (let k = 0; k < 3; k++) {
      columns[k] = tie.stopA * 3 + k;
      jacobian[k] = focal * turnA[k]!;
      columns[3 + k] = tie.stopB * 3 + k;
      jacobian[3 + k] = -focal * turnB[k]!;
      columns[6 + k] = lensBase + lensA * LENS_PARAMETERS + k;
      jacobian[6 + k] = focal * dot(a.byLens[k]!, axis);
      columns[9 + k] = lensBase + lensB * LENS_PARAMETERS + k;
      jacobian[9 + k] = -focal * dot(b.byLens[k]!, axis);
    }
    addRow(
      columns,
      jacobian,
      problem.freeLens ? 12 : 6,
      focal * dot(difference, axis),
      weight,
      hessian,
      gradient,
      size,
    );
  }
  return length;
};

const addRow = (
  columns: Int32Array,
  jacobian: Float64Array,
  used: number,
  residual: number,
  weight: number,
  hessian: Float64Array,
  gradient: Float64Array,
  size: number,
): void => {
  for (let i = 0; i < used; i++) {
    const row = columns[i]! * size;
    const scaled = weight * jacobian[i]!;
    gradient[columns[i]!] = gradient[columns[i]!]! - scaled * residual;
    // The lower half alone: the solver reads no more.
    for (let j = 0; j < used; j++) {
      if (columns[j]! <= columns[i]!)
        hessian[row + columns[j]!] = hessian[row + columns[j]!]! + scaled * jacobian[j]!;
    }
  }
};

const apply = (problem: BundleProblem, state: State, step: Float64Array): State => {
  const base = problem.claimed.length * 3;
  const lenses = !problem.freeLens
    ? state.lenses
    : state.lenses.map((lens, index) => {
        const at = base + index * LENS_PARAMETERS;
        return {
          ...lens,
          focalPx: lens.focalPx * Math.exp(Math.max(-0.1, Math.min(0.1, step[at]!))),
          k1: lens.k1 + step[at + 1]!,
          k2: lens.k2 + step[at + 2]!,
        };
      });
  const rotations = state.rotations.map((rotation, stop) =>
    multiply(exponential([step[stop * 3]!, step[stop * 3 + 1]!, step[stop * 3 + 2]!]), rotation),
  );
  return { rotations, lenses };
};

const conclude = (problem: BundleProblem, state: State): BundleSolution => {
  const first = accumulate(problem, state, 1e9);
  const sigmaPx = spreadOf(first.residualsPx);
  const normal = accumulate(problem, state, Math.max(0.3, sigmaPx) * 3);
  const covariance = invertSymmetric(normal.hessian, normal.size);
  const varianceAt = (at: number): number =>
    covariance === null ? 0 : Math.max(0, covariance[at * normal.size + at]!);
  const base = problem.claimed.length * 3;
  const focalSigma = problem.lenses.map((_, index) =>
    problem.freeLens ? Math.sqrt(varianceAt(base + index * LENS_PARAMETERS)) * sigmaPx : 0,
  );
  const turns = state.rotations.map((rotation, stop) =>
    logarithm(multiply(rotation, transpose(problem.claimed[stop]!))),
  );
  const prior = sigmaWeight(normal.residualsPx) / problem.encoderSigmaRad ** 2;
  // Where the whole cannot be solved, nothing holds any stop.
  const kept = (stop: number, axis: Axis): number =>
    covariance === null ? 1 : Math.min(1, prior * varianceAt(stop * 3 + axis));
  return {
    ...state,
    sigmaPx,
    residualsPx: normal.residualsPx,
    focalSigma,
    ...scanNoise(turns, kept, problem.encoderSigmaRad),
  };
};
