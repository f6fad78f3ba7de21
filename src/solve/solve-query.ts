import { degFromRad } from '../geometry/angles.js';
import { bearingFromPixel } from '../geometry/lens.js';
import { fromEuler, identity, multiply, rotate, toEuler, type Mat3 } from '../geometry/rotation.js';
import { lightFault, rejectionOf, uncertaintyOf } from './acceptance.js';
import { PRIMARY, unanswered, type SolveAnswer } from './answer.js';
import { captureAgree, commonTiltSlip, nameCause, type CaptureFinding, type TiltSlip } from './cause.js';
import {
  countDecoys,
  locateCapture,
  observeGuided,
  type Located,
  type QueryCapture,
} from './locate-capture.js';
import { spreadSample } from './match-landmarks.js';
import { finalEvidence, type Fit } from './final-evidence.js';
import { encoderSigmaOf, encoderSigmaOfQuery } from './encoder-noise.js';
import type { Reference } from './reference.js';
import { refineRotation, type Refined } from './refine.js';
import { isOtherLens } from './lens-change.js';
import { dropScreenFixed, overlayDoubt } from './screen-fixed.js';
import type { SphericalIndex } from './spherical-index.js';

/** Prior standard error of the log focal scale where the zoom level was calibrated, and where it was not. */
const FOCAL_PRIOR = { covered: 0.004, extrapolated: 0.03 };
const MIN_FIT_PX = 1.5;
const FIT_SIGMAS = 3.5;
/** Where an overlay could not be learned, a tight loss keeps what stands still from pulling a picture that hardly moved. */
const REJECT_SPREADS = 3;
/** Matching around a first rotation, then with all features closer around the better one. */
const PASSES = [
  { radiusPx: 14, sample: 1200 },
  { radiusPx: 6, sample: Infinity },
];

export interface Query {
  readonly name: string;
  readonly captures: readonly QueryCapture[];
  /** False where a zoom lies outside what the scan calibrated. */
  readonly zoomCovered: boolean;
  readonly thresholdDeg: number;
}

interface CaptureSolution extends Fit {
  readonly capture: QueryCapture;
  readonly located: Located;
  readonly rejection: string | null;
}

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
  const findings: CaptureFinding[] = good.map(({ capture, refined }) => ({
    claimed: capture.claimed,
    refined,
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
  return isOtherLens(observations, query.captures, rotation, focalScale);
};

const priorOf = (query: Query): number =>
  query.zoomCovered ? FOCAL_PRIOR.covered : FOCAL_PRIOR.extrapolated;

const solveCapture = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
  capture: QueryCapture,
  captureIndex: number,
): CaptureSolution => {
  const fault = lightFault(capture.features.light, capture.features);
  if (fault !== null) return unsolved(capture, fault);
  const first = locateCapture(reference, index, capture);
  if (first === null) return unsolved(capture, 'no match with the scan near where telemetry has it');
  const fit = refineGuided(reference, index, query, capture, first, captureIndex);
  const evidence = finalEvidence(reference, index, capture, first.features, fit);
  const located = { ...first, log10Nfa: Math.max(first.log10Nfa, evidence) };
  const decoyInliers = countDecoys(reference, index, capture, located.features, fit.refined.rotation);
  const weakness = rejectionOf({
    refined: fit.refined,
    inliers: fit.observations,
    log10Nfa: located.log10Nfa,
    decoyInliers,
    widthPx: reference.widthPx,
    heightPx: reference.heightPx,
    thresholdDeg: query.thresholdDeg,
  });
  const rejection =
    weakness ?? overlayDoubt(reference, capture, located.features, fit.refined.rotation, fit.observations);
  const seen = seesScan(reference, index, capture);
  const reason = rejection !== null && !seen ? `no overlap with the scan (${rejection})` : rejection;
  return { capture, located, ...fit, rejection: reason };
};

const seesScan = (reference: Reference, index: SphericalIndex, { claimed, lens }: QueryCapture): boolean => {
  const centre = rotate(claimed, bearingFromPixel(lens, lens.centreX, lens.centreY));
  return (
    index.collectNear(centre, Math.atan(lens.centreX / lens.focalPx)) >= 30 && reference.stops.length > 0
  );
};

/** Guided matches, refinement, and both once more from the better rotation with the outliers gone. */
const refineGuided = (
  reference: Reference,
  index: SphericalIndex,
  query: Query,
  capture: QueryCapture,
  located: Located,
  captureIndex: number,
): Fit => {
  let rotation: Mat3 = located.rotation;
  let { focalScale } = located;
  let result: Fit | null = null;
  for (const { radiusPx, sample } of PASSES) {
    const scaled = { ...capture, lens: { ...capture.lens, focalPx: capture.lens.focalPx * focalScale } };
    const all = dropScreenFixed(
      reference,
      multiply(rotation, capture.claimed),
      observeGuided(
        reference,
        index,
        scaled,
        located.features,
        rotation,
        captureIndex,
        radiusPx,
        spreadSample(located.features, sample),
      ),
    );
    const problem = {
      ...{ captures: query.captures, focalPrior: priorOf(query), searchPx: radiusPx },
      ...(!reference.mask.learned && { rejectSpreads: REJECT_SPREADS }),
    };
    const refined = refineRotation({ ...problem, observations: all }, rotation, focalScale);
    const fitPx = Math.max(MIN_FIT_PX, FIT_SIGMAS * refined.sigmaPx);
    const observations = all.filter((_, i) => refined.residualsPx[i]! < fitPx);
    result = { refined, observations, matches: all.length, fitPx };
    ({ rotation, focalScale } = refined);
  }
  return result!;
};

const unsolved = (capture: QueryCapture, rejection: string): CaptureSolution => ({
  capture,
  located: { rotation: identity(), focalScale: 1, log10Nfa: 0, features: capture.features },
  observations: [],
  matches: 0,
  fitPx: 0,
  refined: {
    rotation: identity(),
    focalScale: 1,
    focalScaleSigma: Infinity,
    sigmaRad: [Infinity, Infinity, Infinity],
    sigmaPx: 0,
    residualsPx: new Float64Array(0),
    converged: false,
  },
  rejection,
});

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

/** Standard errors of yaw, pitch and roll: from the pictures, the reference's frame, and the encoders at the query's captures. */
const wholeSigma = (
  { frameSigmaRad, stops, layer }: Reference,
  good: readonly CaptureSolution[],
  joint: Refined,
): number[] => {
  const claimed = good.map(({ capture }) => capture.claimed);
  const encoderSigma = layer?.encoderSigma ?? encoderSigmaOf(frameSigmaRad, stops.length);
  const encoders = encoderSigmaOfQuery(encoderSigma, claimed);
  // Yaw turns about the mount's z, pitch about y, roll about x.
  return [2, 1, 0].map((axis, angle) =>
    Math.hypot(joint.sigmaRad[angle]!, frameSigmaRad[axis]!, encoders[axis]!),
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
