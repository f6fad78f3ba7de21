import { exponential, multiply, toEuler, type Mat3, type Vec3 } from '../../geometry/rotation.js';

const STEP_RAD = 1e-6;

/**
 * Standard errors of yaw, pitch and roll, radians, from the covariance of a small rotation left of `rotation` about the mount's x, y
 * and z. `stride`: columns of the matrix whose upper left 3×3 that is.
 */
export const eulerSigmaRad = (rotation: Mat3, covariance: ArrayLike<number>, stride: number): Vec3 => {
  const base = toEuler(rotation);
  const jacobian = [0, 1, 2].map((k) => {
    const turn: Vec3 = [k === 0 ? STEP_RAD : 0, k === 1 ? STEP_RAD : 0, k === 2 ? STEP_RAD : 0];
    const moved = toEuler(multiply(exponential(turn), rotation));
    return [moved.yawRad - base.yawRad, moved.pitchRad - base.pitchRad, moved.rollRad - base.rollRad];
  });
  const sigmaOf = (angle: 0 | 1 | 2): number => {
    let variance = 0;
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        variance +=
          (jacobian[i]![angle]! * covariance[i * stride + j]! * jacobian[j]![angle]!) / STEP_RAD ** 2;
    return Math.sqrt(Math.max(0, variance));
  };
  return [sigmaOf(0), sigmaOf(1), sigmaOf(2)];
};
