import type { Lens } from '../../geometry/lens.js';
import type { Mat3 } from '../../geometry/rotation.js';
import type { PanTilt } from '../head/pointing-model.js';
import type { DecodedFrame, FrameFeatures } from './frame-features.js';

/** One query frame with what telemetry says of it. */
export interface QueryCapture {
  readonly file: string;
  readonly features: FrameFeatures;
  /** The picture itself, to be held against the scan's where points alone do not tell. */
  readonly picture?: DecodedFrame;
  /** What telemetry says: pan and tilt, and the optical magnification. */
  readonly at: PanTilt;
  readonly zoom: number;
  /** mountFromBody as the camera's head makes it of that. */
  readonly claimed: Mat3;
  readonly lens: Lens;
  /** Features of the same picture turned before describing, for a camera that has rolled; null: only sought where telemetry says. */
  readonly extractRolled: ((rollDeg: number) => FrameFeatures) | null;
}

/** That of a zoom level that was calibrated, and of one that was not. */
const FOCAL_PRIOR = { covered: 0.004, extrapolated: 0.03 };

/** The captures of one check, which are answered together. */
export interface Query {
  readonly name: string;
  readonly captures: readonly QueryCapture[];
  /** False where a zoom lies outside what the scan calibrated. */
  readonly zoomCovered: boolean;
  readonly thresholdDeg: number;
}

/** Prior standard error of the log focal scale. */
export const priorOf = (query: Query): number =>
  query.zoomCovered ? FOCAL_PRIOR.covered : FOCAL_PRIOR.extrapolated;
