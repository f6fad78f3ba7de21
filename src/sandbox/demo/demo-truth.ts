import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import { exponential, toEuler } from '../../geometry/rotation.js';
import type { CheckOutcome } from '../../monitor/product.js';
import type { MountOffset } from '../camera/attitude.js';

/**
 * How far an axis of the answer may lie from the truth. A check may come to its place from the other side than the scan did: the whole
 * backlash, 0.02° at most, then lies between them, and no picture tells. As much again is three deviations of an encoder with steps
 * of 0.01° and 0.005° of noise. Of 4,000 such heads, scanned like the demo's and solved without any other error, 7 were farther off
 * than 0.03°, none than 0.04°.
 */
export const TOLERANCE_DEG = 0.04;

export const UNTURNED: MountOffset = { yawDeg: 0, pitchDeg: 0, rollDeg: 0 };

/** The turn of a mount whose pole leans over with its top towards an azimuth. */
export const leaning = (leanDeg: number, azimuthDeg: number): MountOffset => {
  const [lean, azimuth] = [radFromDeg(leanDeg), radFromDeg(azimuthDeg)];
  const turn = exponential([Math.sin(azimuth) * lean, -Math.cos(azimuth) * lean, 0]);
  const { yawRad, pitchRad, rollRad } = toEuler(turn);
  return { yawDeg: degFromRad(yawRad), pitchDeg: degFromRad(pitchRad), rollDeg: degFromRad(rollRad) };
};

/** The largest difference of an axis between what was found and what is true, degrees; null when nothing was found. */
export const errorDeg = ({ row }: CheckOutcome, truth: MountOffset): number | null => {
  const { yaw_offset: yaw, pitch_offset: pitch, roll_offset: roll } = row;
  if (yaw === null || pitch === null || roll === null) return null;
  return Math.max(
    Math.abs(yaw - truth.yawDeg),
    Math.abs(pitch - truth.pitchDeg),
    Math.abs(roll - truth.rollDeg),
  );
};

const trueVerdict = ({ yawDeg, pitchDeg, rollDeg }: MountOffset, thresholdDeg: number) =>
  Math.max(Math.abs(yawDeg), Math.abs(pitchDeg), Math.abs(rollDeg)) > thresholdDeg ? 'drifted' : 'ok';

/** Whether the verdict is the true one and the angles are as near as encoders and gears allow. */
export const matchesTruth = (outcome: CheckOutcome, truth: MountOffset): boolean => {
  const error = errorDeg(outcome, truth);
  return (
    error !== null &&
    error <= TOLERANCE_DEG &&
    outcome.verdict === trueVerdict(truth, outcome.device.thresholdDeg)
  );
};
