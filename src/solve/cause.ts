import { degFromRad } from '../geometry/angles.js';
import { logarithm, multiply, toEuler, transpose, type Mat3 } from '../geometry/rotation.js';
import type { Cause } from './answer.js';
import type { Refined } from './refine.js';

/** What one capture says on its own. */
export interface CaptureFinding {
  readonly claimed: Mat3;
  readonly refined: Refined;
  /** Standard error of its own attitude that pictures do not tell: the encoders' when it was taken, and the reference's there, radians. */
  readonly noiseRad: number;
}

/** Standard errors may be too small by a systematic part, radians. */
const FLOOR_RAD = 0.0001;
const MAX_CHI = 4;

/** Rotation of the head about its own tilt axis, radians, and what is left beyond it. */
const tiltSlipOf = ({ claimed, refined }: CaptureFinding): { slipRad: number; restRad: number } => {
  const headFromHead = multiply(multiply(transpose(claimed), refined.rotation), claimed);
  const [x, y, z] = logarithm(headFromHead);
  return { slipRad: y, restRad: Math.hypot(x, z) };
};

const sigmaOf = ({ refined, noiseRad }: CaptureFinding): number =>
  Math.hypot(Math.max(...refined.sigmaRad), noiseRad) + FLOOR_RAD;

/** The angle that the tilt encoder slipped by, and one standard error of it, radians. */
export interface TiltSlip {
  readonly slipRad: number;
  readonly sigmaRad: number;
}

/** Whether every capture turned about its own tilt axis by the same angle: the tilt encoder slipped. */
export const commonTiltSlip = (findings: readonly CaptureFinding[]): TiltSlip | null => {
  if (findings.length < 2) return null;
  const slips = findings.map(tiltSlipOf);
  const mean = slips.reduce((sum, { slipRad }) => sum + slipRad, 0) / slips.length;
  const fits = slips.every(
    ({ slipRad, restRad }, i) =>
      Math.abs(slipRad - mean) < MAX_CHI * sigmaOf(findings[i]!) && restRad < MAX_CHI * sigmaOf(findings[i]!),
  );
  const squares = findings.reduce((sum, finding) => sum + sigmaOf(finding) ** 2, 0);
  return fits ? { slipRad: mean, sigmaRad: Math.sqrt(squares) / findings.length } : null;
};

/** Whether a single look turned about its own tilt axis alone: the tilt encoder slipped, or the mount leans just that way. */
const isTiltAlone = (findings: readonly CaptureFinding[]): boolean =>
  findings.length === 1 && tiltSlipOf(findings[0]!).restRad < MAX_CHI * sigmaOf(findings[0]!);

/** Whether one mount rotation explains what each capture says on its own. */
export const captureAgree = (joint: Mat3, findings: readonly CaptureFinding[]): boolean =>
  findings.every((finding) => {
    const [x, y, z] = logarithm(multiply(finding.refined.rotation, transpose(joint)));
    return Math.hypot(x, y, z) < 6 * sigmaOf(finding) + 0.001;
  });

/** Names why the offset arose, as far as the captures can tell it apart. */
export const nameCause = (
  joint: Refined,
  findings: readonly CaptureFinding[],
  thresholdDeg: number,
  zoomObservable: boolean,
): Cause => {
  const zoomChange = Math.abs(joint.focalScale - 1);
  if (zoomObservable && zoomChange > Math.max(0.01, 5 * joint.focalScaleSigma)) return 'zoom_change';
  const { yawRad, pitchRad, rollRad } = toEuler(joint.rotation);
  const noiseRad = Math.hypot(...findings.map((finding) => finding.noiseRad)) / findings.length;
  const sigma = Math.hypot(Math.max(...joint.sigmaRad), noiseRad) + FLOOR_RAD;
  const largest = degFromRad(Math.max(Math.abs(yawRad), Math.abs(pitchRad), Math.abs(rollRad)));
  if (largest <= thresholdDeg && largest < 0.1 + 4 * degFromRad(sigma)) return 'none';
  const level = Math.hypot(pitchRad, rollRad);
  if (level > MAX_CHI * sigma) return isTiltAlone(findings) ? 'unclear' : 'mount_rotation';
  // A turn about the vertical and a slip of the pan encoder are the same motion; several stops that all agree on a pure turn
  // make the slip the likelier of the two, a single look cannot tell.
  return findings.length > 1 ? 'pan_slip' : 'unclear';
};
