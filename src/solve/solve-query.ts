import { degFromRad } from '../geometry/angles.js';
import { fromEuler, multiply, toEuler, type Mat3, type Vec3 } from '../geometry/rotation.js';
import { uncertaintyOf } from './acceptance.js';
import { PRIMARY, unanswered, type SolveAnswer } from './answer.js';
import { captureAgree, commonTiltSlip, nameCause, type CaptureFinding, type TiltSlip } from './cause.js';
import { encoderSigmaOf, encoderSigmaOfQuery, type EncoderSigma } from './encoder-noise.js';
import { isOtherLens, isWiderThanWidest } from './lens-change.js';
import { observeGuided } from './locate-capture.js';
import { spreadSample } from './match-landmarks.js';
import type { Reference } from './reference.js';
import { refineRotation, type Refined } from './refine.js';
import { priorOf, solveCapture, type CaptureSolution, type Query } from './solve-capture.js';
import type { SphericalIndex } from './spherical-index.js';

/** Answers one query against a reference, or refuses with the reason. `solve_ms` is left to the caller, who has a clock. */
export const solveQuery = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
): Omit<SolveAnswer, 'solve_ms'> => {
  const solved = query.captures.map((capture, i) => solveCapture(reference, index, query, capture, i));
  const good = solved.filter(({ rejection }) => rejection === null);
  if (good.length === 0) return refusal(query, solved, solved[0]?.rejection ?? 'no frames');
  const strongest = good.reduce((a, b) => (b.observations.length > a.observations.length ? b : a));
  const joint =
    good.length === 1
      ? strongest.refined
      : refineRotation(
          {
            observations: good.flatMap(({ observations }) => observations),
            captures: query.captures,
            focalPrior: priorOf(query),
          },
          strongest.refined.rotation,
          strongest.refined.focalScale,
        );
  const findings: CaptureFinding[] = good.map(({ capture: { claimed }, refined }) => ({
    ...{ claimed, refined },
    noiseRad: noiseOf(reference, multiply(refined.rotation, claimed)),
  }));
  if (!captureAgree(joint.rotation, findings)) {
    const slip = commonTiltSlip(findings);
    if (slip === null) return refusal(query, solved, disagreement(good));
    return answer(reference, query, solved, slipped(strongest.refined, slip), 'tilt_slip');
  }
  const observable = joint.focalScaleSigma < 0.5 * priorOf(query);
  const cause = hasOtherLens(reference, index, query, good, joint)
    ? 'camera_changed'
    : nameCause(joint, findings, query.thresholdDeg, observable);
  return answer(reference, query, solved, joint, cause);
};

/** A slip of the tilt encoder, told as the pitch that it is wherever the camera looks; no one rotation fits its captures. */
const slipped = (refined: Refined, { slipRad, sigmaRad }: TiltSlip): Refined => ({
  ...refined,
  rotation: fromEuler(0, slipRad, 0),
  sigmaRad: [sigmaRad, sigmaRad, sigmaRad],
});

/** Another lens shows where its picture is bent most: points are looked for farther away than those that agree. */
const LENS_SEARCH_PX = 24;
const LENS_SAMPLE = 900;

