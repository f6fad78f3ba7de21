import { invertSymmetric } from '../../src/geometry/linear.js';
import type { Mat3 } from '../../src/geometry/rotation.js';
import { TURN_PARAMETERS, type Refined } from '../../src/solve/estimation/rotation-refinement.js';

/** As exact about every axis, radians, and as exact in the focal length. */
export const turnCovariance = (sigmaRad: number, focalSigma = 0.001): Float64Array =>
  Float64Array.from({ length: TURN_PARAMETERS ** 2 }, (_, at) => {
    if (at % (TURN_PARAMETERS + 1) !== 0) return 0;
    return (at === TURN_PARAMETERS ** 2 - 1 ? focalSigma : sigmaRad) ** 2;
  });

/** What a picture says that tells this rotation so exactly; nothing of its points is kept. */
export const refinedAs = (
  rotation: Mat3,
  { sigmaRad = 1e-4, focalScale = 1, focalSigma = 0.001 } = {},
): Refined => {
  const covariance = turnCovariance(sigmaRad, focalSigma);
  return {
    ...{ rotation, focalScale, covariance, converged: true, sigmaPx: 0.4 },
    information: invertSymmetric(covariance, TURN_PARAMETERS)!,
    weights: new Float64Array(0),
    residualsPx: new Float64Array(0),
  };
};
