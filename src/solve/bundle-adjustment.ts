import { idealFromPixelJacobian, type Lens } from '../geometry/lens.js';
import { invertSymmetric } from '../geometry/linear.js';
import { cross, dot, rotate, transpose, type Mat3, type Vec3 } from '../geometry/rotation.js';
import { radFromDeg } from '../geometry/angles.js';
import { encoderNoise, type EncoderSigma } from './head/encoder-noise.js';
import {
  attitudeAtStop,
  attitudeByTerms,
  encoderAxes,
  HEAD_TERMS,
  withTermsAdded,
  type HeadTerm,
  type HeadTerms,
  type PanTilt,
} from './head/pointing-model.js';
import {
  fitRobustly,
  gemanMcClure,
  type NormalEquations,
  type RobustFit,
  type RobustProblem,
} from './estimation/robust-least-squares.js';
import {
  headColumns,
  layoutSize,
  lensColumns,
  ownColumn,
  type LensParameter,
  type ScanLayout,
} from './estimation/scan-layout.js';

/** The same point seen by two stops, as pixels. */
export interface Tie {
  readonly stopA: number;
  readonly stopB: number;
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

/** Everything that a scan determines. */
export interface ScanGeometry {
  readonly head: HeadTerms;
  /** What the encoders of every stop err by, radians about {@link encoderAxes}: pan, tilt, play. */
  readonly own: readonly Vec3[];
  /** One a zoom level. */
  readonly lenses: readonly Lens[];
}

export interface BundleProblem {
  /** What telemetry says of every stop. */
  readonly stops: readonly PanTilt[];
  /** Lens of every stop by index into the lenses. */
  readonly lensOf: readonly number[];
  readonly start: ScanGeometry;
  /** Terms of the head that are estimated; the others stay as they are. */
  readonly terms: readonly HeadTerm[];
  /** What is estimated of every lens. */
  readonly lensParameters: readonly LensParameter[];
  readonly ties: readonly Tie[];
  /** What the encoders are taken to err by; estimated anew from there. */
  readonly encoders: EncoderSigma;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface BundleSolution {
  readonly geometry: ScanGeometry;
  /** mountFromBody of every stop. */
  readonly rotations: readonly Mat3[];
  readonly layout: ScanLayout;
  /** Of all parameters, in the order of the layout. */
  readonly covariance: Float64Array;
  readonly encoders: EncoderSigma;
  /** Robust spread of one tie's residual per axis, px. */
  readonly sigmaPx: number;
  /** Residual of each tie, px. */
  readonly residualsPx: Float64Array;
}

/** What is known of any head before it is seen, one standard error: ordinary ones are built to some tenths of a degree. */
const AXIS_PRIOR_RAD = radFromDeg(0.5);
const TERM_PRIOR: Readonly<Record<HeadTerm, number>> = {
  tiltAxis: AXIS_PRIOR_RAD,
  tiltZero: AXIS_PRIOR_RAD,
  collimation: AXIS_PRIOR_RAD,
  roll: AXIS_PRIOR_RAD,
  panGain: 0.0025,
  tiltGain: 0.0025,
  eccentricitySin: radFromDeg(0.2),
  eccentricityCos: radFromDeg(0.2),
  flexure: radFromDeg(0.2),
  panBacklash: radFromDeg(0.1),
  tiltBacklash: radFromDeg(0.1),
};
/** The principal point lies within so much of the middle, as a share of the width. */
const CENTRE_PRIOR = 0.01;
/** A focal length that nothing shows may be half or twice as long; distortion moves the corner by a third at most. */
const [LOG_FOCAL_PRIOR, CORNER_PRIOR] = [0.7, 0.3];

const ITERATIONS = 12;
/** Of the encoders' noise, each time from what the ties then show of it. */
const NOISE_ROUNDS = 4;
const NOISE_SETTLED = 0.03;
/** Ties scatter by this at least, px. */
const MIN_SPREAD_PX = 0.1;
const LOSS_SPREADS = 3;
const CONVERGED_SIGMAS = 0.05;

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

const median = (values: Float64Array): number => Float64Array.from(values).sort()[values.length >> 1] ?? 0;

/** Spread per axis from the median length of 2-D residuals. */
const spreadOf = (residualsPx: Float64Array): number => Math.max(MIN_SPREAD_PX, median(residualsPx) / 1.1774);

/** Where a stop looks now, and how that moves with its own errors and the head's terms: axes of small rotations, mount frame. */
interface StopPose {
  readonly mountFromBody: Mat3;
  readonly bodyFromMount: Mat3;
  readonly axes: readonly Vec3[];
}

const poseOf = ({ head, own }: ScanGeometry, at: PanTilt, stop: number): StopPose => {
  const mountFromBody = attitudeAtStop(head, at, own[stop]!);
  const axes = [...encoderAxes(head, at), ...attitudeByTerms(head, at)];
  return { mountFromBody, bodyFromMount: transpose(mountFromBody), axes };
};

/** The columns that a tie between two stops depends on: what both depend on stands once. */
interface PairColumns {
  readonly columns: Int32Array;
  /** Of the head's terms and of the lenses' parameters, those that are estimated. */
  readonly terms: readonly number[];
  readonly lens: readonly number[];
  readonly isOneLens: boolean;
}

const isEstimated = (column: number): boolean => column >= 0;
const estimatedIn = (columns: Int32Array): number[] =>
  [...columns.keys()].filter((i) => isEstimated(columns[i]!));

const columnsOf = (
  layout: ScanLayout,
  [stopA, stopB]: readonly number[],
  [levelA, levelB]: readonly number[],
): PairColumns => {
  const head = headColumns(layout);
  const [lensA, lensB] = [lensColumns(layout, levelA!), lensColumns(layout, levelB!)];
  const isOneLens = levelA === levelB;
  const own = [ownColumn(stopA!), ownColumn(stopB!)].flatMap((first) => [first, first + 1, first + 2]);
  const shared = [...head, ...lensA, ...(isOneLens ? [] : lensB)].filter(isEstimated);
  return {
    columns: Int32Array.from([...own, ...shared]),
    ...{ terms: estimatedIn(head), lens: estimatedIn(lensA), isOneLens },
  };
};

class BundleFit implements RobustProblem<ScanGeometry> {
  readonly layout: ScanLayout;
  readonly size: number;
  private readonly columns = new Map<number, PairColumns>();

