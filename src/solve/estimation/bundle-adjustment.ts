import { invertSymmetric } from '../../geometry/linear.js';
import { dot, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import { consideringHead, type KnownHead } from './considered-head.js';
import {
  fitRobustly,
  gemanMcClure,
  NormalEquations,
  type RobustFit,
  type RobustProblem,
} from './robust-least-squares.js';
import { poseOf, type ScanGeometry, type StopPose, type Tie } from './scan-geometry.js';
import {
  headColumns,
  isEstimated,
  layoutSize,
  lensColumns,
  ownColumn,
  type LensParameter,
  type ScanLayout,
} from './scan-layout.js';
import { addPriors } from './scan-priors.js';
import { columnsOf, fillDerivatives, rayOf, tangents, type PairColumns } from './tie-residual.js';
import { encoderNoise, type EncoderSigma } from '../head/encoder-noise.js';
import { attitudeAtStop, withTermsAdded, type HeadTerm, type PanTilt } from '../head/pointing-model.js';

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
  /** How often, at most; 4 when omitted. */
  readonly noiseRounds?: number;
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

const ITERATIONS = 12;
/** Of the encoders' noise, each time from what the ties then show of it. */
export const NOISE_ROUNDS = 4;
const NOISE_SETTLED = 0.03;
/** Ties scatter by this at least, px. */
const MIN_SPREAD_PX = 0.1;
const LOSS_SPREADS = 3;
const CONVERGED_SIGMAS = 0.05;

const median = (values: Float64Array): number => Float64Array.from(values).sort()[values.length >> 1] ?? 0;

/** Spread per axis from the median length of 2-D residuals. */
const spreadOf = (residualsPx: Float64Array): number => Math.max(MIN_SPREAD_PX, median(residualsPx) / 1.1774);

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
    const { widthPx, heightPx, start } = this.problem;
    addPriors(state, normal, this.layout, this.encoders, { widthPx, heightPx, lenses: start.lenses });
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
    if (round >= (problem.noiseRounds ?? NOISE_ROUNDS) || isSettled(encoders, noise))
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

/**
 * The same solution, for a head that was taken as another scan found it: the covariance says what its uncertainty does to the stops.
 */
export const withKnownHead = (
  problem: BundleProblem,
  solution: BundleSolution,
  head: KnownHead,
): BundleSolution => {
  const { geometry, encoders, sigmaPx } = solution;
  const fit = new BundleFit({ ...problem, terms: head.terms }, encoders);
  const normal = new NormalEquations(fit.size);
  const loss = gemanMcClure(LOSS_SPREADS);
  fit.linearize(geometry, normal, (length) => loss(length / sigmaPx) / sigmaPx ** 2);
  const [n, t] = [3 * problem.stops.length, head.terms.length];
  const moves = new Float64Array(n * t);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < t; a++)
      for (let j = 0; j < n; j++)
        moves[i * t + a] =
          moves[i * t + a]! - solution.covariance[i * n + j]! * normal.hessian[(n + a) * fit.size + j]!;
  return { ...solution, layout: fit.layout, covariance: consideringHead(solution.covariance, moves, head) };
};
