import { type Mat3, multiply } from '../../geometry/rotation.js';
import { bearingOfLook, matchLandmarks } from '../matching/landmark-matching.js';
import type { FrameFeatures } from '../model/frame-features.js';
import type { Observation } from '../model/observation.js';
import type { QueryCapture } from '../model/query-capture.js';
import type { Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';

/** Where nothing else is said, matches are looked for so far around their place. */
const GUIDED_PX = 12;

/** How much worse than fine features coarse ones are placed, and landmarks seen once than often. */
const spreadOfMatch = (sizePx: number, sightings: number): number =>
  Math.sqrt((1 + (sizePx / 24) ** 2) * (1 + 1 / Math.max(1, sightings)));

/** All features matched again within a few pixels of where the rotation puts them. */
export const observeGuided = (
  reference: Reference,
  index: SphericalIndex,
  capture: QueryCapture,
  features: FrameFeatures,
  rotation: Mat3,
  radiusPx = GUIDED_PX,
  only?: readonly number[],
): Observation[] => {
  const guidance = {
    mountFromBody: multiply(rotation, capture.claimed),
    radiusRad: radiusPx / capture.lens.focalPx,
    ratio: 0.95,
    ...(only && { only }),
  };
  return matchLandmarks(reference, index, features, capture.lens, guidance).map(({ feature, look }) => ({
    x: features.x[feature]!,
    y: features.y[feature]!,
    landmark: bearingOfLook(reference, look),
    landmarkId: reference.landmarks.landmarkOf[look]!,
    spread: spreadOfMatch(features.size[feature]!, reference.landmarks.sightings[look]!),
  }));
};
