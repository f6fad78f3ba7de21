import { bearingFromPixel, pixelFromBearing, type Lens } from '../../geometry/lens.js';
import { multiply, rotate, toEuler, transpose, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import type { DecodedFrame, FrameFeatures } from '../model/frame-features.js';
import { lensAtZoom } from '../model/lens-levels.js';
import type { Reference } from '../model/reference.js';
import { turnSigmaRad, type Observation, type Refined } from '../estimation/rotation-refinement.js';
import { supportOf, tellsOfPlace, type Points, type Support } from './scene-support.js';
import { compareStill, type StillBlocks } from './gradient-blocks.js';
import { offPx, type Motion } from './static-inliers.js';

/** Moved by less than this against the scan's own picture, a point may belong to the screen, px. */
const FIXED_PX = 2;
/** So many standard errors off the scan's picture a camera has surely moved. */
const OFF_SIGMAS = 3;

/** The scan's picture that looks where a frame looks; what is burnt in stays at its pixels. */
interface NearestStop {
  /** Null where the scan's pictures are not kept. */
  readonly picture: DecodedFrame | null;
  readonly bodyFromMount: Mat3;
  readonly lens: Lens;
}

const nearestStop = (reference: Reference, mountFromBody: Mat3): NearestStop => {
  const closeness = ({ mountFromBody: m }: { mountFromBody: Mat3 }): number =>
    m[0]! * mountFromBody[0]! + m[3]! * mountFromBody[3]! + m[6]! * mountFromBody[6]!;
  const stop = reference.stops.reduce((a, b) => (closeness(b) > closeness(a) ? b : a));
  const { levels, widthPx, heightPx } = reference;
  return {
    picture: reference.pictures?.[reference.stops.indexOf(stop)] ?? null,
    bodyFromMount: transpose(stop.mountFromBody),
    lens: lensAtZoom(levels, stop.zoom, widthPx, heightPx),
  };
};

/**
 * How far, px, a point of a frame lies from where the scan's nearest picture shows the same landmark. Burnt-in letters and dirt
 * on the glass give 0 whatever the camera does, so they vote for "nothing moved".
 */
export const screenMotion = (
  reference: Reference,
  mountFromBody: Mat3,
): ((x: number, y: number, landmark: Vec3) => number) => {
  const { bodyFromMount, lens } = nearestStop(reference, mountFromBody);
  return (x, y, landmark) => {
    const there = pixelFromBearing(lens, rotate(bodyFromMount, landmark));
    return there === null ? Infinity : Math.hypot(there[0] - x, there[1] - y);
  };
};

/** Where points stand in the scan's nearest picture, and where answers about `rotation` put them. */
export const motionOf = (
  reference: Reference,
  { claimed, lens }: { readonly claimed: Mat3; readonly lens: Lens },
  rotation: Mat3,
): Motion => {
  const stop = nearestStop(reference, multiply(rotation, claimed));
  return {
    still: ({ landmark }) => pixelFromBearing(stop.lens, rotate(stop.bodyFromMount, landmark)),
    answered: ({ landmark }, refined) => {
      const bodyFromMount = transpose(multiply(refined.rotation, claimed));
      const scaled = { ...lens, focalPx: lens.focalPx * refined.focalScale };
      return pixelFromBearing(scaled, rotate(bodyFromMount, landmark));
    },
  };
};

export const isScreenFixed = (motionPx: number): boolean => motionPx < FIXED_PX;

/** Where the scan's landmarks lie in a picture with this lens. */
const scanPointsIn = (reference: Reference, bodyFromMount: Mat3, lens: Lens): Points => {
  const { bearings } = reference.landmarks;
  const pixels: (readonly [number, number])[] = [];
  for (let at = 0; at < bearings.length; at += 3) {
    const landmark: Vec3 = [bearings[at]!, bearings[at + 1]!, bearings[at + 2]!];
    const pixel = pixelFromBearing(lens, rotate(bodyFromMount, landmark));
    if (pixel !== null) pixels.push(pixel);
  }
  return { x: pixels.map(([x]) => x), y: pixels.map(([, y]) => y) };
};

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Infinity;

/** What agrees with an answer: within `fitPx` of it. */
interface Agreeing {
  readonly refined: Pick<Refined, 'rotation' | 'focalScale' | 'covariance'>;
  readonly observations: readonly Observation[];
  readonly fitPx: number;
}

interface Still {
  readonly claimed: Mat3;
  readonly lens: Lens;
  readonly picture?: DecodedFrame;
}

/** The edges of all that did not match, against the scan's picture; null where one of the pictures is not at hand. */
const compareRest = (
  reference: Reference,
  { lens, picture }: Still,
  mountFromBody: Mat3,
  features: FrameFeatures,
  matched: Points,
): StillBlocks | null => {
  const stop = nearestStop(reference, mountFromBody);
  if (picture === undefined || stop.picture === null) return null;
  const bodyFromBody = multiply(stop.bodyFromMount, mountFromBody);
  const moved = (x: number, y: number): readonly [number, number] | null => {
    const there = pixelFromBearing(stop.lens, rotate(bodyFromBody, bearingFromPixel(lens, x, y)));
    return there && [there[0] - x, there[1] - y];
  };
  return compareStill(picture, stop.picture, moved, tellsOfPlace(features, matched));
};

/** Whether the camera stands otherwise than it did for the scan's nearest picture; what is burnt in always says that it does not. */
const isOffStop = (reference: Reference, mountFromBody: Mat3, sigmaRad: readonly number[]): boolean => {
  const turn = toEuler(multiply(mountFromBody, nearestStop(reference, mountFromBody).bodyFromMount));
  return [turn.yawRad, turn.pitchRad, turn.rollRad].some(
    (angle, k) => Math.abs(angle) > OFF_SIGMAS * sigmaRad[k]!,
  );
};

/** Of what agrees with an answer of the place so much lies nearer to it than to standing still. */
const NEARER_SHARE = 0.55;

const liesAtAnswer = (
  { still, answered }: Motion,
  observations: readonly Observation[],
  refined: Pick<Refined, 'rotation' | 'focalScale'>,
): boolean => {
  const nearer = observations.filter((observation) => {
    const [from, to] = [still(observation), answered(observation, refined)];
    const { x, y } = observation;
    return from && to && Math.hypot(to[0] - x, to[1] - y) < Math.hypot(from[0] - x, from[1] - y);
  });
  return nearer.length > NEARER_SHARE * observations.length;
};

/**
 * What says that an answer does not come from the screen alone: asked where most of what agrees with it would agree with standing
 * still as well, and of scans too small to learn their overlay.
 */
export const placeSupport = (
  reference: Reference,
  capture: Still,
  features: FrameFeatures,
  { refined, observations, fitPx }: Agreeing,
): Support => {
  if (reference.mask.learned) return 'points';
  const mountFromBody = multiply(refined.rotation, capture.claimed);
  const motion = screenMotion(reference, mountFromBody);
  const moved = median(observations.map(({ x, y, landmark }) => motion(x, y, landmark)));
  if (moved >= Math.max(FIXED_PX, fitPx)) return 'points';
  const matched = { x: observations.map(({ x }) => x), y: observations.map(({ y }) => y) };
  const scanPoints = scanPointsIn(reference, transpose(mountFromBody), capture.lens);
  const rest = compareRest(reference, capture, mountFromBody, features, matched);
  const hasMoved = isOffStop(reference, mountFromBody, turnSigmaRad(refined));
  const toPlace = motionOf(reference, capture, refined.rotation);
  const isApart = hasMoved && liesAtAnswer(toPlace, observations, refined);
  const apartPx = isApart ? offPx(observations, toPlace, refined) : 0;
  return supportOf(features, scanPoints, matched, rest, { hasMoved, apartPx });
};

/** Where an answer puts the landmarks in a frame. */
interface View {
  readonly mountFromBody: Mat3;
  readonly lens: Lens;
}

/**
 * The observations without those that stand still on the screen although the place has moved. Whether it has is asked of the answer,
 * which says by how far every landmark should have: seen ones scatter, and would seem to move where nothing does. Within
 * `agreesPx` of the answer nothing is dropped: to take from what scatters about it all on the side of standing still would push
 * the answer away from there.
 */
export const dropScreenFixed = (
  reference: Reference,
  { mountFromBody, lens }: View,
  observations: readonly Observation[],
  agreesPx: number,
): readonly Observation[] => {
  if (reference.mask.learned) return observations;
  const motion = screenMotion(reference, mountFromBody);
  const bodyFromMount = transpose(mountFromBody);
  const due = observations.map(({ landmark }) => pixelFromBearing(lens, rotate(bodyFromMount, landmark)));
  const moved = observations.map(({ landmark }, i) => (due[i] ? motion(...due[i], landmark) : Infinity));
  if (isScreenFixed(median(moved))) return observations;
  return observations.filter(({ x, y, landmark }, i) => {
    if (!isScreenFixed(motion(x, y, landmark))) return true;
    return due[i] != null && Math.hypot(due[i][0] - x, due[i][1] - y) < agreesPx;
  });
};
