import type { SolveAnswer } from '../../solve/model/answer.js';
import { offsetsOf } from '../text/wording.js';

/** Shares of the threshold that offsets and standard errors must not exceed for the answer to serve as a baseline. */
const OFFSET_SHARE = 1 / 3;
const SIGMA_SHARE = 1 / 10;

/** Whether the mount is beyond doubt where it was in the reference scan. */
export const isClearlyWithin = (answer: SolveAnswer, thresholdDeg: number): boolean => {
  const offsets = offsetsOf(answer);
  if (!answer.success || offsets === null || answer.sigma === null) return false;
  const { yawDeg, pitchDeg, rollDeg } = offsets;
  const isSmall = [yawDeg, pitchDeg, rollDeg].every(
    (offsetDeg) => Math.abs(offsetDeg) <= OFFSET_SHARE * thresholdDeg,
  );
  return isSmall && Object.values(answer.sigma).every((sigma) => sigma <= SIGMA_SHARE * thresholdDeg);
};
