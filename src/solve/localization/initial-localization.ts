import { radFromDeg } from '../../geometry/angles.js';
import { bearingFromPixel, magnified } from '../../geometry/lens.js';
import { angleBetween, identity, type Mat3, rotate } from '../../geometry/rotation.js';
import { log10FalseAlarms } from '../estimation/a-contrario.js';
import { type BearingPairs, findRotation, type RobustRotation } from '../estimation/rotation-ransac.js';
import { descriptorIndexOf } from '../matching/descriptor-lsh.js';
import {
  bearingOfLook,
  type LandmarkMatch,
  matchAnywhere,
  matchLandmarks,
  spreadSample,
} from '../matching/landmark-matching.js';
import { type FrameFeatures, selectFeatures } from '../model/frame-features.js';
import type { QueryCapture } from '../model/query-capture.js';
import type { Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';
import { isMasked } from '../model/static-overlay-mask.js';
import { isScreenFixed, screenMotion } from './overlay-motion.js';

export interface Located {
  readonly rotation: Mat3;
  /** Focal length over the expected one, roughly; other than 1 for a camera whose zoom has changed. */
  readonly focalScale: number;
  readonly log10Nfa: number;
  /** The features that fit (turned ones for a rolled camera). */
  readonly features: FrameFeatures;
  /** Found near where telemetry has it, so that nobody looked anywhere else. */
  readonly isNear: boolean;
  /** The roll that they were described at, degrees. */
  readonly rollDeg: number;
}

const SEARCH_RAD = radFromDeg(8);
const THRESHOLD_PX = 4;
const MIN_MOTION_PX = 5;
const SURE_LOG10_NFA = -12;
/** Focal lengths tried, over the expected one, when that one fits nothing. */
const OTHER_ZOOMS = [0.97, 1.03, 0.93, 1.07, 0.88, 1.13, 0.82, 1.21];
/** Those of another camera body or of a zoom that lost count, tried with all features, when none of the others fits. */
const FAR_ZOOMS = [0.76, 1.3, 0.71, 1.39, 0.66, 1.49, 0.62, 1.6];
/** Around the best of them: the rest is then within reach of the refinement. */
const FINE_ZOOMS = [0.97, 0.98, 0.99, 1.01, 1.02, 1.03];
/** A few features are searched first: mostly they are enough. */
const SAMPLES = [250, 700, 1800];
const ANYWHERE_SAMPLE = 1200;
const ANYWHERE_RATIO = 0.92;
const ROLLS_DEG = [0, 20, -20, 40, -40];
const SEED = 20261;

const pairsOf = (
  reference: Reference,
  { claimed, lens }: Pick<QueryCapture, 'claimed' | 'lens'>,
  features: FrameFeatures,
  matches: readonly LandmarkMatch[],
): BearingPairs => {
  const from = new Float64Array(matches.length * 3);
  const to = new Float64Array(matches.length * 3);
  matches.forEach(({ feature, look }, i) => {
    from.set(rotate(claimed, bearingFromPixel(lens, features.x[feature]!, features.y[feature]!)), i * 3);
    to.set(bearingOfLook(reference, look), i * 3);
  });
  return { from, to };
};

const visible = (reference: Reference, features: FrameFeatures): FrameFeatures =>
  selectFeatures(features, (i) => !isMasked(reference.mask, features.x[i]!, features.y[i]!));

/** The model again without what may stick to the screen, where that alone is sure; overlays outvote a scene in poor light. */
const withoutScreen = (
  reference: Reference,
  capture: QueryCapture,
  features: FrameFeatures,
  matches: readonly LandmarkMatch[],
  thresholdRad: number,
): { model: RobustRotation; log10Nfa: number; features: FrameFeatures } | null => {
  if (reference.mask.learned) return null;
  const motion = screenMotion(reference, capture.claimed);
  const stuck = new Set<number>();
  // A match within the threshold of standing still speaks for that as much as for a small motion.
  const moving = matches.filter(({ feature, look }) => {
    const px = motion(features.x[feature]!, features.y[feature]!, bearingOfLook(reference, look));
    if (isScreenFixed(px)) stuck.add(feature);
    return px >= THRESHOLD_PX;
  });
  const pairs = pairsOf(reference, capture, features, moving);
  const model = findRotation(pairs, thresholdRad, SEARCH_RAD * 1.5, SEED);
  // What is left of a scene that stands still agrees too, on hardly any motion.
  if (angleBetween(model.rotation, identity()) < MIN_MOTION_PX / capture.lens.focalPx) return null;
  const log10Nfa = log10FalseAlarms(moving.length, model.inliers.length, (thresholdRad / SEARCH_RAD) ** 2);
  return { model, log10Nfa, features: selectFeatures(features, (i) => !stuck.has(i)) };
};

/** Search around the telemetry's bearing with a sample first, with everything when that is not sure. */
const locateNear = (reference: Reference, index: SphericalIndex, capture: QueryCapture): Located => {
  const features = visible(reference, capture.features);
  const thresholdRad = THRESHOLD_PX / capture.lens.focalPx;
  let located: Located = {
    rotation: identity(),
    focalScale: 1,
    log10Nfa: 0,
    features,
    isNear: true,
    rollDeg: 0,
  };
  for (const sample of SAMPLES) {
    const only = spreadSample(features, sample);
    const guidance = { mountFromBody: capture.claimed, radiusRad: SEARCH_RAD, only };
    const matches = matchLandmarks(reference, index, features, capture.lens, guidance);
    const model = findRotation(
      pairsOf(reference, capture, features, matches),
      thresholdRad,
      SEARCH_RAD * 1.5,
      SEED,
    );
    const log10Nfa = log10FalseAlarms(matches.length, model.inliers.length, (thresholdRad / SEARCH_RAD) ** 2);
    located = { rotation: model.rotation, focalScale: 1, log10Nfa, features, isNear: true, rollDeg: 0 };
    const free = withoutScreen(reference, capture, features, matches, thresholdRad);
    if (free !== null && free.log10Nfa < SURE_LOG10_NFA) {
      located = { ...located, ...free, rotation: free.model.rotation };
    }
    if (located.log10Nfa >= SURE_LOG10_NFA) {
      located = atOtherZoom(reference, capture, located, matches, sample === SAMPLES.at(-1));
    }
    if (located.log10Nfa < SURE_LOG10_NFA) break;
  }
  return located;
};

/** The same matches under other focal lengths, for a camera that is zoomed otherwise than it says. */
const atOtherZoom = (
  reference: Reference,
  { claimed, lens }: QueryCapture,
  located: Located,
  matches: readonly LandmarkMatch[],
  isLast: boolean,
): Located => {
  const at = (focalScale: number): Located & { readonly score: number } => {
    const scaled = { claimed, lens: magnified(lens, focalScale) };
    const thresholdRad = THRESHOLD_PX / scaled.lens.focalPx;
    const pairs = pairsOf(reference, scaled, located.features, matches);
    const { rotation, inliers, score } = findRotation(pairs, thresholdRad, SEARCH_RAD * 1.5, SEED);
    const chance = (thresholdRad / SEARCH_RAD) ** 2;
    const tries = Math.log10(OTHER_ZOOMS.length + (isLast ? FAR_ZOOMS.length : 0));
    const log10Nfa = log10FalseAlarms(matches.length, inliers.length, chance) + tries;
    return { ...located, rotation, focalScale, log10Nfa, score };
  };
  const bestAt = (focalScales: readonly number[]) =>
    focalScales.map(at).reduce((a, b) => (b.log10Nfa < a.log10Nfa ? b : a));
  const isBetter = ({ log10Nfa }: Located): boolean => log10Nfa < Math.min(located.log10Nfa, SURE_LOG10_NFA);
  let best = bestAt(OTHER_ZOOMS);
  if (isLast && !isBetter(best)) best = bestAt(FAR_ZOOMS);
  if (!isBetter(best)) return located;
  const finer = FINE_ZOOMS.map((step) => at(best.focalScale * step));
  return finer.reduce((a, b) => (b.score > a.score ? b : a), best);
};

/**
 * Search over the whole scan, for a camera knocked far or one that lost its home; the picture is tried at several rolls, with the
 * features that `among` leaves.
 */
const locateAnywhere = (
  reference: Reference,
  capture: QueryCapture,
  extractRolled: (rollDeg: number) => FrameFeatures,
  rollsDeg = ROLLS_DEG,
  among: (features: FrameFeatures) => FrameFeatures = (features) => features,
): Located | null => {
  const thresholdRad = THRESHOLD_PX / capture.lens.focalPx;
  let best: Located | null = null;
  const index = descriptorIndexOf(reference.landmarks);
  for (const rollDeg of rollsDeg) {
    const features = visible(reference, rollDeg === 0 ? capture.features : extractRolled(rollDeg));
    const tried = among(features);
    const only = spreadSample(tried, ANYWHERE_SAMPLE);
    const matches = matchAnywhere(reference, index, tried, capture.lens, only, ANYWHERE_RATIO);
    const pairs = pairsOf(reference, capture, tried, matches);
    const { rotation, inliers } = findRotation(pairs, thresholdRad, Math.PI, SEED);
    const log10Nfa = log10FalseAlarms(matches.length, inliers.length, thresholdRad ** 2);
    if (best === null || log10Nfa < best.log10Nfa) {
      best = { rotation, focalScale: 1, log10Nfa, features, isNear: false, rollDeg };
    }
    if (log10Nfa < SURE_LOG10_NFA) return best;
  }
  return best;
};

/** What the features that `among` leaves are sure of, wherever that is; null where they are of nothing. */
export const locateElsewhere = (
  reference: Reference,
  capture: QueryCapture,
  among: (features: FrameFeatures) => FrameFeatures,
  rollsDeg = ROLLS_DEG,
): Located | null => {
  if (capture.extractRolled === null) return null;
  const found = locateAnywhere(reference, capture, capture.extractRolled, rollsDeg, among);
  return found !== null && found.log10Nfa < SURE_LOG10_NFA ? found : null;
};

/** A first rotation of one capture: near where telemetry says, else anywhere; null where it is not to be sought anywhere. */
export const locateCapture = (
  reference: Reference,
  index: SphericalIndex,
  capture: QueryCapture,
): Located | null => {
  const near = locateNear(reference, index, capture);
  if (near.log10Nfa < SURE_LOG10_NFA) return near;
  if (capture.extractRolled === null) return null;
  const anywhere = locateAnywhere(reference, capture, capture.extractRolled);
  return anywhere !== null && anywhere.log10Nfa < near.log10Nfa - 2 ? anywhere : near;
};
