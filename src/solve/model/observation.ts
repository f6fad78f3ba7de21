import type { Lens } from '../../geometry/lens.js';
import type { Mat3, Vec3 } from '../../geometry/rotation.js';

/** One feature and the landmark it shows. */
export interface Observation {
  readonly x: number;
  readonly y: number;
  /** Mount frame, unit. */
  readonly landmark: Vec3;
  /** Which of the reference's landmarks it is. */
  readonly landmarkId: number;
  /** Expected spread of this feature relative to the others (coarse features are less exact). */
  readonly spread: number;
}

/** What is fixed of a capture: where its head says it looked, and its lens. */
export interface CaptureGeometry {
  readonly claimed: Mat3;
  readonly lens: Lens;
}
