import { degFromRad, radFromDeg, wrapDeg } from '../../geometry/angles.js';
import { fromEuler, rotate } from '../../geometry/rotation.js';
import type { ReferenceReport, SolveAnswer } from '../../solve/model/answer.js';

/** Smaller leans and turns are not mentioned, degrees. */
const WORTH_SAYING_DEG = 0.05;

/** `+0.70°` with a true minus sign. */
export const signedDeg = (valueDeg: number): string => {
  const rounded = Math.abs(valueDeg).toFixed(2);
  const sign = rounded === '0.00' ? '' : valueDeg < 0 ? '−' : '+';
  return `${sign}${rounded}°`;
};

const plainDeg = (valueDeg: number): string => `${Math.abs(valueDeg).toFixed(1)}°`;

interface Offsets {
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

export const offsetsOf = (answer: SolveAnswer): Offsets | null => {
  const { yaw_offset: yawDeg, pitch_offset: pitchDeg, roll_offset: rollDeg } = answer;
  return yawDeg === null || pitchDeg === null || rollDeg === null ? null : { yawDeg, pitchDeg, rollDeg };
};

/** By how much, and towards which azimuth (as pan counts), the top of the mount now leans; degrees. */
export const leanOf = ({ yawDeg, pitchDeg, rollDeg }: Offsets): { leanDeg: number; azimuthDeg: number } => {
  const up = rotate(fromEuler(radFromDeg(yawDeg), radFromDeg(pitchDeg), radFromDeg(rollDeg)), [0, 0, -1]);
  const leanDeg = degFromRad(Math.atan2(Math.hypot(up[0], up[1]), -up[2]));
  return { leanDeg, azimuthDeg: (degFromRad(Math.atan2(up[1], up[0])) + 360) % 360 };
};

const turnAdvice = (yawDeg: number): string =>
  `turn the mount ${plainDeg(yawDeg)} to the ${yawDeg > 0 ? 'left' : 'right'}`;

const mountTurned = (offsets: Offsets): string => {
  const { leanDeg, azimuthDeg } = leanOf(offsets);
  const yawDeg = wrapDeg(offsets.yawDeg);
  const leans = leanDeg >= WORTH_SAYING_DEG;
  const turns = Math.abs(yawDeg) >= WORTH_SAYING_DEG;
  const what = [
    ...(turns ? [`turned ${plainDeg(yawDeg)} to the ${yawDeg > 0 ? 'right' : 'left'}`] : []),
    ...(leans ? [`leans ${plainDeg(leanDeg)} towards azimuth ${azimuthDeg.toFixed(0)}°`] : []),
  ];
  const cure = [
    ...(turns ? [turnAdvice(yawDeg)] : []),
    ...(leans ? [`straighten it towards azimuth ${((azimuthDeg + 180) % 360).toFixed(0)}°`] : []),
  ];
  return `The mount ${what.join(' and ')}: ${cure.join(' and ')}.`;
};

/** What happened and what to do, in one sentence; empty when nothing did. */
export const causeInWords = (answer: SolveAnswer): string => {
  const offsets = offsetsOf(answer);
  if (offsets === null) return '';
  switch (answer.cause) {
    case 'none':
      return '';
    case 'mount_rotation':
      return mountTurned(offsets);
    case 'pan_slip':
      return `The pan encoder slipped or the mount turned: home the camera, or ${turnAdvice(offsets.yawDeg)}.`;
    case 'tilt_slip':
      return 'The tilt encoder slipped: home the camera.';
    case 'body_reseated':
      return `The camera body has shifted on its arm: ${reseated(offsets)}. Tighten the body, then scan a new reference.`;
    case 'zoom_change':
      return `The zoom is ${((answer.zoom_scale ?? 1) * 100).toFixed(1)} % of what it was: check the lens.`;
    case 'camera_changed':
      return 'The lens distortion differs from the reference: the camera was replaced. Scan a new reference.';
    case 'unclear':
      return unclear(offsets);
  }
};

/** How a camera's body sits now, against the reference. */
const reseated = ({ yawDeg, pitchDeg, rollDeg }: Offsets): string => {
  const parts: readonly (readonly [number, string, string])[] = [
    [yawDeg, 'right', 'left'],
    [pitchDeg, 'up', 'down'],
    [rollDeg, 'rolled clockwise', 'rolled counter-clockwise'],
  ];
  return parts
    .filter(([angleDeg]) => Math.abs(angleDeg) >= WORTH_SAYING_DEG)
    .map(([angleDeg, more, less]) => `${plainDeg(angleDeg)} ${angleDeg > 0 ? more : less}`)
    .join(', ');
};

/** Causes that one view cannot tell apart. */
const unclear = (offsets: Offsets): string => {
  const { leanDeg, azimuthDeg } = leanOf(offsets);
  const what = [
    ...(Math.abs(wrapDeg(offsets.yawDeg)) >= WORTH_SAYING_DEG ? [turnAdvice(wrapDeg(offsets.yawDeg))] : []),
    ...(leanDeg >= WORTH_SAYING_DEG
      ? [
          `straighten the mount, which may lean ${plainDeg(leanDeg)} towards azimuth ${azimuthDeg.toFixed(0)}°`,
        ]
      : []),
  ];
  return what.length === 0 ? '' : `Cause unclear: home the camera, or ${what.join(' and ')}.`;
};

/** `yaw +0.70° ± 0.010°, pitch …, roll …`; ± is one standard error. */
export const offsetsInWords = (answer: SolveAnswer): string => {
  const offsets = offsetsOf(answer);
  if (offsets === null) return 'not measured';
  const { sigma } = answer;
  const axis = (name: string, valueDeg: number, sigmaDeg: number | undefined): string =>
    `${name} ${signedDeg(valueDeg)}${sigmaDeg === undefined ? '' : ` ± ${sigmaDeg.toFixed(3)}°`}`;
  return [
    axis('yaw', offsets.yawDeg, sigma?.yaw),
    axis('pitch', offsets.pitchDeg, sigma?.pitch),
    axis('roll', offsets.rollDeg, sigma?.roll),
  ].join(', ');
};

/** `1 camera`, `3 cameras`. */
export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

/** `a, b, c and 7 more`. */
export const listed = (things: readonly string[], most = 10): string => {
  const rest = things.length - most;
  return rest > 0 ? `${things.slice(0, most).join(', ')} and ${rest} more` : things.join(', ');
};

/** `50 s`, `4 min`, `1 h 10 min`. */
export const durationInWords = (durationMs: number): string => {
  const seconds = Math.ceil(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** `2026-01-31 14:00:05` of an ISO time in UTC. */
export const timeInWords = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** How people name a camera: `site-a/north-mast`. */
export const cameraPath = (device: {
  readonly deploymentName: string;
  readonly cameraName: string;
}): string => `${device.deploymentName}/${device.cameraName}`;

/** `lens at zoom 1: 60.10° wide, …` of one zoom level. */
export const lensInWords = (lens: ReferenceReport['lens'][number]): string =>
  `lens at zoom ${lens.zoom}: ${lens.hfov_deg.toFixed(2)}° wide, focal length ${lens.focal_px.toFixed(1)} px, ` +
  `k1 ${lens.k1.toFixed(4)}, k2 ${lens.k2.toFixed(4)}, principal point ${lens.cx.toFixed(1)}, ${lens.cy.toFixed(1)} px`;

/** `31 %`: the share of all directions in which a passive check works. */
export const sphereShare = ({ coverage }: ReferenceReport): string => `${(100 * coverage).toFixed(0)} %`;
