import { degFromRad } from '../geometry/angles.js';
import { magnified } from '../geometry/lens.js';
import { toEuler } from '../geometry/rotation.js';
import { judge, type Verdict } from './cause.js';
import { isOtherLens, isWiderThanWidest } from './estimation/distortion-change.js';
import { jointEvidence } from './estimation/joint-offset.js';
import { focalScaleSigmaOf } from './estimation/rotation-refinement.js';
import { observeGuided } from './localization/guided-matching.js';
import { spreadSample } from './matching/landmark-matching.js';
import { type Cause, PRIMARY, type SolveAnswer, unanswered } from './model/answer.js';
import { priorOf, type Query } from './model/query-capture.js';
import type { Reference } from './model/reference.js';
import type { SphericalIndex } from './model/spherical-index.js';
import { type CaptureSolution, solveCapture } from './solve-capture.js';
import { uncertaintyOf } from './verification/acceptance.js';

/** Answers one query against a reference, or refuses with the reason. `solve_ms` is left to the caller, who has a clock. */
export const solveQuery = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
): Omit<SolveAnswer, 'solve_ms'> => {
  const solved = query.captures.map((capture) => solveCapture(reference, index, query, capture));
  const good = solved.filter(({ rejection }) => rejection === null);
  if (good.length === 0) return refusal(query, solved, solved[0]?.rejection ?? 'no frames');
  const verdict = judge(jointEvidence(reference, good), query.thresholdDeg);
  if (verdict === null) return refusal(query, solved, disagreement(good));
  const cause = lensCause(reference, index, query, good, verdict) ?? verdict.cause;
  return answer(reference, query, solved, { ...verdict, cause });
};

/** A focal length is told where one picture alone tells it better than the prior does. */
const isZoomObservable = (query: Query, good: readonly CaptureSolution[]): boolean =>
  good.some(({ refined }) => focalScaleSigmaOf(refined) < 0.5 * priorOf(query));

/** What happened to the lens; null where nothing did. */
const lensCause = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
  good: readonly CaptureSolution[],
  { focalScale, focalScaleSigma }: Verdict,
): Cause | null => {
  if (hasOtherLens(reference, index, good, focalScale)) return 'camera_changed';
  const isChanged = Math.abs(focalScale - 1) > Math.max(0.01, 5 * focalScaleSigma);
  return isChanged && isZoomObservable(query, good) ? 'zoom_change' : null;
};

/** Another lens shows where its picture is bent most: points are looked for farther away than those that agree. */
const LENS_SEARCH_PX = 24;
const LENS_SAMPLE = 900;

const hasOtherLens = (
  reference: Reference,
  index: SphericalIndex,
  good: readonly CaptureSolution[],
  focalScale: number,
): boolean => {
  const looks = good.map(({ capture, located: { features }, refined: { rotation } }) => {
    const scaled = { ...capture, lens: magnified(capture.lens, focalScale) };
    const only = spreadSample(features, LENS_SAMPLE);
    const observations = observeGuided(reference, index, scaled, features, rotation, LENS_SEARCH_PX, only);
    return { capture, rotation, observations };
  });
  const isWider = good.some(({ capture: { lens } }) => isWiderThanWidest(reference.levels, lens, focalScale));
  return isWider || isOtherLens(looks, focalScale);
};

const disagreement = (good: readonly CaptureSolution[]): string =>
  `captures disagree: ${good
    .map(({ capture, refined }) => {
      const { yawRad, pitchRad, rollRad } = toEuler(refined.rotation);
      const text = [yawRad, pitchRad, rollRad].map((angle) => degFromRad(angle).toFixed(2)).join('/');
      return `${capture.file} says ${text}°`;
    })
    .join(', ')} (yaw/pitch/roll)`;

const captureLine = ({
  capture,
  observations,
  refined,
  rejection,
}: CaptureSolution): SolveAnswer['captures'][number] => {
  const euler = rejection === null ? toEuler(refined.rotation) : null;
  return {
    file: capture.file,
    yaw: euler && degFromRad(euler.yawRad),
    pitch: euler && degFromRad(euler.pitchRad),
    roll: euler && degFromRad(euler.rollRad),
    inliers: rejection === null ? observations.length : 0,
    residual_px: rejection === null ? refined.sigmaPx : null,
  };
};

const refusal = (
  query: Query,
  solved: readonly CaptureSolution[],
  reason: string,
): Omit<SolveAnswer, 'solve_ms'> => ({
  ...unanswered(query.name, reason),
  matches: solved.reduce((sum, { matches }) => sum + matches, 0),
  log10_nfa: solved.length === 0 ? null : Math.min(...solved.map(({ located }) => located.log10Nfa)),
  captures: solved.map(captureLine),
});

const answer = (
  reference: Reference,
  query: Query,
  solved: readonly CaptureSolution[],
  { rotation, sigmaRad, focalScale, cause }: Verdict,
): Omit<SolveAnswer, 'solve_ms'> => {
  const { yawRad, pitchRad, rollRad } = toEuler(rotation);
  const offsets = [yawRad, pitchRad, rollRad].map(degFromRad) as [number, number, number];
  const good = solved.filter(({ rejection }) => rejection === null);
  const doubt = uncertaintyOf(sigmaRad, query.thresholdDeg);
  if (doubt !== null) return refusal(query, solved, doubt);
  const [yaw, pitch, roll] = sigmaRad.map(degFromRad) as [number, number, number];
  const { lens } = good[0]!.capture;
  return {
    query: query.name,
    success: true,
    verdict: offsets.some((offset) => Math.abs(offset) > query.thresholdDeg) ? 'drifted' : 'ok',
    yaw_offset: offsets[0],
    pitch_offset: offsets[1],
    roll_offset: offsets[2],
    sigma: { yaw, pitch, roll },
    zoom_scale: isZoomObservable(query, good) ? focalScale : null,
    inliers: good.reduce((sum, { observations }) => sum + observations.length, 0),
    matches: good.reduce((sum, { matches }) => sum + matches, 0),
    log10_nfa: Math.min(...good.map(({ located }) => located.log10Nfa)),
    layer: reference.layer?.name ?? PRIMARY,
    lens: { focal_px: lens.focalPx, k1: lens.k1, k2: lens.k2, cx: lens.centreX, cy: lens.centreY },
    head: reference.report.head,
    cause,
    captures: solved.map(captureLine),
    failure_log: null,
  };
};
