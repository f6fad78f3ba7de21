import { bearingFromPixel, magnified } from '../geometry/lens.js';
import { identity, multiply, rotate } from '../geometry/rotation.js';
import { type Refined, TURN_PARAMETERS } from './estimation/rotation-refinement.js';
import { refineGuided } from './localization/guided-refinement.js';
import { locateCapture, type Located, locateElsewhere } from './localization/initial-localization.js';
import { lightFault } from './matching/image-quality.js';
import type { Fit } from './model/fit.js';
import type { FrameFeatures } from './model/frame-features.js';
import type { Query, QueryCapture } from './model/query-capture.js';
import type { Reference } from './model/reference.js';
import type { SphericalIndex } from './model/spherical-index.js';
import { rejectionOf } from './verification/acceptance.js';
import { countDecoys } from './verification/decoy-test.js';
import { unexplained, whichExplains } from './verification/hypothesis-comparison.js';
import { finalEvidence } from './verification/inlier-significance.js';
import { type Answer, contradictsPlace } from './verification/landmark-visibility.js';
import { placeSupport } from './verification/overlay-or-scene.js';
import { FAR_REACH_RAD, restsOnRepeats } from './verification/self-similarity.js';

/** What one capture comes to on its own; refused where `rejection` is not null. */
export interface CaptureSolution extends Fit {
  readonly capture: QueryCapture;
  readonly located: Located;
  /** Whether what agrees is of things of which the place has many; false where it is too weak to be asked. */
  readonly isRepeated: boolean;
  /** Whether the place shows other things there than the picture. */
  readonly isContradicted: boolean;
  readonly rejection: string | null;
}

/** What beats one rotation may itself be a whole column off. */
const MAX_RIVALS = 3;

/** One capture on its own: where it looks, how sure that is, and whether something else explains it as well. */
export const solveCapture = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
  capture: QueryCapture,
): CaptureSolution => {
  const fault = lightFault(capture.features.light, capture.features);
  if (fault !== null) return unsolved(capture, fault);
  const first = locateCapture(reference, index, capture);
  if (first === null) return unsolved(capture, 'no match with the scan near where telemetry has it');
  const judge = (located: Located): CaptureSolution =>
    judgeLocated(reference, index, query, capture, located);
  let solution = judge(first);
  for (let rival = 0; rival < MAX_RIVALS; rival++) {
    const elsewhere = seekElsewhere(reference, index, capture, solution);
    const better = elsewhere === null ? solution : betterOf(solution, judge(elsewhere));
    if (better === solution) break;
    solution = better;
  }
  return solution;
};

/** An answer with less evidence is held against the rest of the scan, log10 of the false alarms. */
const FEEBLE_LOG10_NFA = -20;
/** Of an answer that explains more of the picture's points there is no better one far away. */
const LEAVES_NO_MORE = 0.25;

/** So much of a picture explained leaves no doubt about how the camera is rolled. */
const MOSTLY = 0.4;

/**
 * Another rotation, of the whole scan: for a picture that was found near where telemetry has it and did not stand the test, and
 * for one that rests on things of which the place has many or on little evidence, by what it leaves unexplained. Null where there is
 * none.
 */
const seekElsewhere = (
  reference: Reference,
  index: SphericalIndex,
  capture: QueryCapture,
  solution: CaptureSolution,
): Located | null => {
  const { observations, rejection, located, isRepeated, isContradicted } = solution;
  if (rejection !== null && !isContradicted)
    return located.isNear ? locateElsewhere(reference, capture, (features) => features) : null;
  const isOpen = observations.length < LEAVES_NO_MORE * located.features.count;
  const isFeeble = located.log10Nfa > FEEBLE_LOG10_NFA;
  if (!isRepeated && !isFeeble && !(isOpen && restsOnRepeats(reference, index, observations, FAR_REACH_RAD)))
    return null;
  const isRollSure = observations.length > MOSTLY * located.features.count;
  const left = (features: FrameFeatures): FrameFeatures => unexplained(features, solution);
  return locateElsewhere(reference, capture, left, isRollSure ? [located.rollDeg] : undefined);
};