  constructor(
    private readonly problem: BundleProblem,
    private readonly encoders: EncoderSigma,
  ) {
    const { stops, terms, lensParameters, start } = problem;
    this.layout = { stops: stops.length, terms, lensParameters, levels: start.lenses.length };
    this.size = layoutSize(this.layout);
  }

  linearize(
    state: ScanGeometry,
    normal: NormalEquations,
    weightOf: (length: number) => number,
  ): Float64Array {
    const poses = this.problem.stops.map((at, stop) => poseOf(state, at, stop));
    const lengths = new Float64Array(this.problem.ties.length);
    this.problem.ties.forEach((tie, i) => {
      lengths[i] = this.addTie(tie, state, poses, normal, weightOf);
    });
    this.addPriors(state, normal);
    return lengths;
  }

  private addTie(
    tie: Tie,
    { lenses }: ScanGeometry,
    poses: readonly StopPose[],
    normal: NormalEquations,
    weightOf: (length: number) => number,
  ): number {
    const { lensOf } = this.problem;
    const poseA = poses[tie.stopA]!;
    const poseB = poses[tie.stopB]!;
    const lensA = lenses[lensOf[tie.stopA]!]!;
    const lensB = lenses[lensOf[tie.stopB]!]!;
    const a = rayOf(poseA.mountFromBody, lensA, tie.ax, tie.ay);
    const b = rayOf(poseB.mountFromBody, lensB, tie.bx, tie.by);
    const focalPx = Math.min(lensA.focalPx, lensB.focalPx);
    const difference: Vec3 = [
      a.direction[0] - b.direction[0],
      a.direction[1] - b.direction[1],
      a.direction[2] - b.direction[2],
    ];
    const length = focalPx * Math.sqrt(dot(difference, difference));
    const weight = weightOf(length);
    if (weight === 0) return length;
    const pair = this.columnsOfPair(tie.stopA, tie.stopB);
    const derivatives = new Float64Array(pair.columns.length);
    for (const across of tangents(a.direction)) {
      fillDerivatives(derivatives, pair, focalPx, a, b, poseA, poseB, across);
      normal.add(pair.columns, derivatives, focalPx * dot(difference, across), weight);
    }
    return length;
  }

