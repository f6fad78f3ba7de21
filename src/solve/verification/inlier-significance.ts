import { magnified, pixelFromBearing } from '../../geometry/lens.js';
import { multiply, rotate, transpose } from '../../geometry/rotation.js';
import { log10FalseAlarms } from '../estimation/a-contrario.js';
import { observeGuided } from '../localization/guided-matching.js';
import { dropScreenFixed } from '../localization/overlay-motion.js';
import type { Fit } from '../model/fit.js';
import type { FrameFeatures } from '../model/frame-features.js';
import type { QueryCapture } from '../model/query-capture.js';
import type { Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';

/** Matches are looked for so far around where the answer puts them; chance spreads them evenly over that disc. */
const AROUND_PX = 16;

/**
 * A-contrario evidence (log10 of the false alarms) for the answer itself, from the points that carry it: how many matches within
 * 16 px of their place lie within `fitPx` of it. What led to a first rotation may have been an overlay that no longer takes part.
 */
export const finalEvidence = (
  reference: Reference,
  index: SphericalIndex,
  capture: QueryCapture,
  features: FrameFeatures,
  { refined: { rotation, focalScale }, fitPx }: Fit,
): number => {
  const lens = magnified(capture.lens, focalScale);
  const mountFromBody = multiply(rotation, capture.claimed);
  const scaled = { ...capture, lens };
  const around = observeGuided(reference, index, scaled, features, rotation, AROUND_PX);
  const matches = dropScreenFixed(reference, { mountFromBody, lens }, around, fitPx);
  const bodyFromMount = transpose(mountFromBody);
  const close = matches.filter(({ x, y, landmark }) => {
    const pixel = pixelFromBearing(lens, rotate(bodyFromMount, landmark));
    return pixel !== null && Math.hypot(pixel[0] - x, pixel[1] - y) < fitPx;
  });
  return log10FalseAlarms(matches.length, close.length, Math.min(1, fitPx / AROUND_PX) ** 2);
};
