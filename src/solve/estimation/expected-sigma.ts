import { invertSymmetric } from '../../geometry/linear.js';
import type { Mat3 } from '../../geometry/rotation.js';
import { encoderCovariance } from '../head/encoder-noise.js';
import type { Observation } from '../model/observation.js';
import type { ScanModel } from '../model/reference.js';
import { NormalEquations } from './robust-least-squares.js';
import { emptyRow, fillResidual, TURN_PARAMETERS as N, turnedView } from './rotation-refinement.js';
import { covarianceByScan, influenceOfScan, type TakenFrom } from './scan-influence.js';
import { eulerSigmaRad } from './turn-covariance.js';

/** A check in good light has so many points, and each is right to so much, px. */
const [USUAL_POINTS, USUAL_SIGMA_PX] = [150, 0.5];
/** Prior standard error of the log focal scale. */
const FOCAL_SIGMA = 0.004;
const COLUMNS = Int32Array.of(0, 1, 2, 3);

/**
 * The largest standard error of yaw, pitch and roll that a check has to expect which sees these landmarks, radians: of its picture, of
 * the encoders when it is taken, and of the scan.
 */
export const expectedTurnSigma = (
  scan: ScanModel,
  from: TakenFrom,
  rotation: Mat3,
  observations: readonly Pick<Observation, 'landmark' | 'landmarkId' | 'x' | 'y'>[],
): number => {
  const turn = { rotation, focalScale: 1 };
  const normal = new NormalEquations(N);
  const view = turnedView(from, turn);
  const row = emptyRow();
  const weight = USUAL_POINTS / Math.max(1, observations.length) / USUAL_SIGMA_PX ** 2;
  for (const observation of observations) {
    if (!fillResidual(observation, view, row)) continue;
    normal.add(COLUMNS, row.ju, 0, weight);
    normal.add(COLUMNS, row.jv, 0, weight);
  }
  normal.addPrior(3, 0, 1 / FOCAL_SIGMA ** 2);
  const covariance = invertSymmetric(normal.hessian, N);
  if (covariance === null) return Infinity;
  const weights = new Float64Array(observations.length).fill(weight);
  const fitted = { ...turn, information: normal.hessian, weights, observations };
  const byScan = covarianceByScan(scan.posterior, influenceOfScan(scan, from, fitted), N);
  const byEncoders = encoderCovariance(scan.encoders, scan.head, from.at, rotation);
  for (let at = 0; at < N * N; at++) {
    covariance[at] = covariance[at]! + byScan[at]!;
    const [i, j] = [Math.floor(at / N), at % N];
    if (i < 3 && j < 3) covariance[at] = covariance[at]! + byEncoders[i * 3 + j]!;
  }
  return Math.max(...eulerSigmaRad(rotation, covariance, N));
};