const betterOf = (first: CaptureSolution, rival: CaptureSolution): CaptureSolution => {
  if (first.isContradicted && rival.isContradicted) return rival;
  if (rival.rejection !== null) return first;
  if (first.rejection !== null) return rival;
  const which = whichExplains(first, rival);
  if (which === 'unclear')
    return { ...first, rejection: 'ambiguous: the place repeats itself, and two rotations explain it' };
  return which === 'first' ? first : rival;
};

const judgeLocated = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
  capture: QueryCapture,
  first: Located,
): CaptureSolution => {
  const fit = refineGuided(reference, index, query, capture, first);
  const evidence = finalEvidence(reference, index, capture, first.features, fit);
  const located = { ...first, log10Nfa: Math.max(first.log10Nfa, evidence) };
  let ofRepeats: boolean | null = null;
  const isOfRepeats = (): boolean => (ofRepeats ??= restsOnRepeats(reference, index, fit.observations));
  const decoyInliers = countDecoys(reference, index, capture, located.features, fit.refined.rotation);
  const weakness = rejectionOf({
    refined: fit.refined,
    inliers: fit.observations,
    log10Nfa: located.log10Nfa,
    isNear: located.isNear,
    finalLog10Nfa: evidence,
    restsOnRepeats: isOfRepeats,
    decoyInliers,
    widthPx: reference.widthPx,
    heightPx: reference.heightPx,
    thresholdDeg: query.thresholdDeg,
  });
  const { features } = located;
  const isRepeated = weakness === null && isOfRepeats();
  const isContradicted =
    isRepeated && contradictsPlace(reference, index, answerOf(capture, features, fit, evidence));
  const support =
    weakness !== null || isContradicted ? null : placeSupport(reference, capture, features, fit);
  const rejection = weakness ?? (isContradicted ? CONTRADICTED : support === 'nothing' ? OVERLAY : null);
  const seen = seesScan(reference, index, capture);
  const reason = rejection !== null && !seen ? `no overlap with the scan (${rejection})` : rejection;
  const told = support === 'rest' ? { ...fit, refined: lessSure(capture, fit.refined) } : fit;
  return { capture, located, ...told, isRepeated, isContradicted, rejection: reason };
};

const OVERLAY = 'overlay: what agrees may be burnt in or stuck to the glass, and nothing else confirms it';

/** Where all that confirms an answer are edges of the rest, they do so within about two pixels; this is the deviation of that, px. */
const REST_PX = 1.2;

const lessSure = ({ lens }: QueryCapture, refined: Refined): Refined => {
  const covariance = refined.covariance && Float64Array.from(refined.covariance);
  for (let axis = 0; covariance !== null && axis < 3; axis++)
    covariance[axis * (TURN_PARAMETERS + 1)]! += (REST_PX / lens.focalPx) ** 2;
  return { ...refined, covariance };
};

const CONTRADICTED = 'ambiguous: what the place has many of agrees, and what it has once does not';

const answerOf = (
  capture: QueryCapture,
  features: FrameFeatures,
  { refined, observations }: Fit,
  log10Nfa: number,
): Answer => ({
  mountFromBody: multiply(refined.rotation, capture.claimed),
  lens: magnified(capture.lens, refined.focalScale),
  features,
  observations,
  log10Nfa,
});

const seesScan = (reference: Reference, index: SphericalIndex, { claimed, lens }: QueryCapture): boolean => {
  const centre = rotate(claimed, bearingFromPixel(lens, lens.centreX, lens.centreY));
  return (
    index.collectNear(centre, Math.atan(lens.centreX / lens.focalPx)) >= 30 && reference.stops.length > 0
  );
};

const unsolved = (capture: QueryCapture, rejection: string): CaptureSolution => ({
  capture,
  located: {
    rotation: identity(),
    focalScale: 1,
    log10Nfa: 0,
    features: capture.features,
    isNear: false,
    rollDeg: 0,
  },
  isRepeated: false,
  isContradicted: false,
  observations: [],
  matches: 0,
  fitPx: 0,
  refined: {
    rotation: identity(),
    focalScale: 1,
    covariance: null,
    information: new Float64Array(TURN_PARAMETERS ** 2),
    weights: new Float64Array(0),
    sigmaPx: 0,
    residualsPx: new Float64Array(0),
    converged: false,
  },
  rejection,
});