const hasOtherLens = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
  good: readonly CaptureSolution[],
  { rotation, focalScale }: Refined,
): boolean => {
  const observations = good.flatMap(({ capture, located: { features } }) => {
    const scaled = { ...capture, lens: { ...capture.lens, focalPx: capture.lens.focalPx * focalScale } };
    const only = spreadSample(features, LENS_SAMPLE);
    const captureIndex = query.captures.indexOf(capture);
    return observeGuided(reference, index, scaled, features, rotation, captureIndex, LENS_SEARCH_PX, only);
  });
  const isWider = good.some(({ capture: { lens } }) => isWiderThanWidest(reference.levels, lens, focalScale));
  return isWider || isOtherLens(observations, query.captures, rotation, focalScale);
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

const encodersOf = ({ frameSigmaRad, stops, layer }: Reference): EncoderSigma =>
  layer?.encoderSigma ?? encoderSigmaOf(frameSigmaRad, stops.length);

/** Standard error of one capture's attitude about any axis, besides what its picture tells, radians. */
const noiseOf = (reference: Reference, look: Mat3): number => {
  const { panRad, tiltRad } = encodersOf(reference);
  return Math.hypot(Math.max(panRad, tiltRad), Math.max(...looseOf(reference.stops, [look])));
};

/** How surely the stops that look where captures look lie in the reference's frame: standard errors about x, y and z, radians. */
const looseOf = (stops: Reference['stops'], claimed: readonly Mat3[]): Vec3 => {
  const nearest = claimed.map((look) =>
    stops.reduce((a, b) => (closeness(b.mountFromBody, look) > closeness(a.mountFromBody, look) ? b : a)),
  );
  const about = (axis: 0 | 1 | 2): number =>
    Math.hypot(...nearest.map(({ looseRad }) => looseRad[axis])) / claimed.length;
  return [about(0), about(1), about(2)];
};

/** Cosine between two optical axes. */
const closeness = (a: Mat3, b: Mat3): number => a[0]! * b[0]! + a[3]! * b[3]! + a[6]! * b[6]!;

/**
 * Standard errors of yaw, pitch and roll: from the pictures, the reference's frame and the places of its stops in it, and the encoders
 * at the query's captures.
 */
const wholeSigma = (reference: Reference, good: readonly CaptureSolution[], joint: Refined): number[] => {
  const claimed = good.map(({ capture }) => capture.claimed);
  const { frameSigmaRad, stops } = reference;
  const encoders = encoderSigmaOfQuery(encodersOf(reference), claimed);
  const looks = claimed.map((look) => multiply(joint.rotation, look));
  const loose = looseOf(stops, looks);
  // Yaw turns about the mount's z, pitch about y, roll about x.
  return [2, 1, 0].map((axis, angle) =>
    Math.hypot(joint.sigmaRad[angle]!, frameSigmaRad[axis]!, loose[axis]!, encoders[axis]!),
  );
};

const answer = (
  reference: Reference,
  query: Query,
  solved: readonly CaptureSolution[],
  joint: Refined,
  cause: SolveAnswer['cause'],
): Omit<SolveAnswer, 'solve_ms'> => {
  const { yawRad, pitchRad, rollRad } = toEuler(joint.rotation);
  const offsets = [yawRad, pitchRad, rollRad].map(degFromRad) as [number, number, number];
  const good = solved.filter(({ rejection }) => rejection === null);
  const sigmaRad = wholeSigma(reference, good, joint);
  const doubt = uncertaintyOf(sigmaRad, query.thresholdDeg);
  if (doubt !== null) return refusal(query, solved, doubt);
  const [yaw, pitch, roll] = sigmaRad.map(degFromRad) as [number, number, number];
  const lens = good[0]!.capture.lens;
  const observable = joint.focalScaleSigma < 0.5 * priorOf(query);
  return {
    query: query.name,
    success: true,
    verdict: offsets.some((offset) => Math.abs(offset) > query.thresholdDeg) ? 'drifted' : 'ok',
    yaw_offset: offsets[0],
    pitch_offset: offsets[1],
    roll_offset: offsets[2],
    sigma: { yaw, pitch, roll },
    zoom_scale: observable ? joint.focalScale : null,
    inliers: good.reduce((sum, { observations }) => sum + observations.length, 0),
    matches: good.reduce((sum, { matches }) => sum + matches, 0),
    log10_nfa: Math.min(...good.map(({ located }) => located.log10Nfa)),
    layer: reference.layer?.name ?? PRIMARY,
    lens: { focal_px: lens.focalPx, k1: lens.k1, k2: lens.k2 },
    cause,
    captures: solved.map(captureLine),
    failure_log: null,
  };
};
