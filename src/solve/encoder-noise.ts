import { degFromRad, radFromDeg } from '../geometry/angles.js';
import { rotate, type Mat3, type Vec3 } from '../geometry/rotation.js';

/** One standard error of what a device's encoders tell, radians. */
export interface EncoderSigma {
  readonly panRad: number;
  readonly tiltRad: number;
}

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
