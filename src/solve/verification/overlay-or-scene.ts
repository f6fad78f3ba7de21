import { bearingFromPixel, type Lens, pixelFromBearing } from '../../geometry/lens.js';
import { type Mat3, multiply, rotate, toEuler, transpose, type Vec3 } from '../../geometry/rotation.js';
import { type Refined, turnSigmaRad } from '../estimation/rotation-refinement.js';
import {
  FIXED_PX,
  median,
  type Motion,
  motionOf,
  nearestStop,
  screenMotion,
} from '../localization/overlay-motion.js';
import type { DecodedFrame, FrameFeatures } from '../model/frame-features.js';
import type { Observation } from '../model/observation.js';
import type { Reference } from '../model/reference.js';
import { compareStill, type StillBlocks } from './gradient-blocks.js';
import { type Points, type Support, supportOf, tellsOfPlace } from './scene-support.js';
import { offPx } from './static-inliers.js';

/** So many standard errors off the scan's picture a camera has surely moved. */
const OFF_SIGMAS = 3;

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
