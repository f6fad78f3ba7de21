import type { Lens } from '../../geometry/lens.js';
import { transpose, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import {
  attitudeAtStop,
  attitudeByTerms,
  encoderAxes,
  type HeadTerms,
  type PanTilt,
} from '../head/pointing-model.js';

/** The same point seen by two stops, as pixels. */
export interface Tie {
  readonly stopA: number;
  readonly stopB: number;
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

/** Everything that a scan determines. */
export interface ScanGeometry {
  readonly head: HeadTerms;
  /** What the encoders of every stop err by, radians about {@link encoderAxes}: pan, tilt, play. */
  readonly own: readonly Vec3[];
  /** One a zoom level. */
  readonly lenses: readonly Lens[];
}

/** Where a stop looks now, and how that moves with its own errors and the head's terms: axes of small rotations, mount frame. */
export interface StopPose {
  readonly mountFromBody: Mat3;
  readonly bodyFromMount: Mat3;
  readonly axes: readonly Vec3[];
}

export const poseOf = ({ head, own }: ScanGeometry, at: PanTilt, stop: number): StopPose => {
  const mountFromBody = attitudeAtStop(head, at, own[stop]!);
  const axes = [...encoderAxes(head, at), ...attitudeByTerms(head, at)];
  return { mountFromBody, bodyFromMount: transpose(mountFromBody), axes };
};
