import { degFromRad, radFromDeg } from '../geometry/angles.js';
import { rotate, type Mat3, type Vec3 } from '../geometry/rotation.js';

/** One standard error of what a device's encoders tell, radians. */
export interface EncoderSigma {
  readonly panRad: number;
  readonly tiltRad: number;
}

/** Of the mount: x, y or z. */
export type Axis = 0 | 1 | 2;
const byAxis = (of: (axis: Axis) => number): Vec3 => [of(0), of(1), of(2)];

/** What a scan tells of its encoders' noise and of what that does to it; radians. */
export interface ScanNoise {
  /** Standard error of the encoders' angles, per axis, from what the stops turned against them. */
  readonly encoderSigmaRad: number;
  /** Standard errors of the common frame about the mount's x, y and z: the encoders' errors, averaged over the stops. */
  readonly frameSigmaRad: Vec3;
  /** Of every stop, standard errors of its place in that frame, about the same axes: large where hardly anything ties it. */
  readonly looseRad: readonly Vec3[];
}

/** With fewer stops' worth of turns to tell it, the encoders' noise is taken to be what was assumed, in part. */
const FEW_TURNS = 4;

/**
 * What the turns of the stops against their encoders tell of the encoders' noise: only so far as ties hold the stops. A stop that
 * nothing ties stays where its encoders have it, whatever their noise; of one that is held by all others the whole error shows
 * (variance components, Koch; what is not kept is a turn's redundancy). `keptOf` tells which share of its encoders' error a stop
 * keeps about an axis, 0 to 1; `assumedRad` is the noise that was assumed for that.
 */
export const scanNoise = (
  turns: readonly Vec3[],
  keptOf: (stop: number, axis: Axis) => number,
  assumedRad: number,
): ScanNoise => {
  const stops = turns.length;
  const variances = byAxis((axis) => {
    const squares = turns.reduce((sum, turn) => sum + turn[axis] ** 2, 0);
    const shown = turns.reduce((sum, _, stop) => sum + 1 - keptOf(stop, axis), 0);
    const assumed = Math.max(0, FEW_TURNS - shown);
    return (squares + assumed * assumedRad ** 2) / Math.max(1, shown + assumed);
  });
  const looseOf = (stop: number): Vec3 =>
    byAxis((axis) => Math.sqrt(variances[axis] * Math.max(0, keptOf(stop, axis) - 1 / stops)));
  return {
    encoderSigmaRad: Math.sqrt((variances[0] + variances[1] + variances[2]) / 3),
    frameSigmaRad: byAxis((axis) => Math.sqrt(variances[axis] / stops)),
    looseRad: turns.map((_, stop) => looseOf(stop)),
  };
};

/**
 * How exactly the encoders tell pan and tilt: from what the stops of the scan turned against them. `frameSigmaRad` is the
 * standard error of the scan's common frame about the mount's x, y and z, which is theirs averaged over the stops; tilt axes
 * lie in the horizontal plane, the pan axis is vertical.
 */
export const encoderSigmaOf = (frameSigmaRad: Vec3, stops: number): EncoderSigma => {
  const [x, y, z] = frameSigmaRad;
  return { panRad: z * Math.sqrt(stops), tiltRad: Math.hypot(x, y) * Math.sqrt(stops) };
};

/**
 * What the encoders' errors at the query's captures do to its offset: standard errors about the mount's x, y and z, radians.
 * Each capture is read anew, so their errors average. `claimed` are mountFromBody as telemetry tells them.
 */
export const encoderSigmaOfQuery = ({ panRad, tiltRad }: EncoderSigma, claimed: readonly Mat3[]): Vec3 => {
  const axes = claimed.map((mountFromBody) => rotate(mountFromBody, [0, 1, 0]));
  const about = (axis: 0 | 1): number =>
    (tiltRad * Math.sqrt(axes.reduce((sum, tiltAxis) => sum + tiltAxis[axis] ** 2, 0))) / claimed.length;
  return [about(0), about(1), panRad / Math.sqrt(claimed.length)];
};

/** Encoders that scatter more leave too little of a usual threshold to measure against. */
const MAX_ENCODER_SIGMA_RAD = radFromDeg(0.15);

/** Why a scan whose pictures turn otherwise than its encoders say cannot be a reference, or null when they agree. */
export const encoderFault = ({ panRad, tiltRad }: EncoderSigma): string | null => {
  const worst = Math.max(panRad, tiltRad);
  if (!(worst > MAX_ENCODER_SIGMA_RAD)) return null;
  return (
    `The pictures turn otherwise than the telemetry says, by ${degFromRad(worst).toFixed(2)}° (one standard error): ` +
    'the mount moved during the scan, the telemetry is not in step, or its signs and units are wrong. Scan again.'
  );
};
