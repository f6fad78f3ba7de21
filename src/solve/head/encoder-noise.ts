import { degFromRad, radFromDeg } from '../../geometry/angles.js';
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

/** With fewer stops' worth of errors to tell it, the noise is taken to be that of an ordinary head, in part. */
const [FEW_ERRORS, ORDINARY_RAD] = [4, radFromDeg(0.003)];
/** No head stands more exactly than this where it is driven to, radians. */
const MIN_SIGMA_RAD = radFromDeg(0.0005);
const MAX_SIGMA_RAD = radFromDeg(0.5);

/**
 * How exact the encoders are, from what the ties say that each stop's err by: only so far as the ties can tell. A stop that nothing
 * ties shows no error, whatever its encoders do; of one that all others hold the whole error shows (variance components: Förstner,
 * Koch; what the prior does not keep is an error's redundancy). `covariance` of all parameters, the stops' own errors first, each
 * about pan axis, tilt axis and across; `assumed` is what the encoders were taken to err by for it.
 */
export const encoderNoise = (
  own: readonly Vec3[],
  covariance: Float64Array,
  size: number,
  assumed: EncoderSigma,
): EncoderSigma => {
  const sigmaOf = (axis: 0 | 1 | 2, assumedRad: number): number => {
    const kept = (stop: number): number => {
      const at = 3 * stop + axis;
      return Math.min(1, covariance[at * size + at]! / assumedRad ** 2);
    };
    const squares = own.reduce((sum, error) => sum + error[axis] ** 2, 0);
    const shown = own.reduce((sum, _, stop) => sum + 1 - kept(stop), 0);
    const missing = Math.max(0, FEW_ERRORS - shown);
    const variance = (squares + missing * ORDINARY_RAD ** 2) / (shown + missing);
    return Math.min(MAX_SIGMA_RAD, Math.max(MIN_SIGMA_RAD, Math.sqrt(variance)));
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