  private columnsOfPair(stopA: number, stopB: number): PairColumns {
    const key = stopA * this.layout.stops + stopB;
    const { lensOf } = this.problem;
    const pair =
      this.columns.get(key) ?? columnsOf(this.layout, [stopA, stopB], [lensOf[stopA]!, lensOf[stopB]!]);
    this.columns.set(key, pair);
    return pair;
  }

  private addPriors(state: ScanGeometry, normal: NormalEquations): void {
    const { panRad, tiltRad, playRad } = this.encoders;
    const information = [panRad, tiltRad, playRad].map((sigma) => 1 / sigma ** 2);
    state.own.forEach((own, stop) =>
      own.forEach((error, axis) => normal.addPrior(ownColumn(stop) + axis, error, information[axis]!)),
    );
    headColumns(this.layout).forEach((column, i) => {
      const term = HEAD_TERMS[i]!;
      if (isEstimated(column)) normal.addPrior(column, state.head[term], 1 / TERM_PRIOR[term] ** 2);
    });
    state.lenses.forEach((lens, level) => this.addLensPriors(lens, level, normal));
  }

  private addLensPriors(lens: Lens, level: number, normal: NormalEquations): void {
    const { widthPx, heightPx, start } = this.problem;
    const corner = Math.hypot(widthPx, heightPx) / 2 / lens.focalPx;
    const centreSigma = CENTRE_PRIOR * widthPx;
    const excess = [
      Math.log(lens.focalPx / start.lenses[level]!.focalPx),
      ...[lens.k1, lens.k2, lens.centreX - (widthPx - 1) / 2, lens.centreY - (heightPx - 1) / 2],
    ];
    const sigmas = [LOG_FOCAL_PRIOR, CORNER_PRIOR / corner ** 2, CORNER_PRIOR / corner ** 4, centreSigma, centreSigma]; // prettier-ignore
    lensColumns(this.layout, level).forEach((column, k) => {
      if (isEstimated(column)) normal.addPrior(column, excess[k]!, 1 / sigmas[k]! ** 2);
    });
  }

