import { magnified } from '../../geometry/lens.js';
import { type Mat3, multiply } from '../../geometry/rotation.js';
import { type RefineProblem, refineRotation } from '../estimation/rotation-refinement.js';
import { spreadSample } from '../matching/landmark-matching.js';
import type { Fit } from '../model/fit.js';
import { priorOf, type Query, type QueryCapture } from '../model/query-capture.js';
import type { Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';
import { refineWithoutStill } from '../verification/static-inliers.js';
import { observeGuided } from './guided-matching.js';
import type { Located } from './initial-localization.js';
import { dropScreenFixed, motionOf } from './overlay-motion.js';

const MIN_FIT_PX = 1.5;
/** Up to here matches agree with the rotation that was found first. */
const FIRST_FIT_PX = 4;
const FIT_SIGMAS = 3.5;
/** Where an overlay could not be learned, a tight loss keeps what stands still from pulling a picture that hardly moved. */
const REJECT_SPREADS = 3;
/** Matching around a first rotation, then with all features closer around the better one. */
const PASSES = [
  { radiusPx: 14, sample: 1200 },
  { radiusPx: 6, sample: Infinity },
];

const problemOf = (
  { widthPx, heightPx, mask }: Reference,
  query: Query,
  capture: QueryCapture,
): Omit<RefineProblem, 'observations'> => ({
  ...{ capture, widthPx, heightPx, focalPrior: priorOf(query) },
  ...(!mask.learned && { rejectSpreads: REJECT_SPREADS }),
});

/** Guided matches, refinement, and both once more from the better rotation with the outliers gone. */
export const refineGuided = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
  capture: QueryCapture,
  located: Located,
): Fit => {
  let rotation: Mat3 = located.rotation;
  let { focalScale } = located;
  let result: Fit | null = null;
  for (const { radiusPx, sample } of PASSES) {
    const scaled = { ...capture, lens: magnified(capture.lens, focalScale) };
    const all = dropScreenFixed(
      reference,
      { mountFromBody: multiply(rotation, capture.claimed), lens: scaled.lens },
      observeGuided(
        reference,
        index,
        scaled,
        located.features,
        rotation,
        radiusPx,
        spreadSample(located.features, sample),
      ),
      result?.fitPx ?? FIRST_FIT_PX,
    );
    const problem = { ...problemOf(reference, query, capture), searchPx: radiusPx };
    const refined = refineRotation({ ...problem, observations: all }, rotation, focalScale);
    const fitPx = Math.max(MIN_FIT_PX, FIT_SIGMAS * refined.sigmaPx);
    const observations = all.filter((_, i) => refined.residualsPx[i]! < fitPx);
    result = { refined, observations, matches: all.length, fitPx };
    ({ rotation, focalScale } = refined);
  }
  return withoutStill(reference, query, capture, result!);
};

/** The same where nothing stands still on the screen, or where the scan has learned what does. */
const withoutStill = (reference: Reference, query: Query, capture: QueryCapture, fit: Fit): Fit => {
  if (reference.mask.learned) return fit;
  const problem = problemOf(reference, query, capture);
  const { rotation, focalScale } = fit.refined;
  const moving = refineWithoutStill(fit.observations, motionOf(reference, capture, rotation), (kept) =>
    refineRotation({ ...problem, observations: kept }, rotation, focalScale),
  );
  return { ...fit, ...moving };
};
