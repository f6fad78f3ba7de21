import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import { eigenSymmetric } from '../../geometry/linear.js';
import { rotate, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import { encoderAxes, type HeadTerms, type PanTilt } from './pointing-model.js';

/** One standard error of what a device's axes stand off from what its encoders tell, radians. */
export interface EncoderSigma {
  readonly panRad: number;
  readonly tiltRad: number;
  /** About the axis across both, which no encoder reads: the head's play. */
  readonly playRad: number;
}

/** Where nothing tells of noise, none is made up: a fixed camera has no encoders at all. */
export const EXACT_ENCODERS: EncoderSigma = { panRad: 0, tiltRad: 0, playRad: 0 };

/** What is known of the noise before any tie: ordinary heads repeat to 0.006°, give or take a factor of 2.5 (log-normal). */
const [ORDINARY_RAD, ORDINARY_FACTOR] = [radFromDeg(0.006), 2.5];
/** No head stands more exactly than this where it is driven to, radians. */
const MIN_SIGMA_RAD = radFromDeg(0.0005);
const MAX_SIGMA_RAD = radFromDeg(0.5);

/** Noises that are weighed against each other, this many of them over the whole range, evenly in their logarithm. */
const CANDIDATES = 60;
/** A combination of the stops' errors of which less than this share shows tells nothing of the noise. */
const MIN_SHOWN = 0.001;

/** A combination of stops' errors as the ties alone have it, and the variance of that. */
interface ShownError {
  readonly error: number;
  readonly variance: number;
}

/**
 * The noise whose square is to be expected, from errors that are shown with variances of their own. That is larger than the likeliest
 * noise where few errors tell it: what is off by unknown noise has longer tails than a normal error has.
 */
const expectedNoise = (shown: readonly ShownError[]): number => {
  const candidates = Array.from({ length: CANDIDATES }, (_, i) => {
    const sigma = MIN_SIGMA_RAD * (MAX_SIGMA_RAD / MIN_SIGMA_RAD) ** (i / (CANDIDATES - 1));
    const prior = -((Math.log(sigma / ORDINARY_RAD) / Math.log(ORDINARY_FACTOR)) ** 2) / 2;
    const logLikelihood = shown.reduce((sum, { error, variance }) => {
      const total = sigma ** 2 + variance;
      return sum - (Math.log(total) + error ** 2 / total) / 2;
    }, prior);
    return { sigma, logLikelihood };
  });
  const likeliest = Math.max(...candidates.map(({ logLikelihood }) => logLikelihood));
  let [weights, squares] = [0, 0];
  for (const { sigma, logLikelihood } of candidates) {
    const weight = Math.exp(logLikelihood - likeliest);
    weights += weight;
    squares += weight * sigma ** 2;
  }
  return Math.sqrt(squares / weights);
};

/**
 * What ties alone say that stops err by, as errors that are independent of each other: along the principal axes of their covariance,
 * where the prior that all were given is taken back. Where it keeps a combination whole, ties say nothing of it.
 */
const shownErrors = (
  errors: readonly number[],
  covariance: Float64Array,
  assumedRad: number,
): ShownError[] => {
  const { values, vectors } = eigenSymmetric(covariance, errors.length);
  return [...values].flatMap((value, k): ShownError[] => {
    const left = Math.max(0, value) / assumedRad ** 2;
    if (1 - left < MIN_SHOWN) return [];
    const along = errors.reduce((sum, error, i) => sum + error * vectors[i * errors.length + k]!, 0);
    return [{ error: along / (1 - left), variance: (assumedRad ** 2 * left) / (1 - left) }];
  });
};

/**
 * How exact the encoders are, from what the ties say that each stop's err by: only so far as the ties can tell. A stop that nothing
 * ties shows no error, whatever its encoders do; of one that all others hold the whole error shows. `covariance` of all parameters,
 * the stops' own errors first, each about pan axis, tilt axis and across; `assumed` is what the encoders were taken to err by for it.
 */
export const encoderNoise = (
  own: readonly Vec3[],
  covariance: Float64Array,
  size: number,
  assumed: EncoderSigma,
): EncoderSigma => {
  const sigmaOf = (axis: 0 | 1 | 2, assumedRad: number): number => {
    // A camera that was never turned may have no encoders at all.
    if (own.length < 2) return MIN_SIGMA_RAD;
    return expectedNoise(shownErrors(own.map((error) => error[axis]), blockOf(axis), assumedRad)); // prettier-ignore
  };
  /** The covariance of all stops' errors about one axis. */
  const blockOf = (axis: 0 | 1 | 2): Float64Array => {
    const n = own.length;
    return Float64Array.from({ length: n * n }, (_, i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      return covariance[(3 * row + axis) * size + 3 * column + axis]!;
    });
  };
  return {
    panRad: sigmaOf(0, assumed.panRad),
    tiltRad: sigmaOf(1, assumed.tiltRad),
    playRad: sigmaOf(2, assumed.playRad),
  };
};

/**
 * What the encoders' errors at one capture do to the offset that it shows: covariance about the mount's x, y and z, radians²,
 * row by row. `turn` is the mount's rotation, about which the head's axes have turned.
 */
export const encoderCovariance = (
  { panRad, tiltRad, playRad }: EncoderSigma,
  head: HeadTerms,
  at: PanTilt,
  turn: Mat3,
): Float64Array => {
  const out = new Float64Array(9);
  // Which way a query's axes came is not known.
  const sigmas = [
    Math.hypot(panRad, head.panBacklash / 2),
    Math.hypot(tiltRad, head.tiltBacklash / 2),
    playRad,
  ];
  encoderAxes(head, at).forEach((axis, k) => {
    const v = rotate(turn, axis);
    for (let i = 0; i < 9; i++) out[i] = out[i]! + sigmas[k]! ** 2 * v[Math.floor(i / 3)]! * v[i % 3]!;
  });
  return out;
};

/** Encoders that scatter more leave too little of a usual threshold to measure against. */
const MAX_USABLE_RAD = radFromDeg(0.15);

/** Why a scan whose pictures turn otherwise than its encoders say cannot be a reference, or null when they agree. */
export const encoderFault = ({ panRad, tiltRad, playRad }: EncoderSigma): string | null => {
  const worst = Math.max(panRad, tiltRad, playRad);
  if (!(worst > MAX_USABLE_RAD)) return null;
  return (
    `The pictures turn otherwise than the telemetry says, by ${degFromRad(worst).toFixed(2)}° (one standard error): ` +
    'the mount moved during the scan, the telemetry is not in step, or its signs and units are wrong. Scan again.'
  );
};