  moved({ head, own, lenses }: ScanGeometry, step: Float64Array): ScanGeometry {
    const stepOf = (column: number): number => (isEstimated(column) ? step[column]! : 0);
    return {
      head: withTermsAdded(head, [...headColumns(this.layout)].map(stepOf)),
      own: own.map(([pan, tilt, play], stop): Vec3 => {
        const at = ownColumn(stop);
        return [pan + step[at]!, tilt + step[at + 1]!, play + step[at + 2]!];
      }),
      lenses: lenses.map((lens, level) => {
        const [focal, k1, k2, x, y] = [...lensColumns(this.layout, level)].map(stepOf);
        return {
          focalPx: lens.focalPx * Math.exp(Math.max(-0.1, Math.min(0.1, focal!))),
          ...{ k1: lens.k1 + k1!, k2: lens.k2 + k2! },
          ...{ centreX: lens.centreX + x!, centreY: lens.centreY + y! },
        };
      }),
    };
  }
}

/** Where a pixel looks, and what is needed to tell how that depends on the lens. */
interface Ray {
  /** Unit, mount frame. */
  readonly direction: Vec3;
  /** Ideal coordinates (right, down), their derivatives by the lens's five parameters, and the direction's length with forward 1. */
  readonly x: number;
  readonly y: number;
  readonly d: Float64Array;
  readonly inv: number;
}

const rayOf = (mountFromBody: Mat3, lens: Lens, u: number, v: number): Ray => {
  const { x, y, d } = idealFromPixelJacobian(lens, u, v);
  const inv = 1 / Math.sqrt(1 + x * x + y * y);
  return { ...{ x, y, d, inv }, direction: rotate(mountFromBody, [inv, x * inv, y * inv]) };
};

/** How far along a vector of the body's frame a ray moves with a parameter of the lens. */
const alongByLens = ({ x, y, d, inv }: Ray, along: Vec3, k: number): number => {
  const dx = d[k]!;
  const dy = d[k + 5]!;
  const shortening = (x * dx + y * dy) * inv * inv;
  return inv * ((dx - x * shortening) * along[1] + (dy - y * shortening) * along[2] - shortening * along[0]);
};

/** How a pixel's direction in the mount frame moves with the lens's five parameters. */
export const directionByLens = (mountFromBody: Mat3, lens: Lens, u: number, v: number): Vec3[] => {
  const ray = rayOf(mountFromBody, lens, u, v);
  return [0, 1, 2, 3, 4].map((k) =>
    rotate(mountFromBody, [
      alongByLens(ray, [1, 0, 0], k),
      alongByLens(ray, [0, 1, 0], k),
      alongByLens(ray, [0, 0, 1], k),
    ]),
  );
};

/** Writes how far along `across` the difference of two rays moves with each of the pair's parameters, times the focal length. */
const fillDerivatives = (
  derivatives: Float64Array,
  { terms, lens, isOneLens }: PairColumns,
  focalPx: number,
  a: Ray,
  b: Ray,
  poseA: StopPose,
  poseB: StopPose,
  across: Vec3,
): void => {
  const turnA = cross(a.direction, across);
  const turnB = cross(b.direction, across);
  for (let k = 0; k < 3; k++) {
    derivatives[k] = focalPx * dot(poseA.axes[k]!, turnA);
    derivatives[3 + k] = -focalPx * dot(poseB.axes[k]!, turnB);
  }
  let place = 6;
  for (const term of terms)
    derivatives[place++] = focalPx * (dot(poseA.axes[3 + term]!, turnA) - dot(poseB.axes[3 + term]!, turnB));
  const inA = rotate(poseA.bodyFromMount, across);
  const inB = rotate(poseB.bodyFromMount, across);
  for (const k of lens) {
    const byA = alongByLens(a, inA, k);
    const byB = alongByLens(b, inB, k);
    derivatives[place] = focalPx * (isOneLens ? byA - byB : byA);
    if (!isOneLens) derivatives[place + lens.length] = -focalPx * byB;
    place++;
  }
};

/**
 * Bundle adjustment of a scan: the head's terms, a lens a zoom level and what the encoders of each stop err by, such that ties agree
 * on the sphere (Brown & Lowe 2007, with bearings instead of one picture's pixels). Residuals are in pixels of the coarser picture,
 * with a loss on the scale of their median. How exact the encoders are is estimated as well, from how far the ties turn the stops
 * against them.
 */
export const adjustBundle = (problem: BundleProblem): BundleSolution => {
  let encoders = problem.encoders;
  let { start } = problem;
  let spread: number | undefined;
  for (let round = 1; ; round++) {
    const fit = new BundleFit(problem, encoders);
    const fitted = fitRobustly(fit, start, {
      ...{ iterations: ITERATIONS, spreadOf, convergedSigmas: CONVERGED_SIGMAS },
      ...(spread !== undefined && { startSpread: spread }),
      loss: gemanMcClure(LOSS_SPREADS),
    });
    const covariance = covarianceOf(fitted.normal);
    const noise = encoderNoise(fitted.state.own, covariance, fit.size, encoders);
    if (round === NOISE_ROUNDS || isSettled(encoders, noise))
      return conclude(problem, fit.layout, fitted, covariance, encoders);
    [encoders, start, spread] = [noise, fitted.state, fitted.spread];
  }
};

/** Priors hold every parameter, so that there always is one. */
const covarianceOf = ({ hessian, size }: NormalEquations): Float64Array => {
  const covariance = invertSymmetric(hessian, size);
  if (covariance === null) throw new Error('the information of a scan is not positive definite');
  return covariance;
};

const isSettled = (a: EncoderSigma, b: EncoderSigma): boolean =>
  (['panRad', 'tiltRad', 'playRad'] as const).every((axis) => Math.abs(Math.log(a[axis] / b[axis])) < NOISE_SETTLED); // prettier-ignore

const conclude = (
  { stops }: BundleProblem,
  layout: ScanLayout,
  { state, lengths, spread }: RobustFit<ScanGeometry>,
  covariance: Float64Array,
  encoders: EncoderSigma,
): BundleSolution => ({
  ...{ geometry: state, layout, covariance, encoders },
  rotations: stops.map((at, stop) => attitudeAtStop(state.head, at, state.own[stop]!)),
  sigmaPx: spread,
  residualsPx: lengths,
});
