import { exponential, type Mat3, multiply, transpose, type Vec3 } from '../../geometry/rotation.js';
import { observeGuided } from '../localization/guided-matching.js';
import type { FrameFeatures } from '../model/frame-features.js';
import type { QueryCapture } from '../model/query-capture.js';
import type { Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';

const DECOY_PX = 45;
const DECOY_FIT_PX = 4;

/** So many features are tried on every decoy; their count is taken up to all features. */
const DECOY_SAMPLE = 900;

/** Most matches that agree within a few pixels with a rotation nearby that is known to be wrong. */
export const countDecoys = (
  reference: Reference,
  index: SphericalIndex,
  capture: QueryCapture,
  features: FrameFeatures,
  rotation: Mat3,
): number => {
  const step = DECOY_PX / capture.lens.focalPx;
  const toMount = multiply(rotation, capture.claimed);
  const stride = Math.max(1, Math.floor(features.count / DECOY_SAMPLE));
  const only = [...features.x.keys()].filter((i) => i % stride === 0);
  const counts = (
    [
      [0, step, 0],
      [0, -step, 0],
      [0, 0, step],
      [0, 0, -step],
    ] as const
  ).map((axis: Vec3) => {
    const turned = multiply(multiply(toMount, exponential(axis)), transpose(toMount));
    const decoy = multiply(turned, rotation);
    return stride * observeGuided(reference, index, capture, features, decoy, DECOY_FIT_PX, only).length;
  });
  return Math.max(...counts);
};
