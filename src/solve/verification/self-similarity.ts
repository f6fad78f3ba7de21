import { radFromDeg } from '../../geometry/angles.js';
import type { Vec3 } from '../../geometry/rotation.js';
import { dotAt } from '../matching/landmark-matching.js';
import { DESCRIPTOR_WORDS, hammingDistance } from '../model/hamming.js';
import type { Observation } from '../model/observation.js';
import type { Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';

/** So many of the points that agree are asked whether the place shows their like again. */
const SAMPLE = 60;
/** Nearer than this a like is part of the point itself. */
const BESIDE_RAD = radFromDeg(1.2);
/** Where a like is looked for: no farther than a picture reaches, and no farther than a mount is knocked. */
export const [REACH_RAD, FAR_REACH_RAD] = [radFromDeg(16), radFromDeg(45)];
const MAX_SIZE_RATIO = 1.3;
/** Two of a kind differ in fewer bits; of thousands of unlike things hardly one differs from a thing in so few. */
const ALIKE_BITS = 90;
const REPEATING_SHARE = 0.3;

/** Whether the place has the like of one of its landmarks, at a bearing, elsewhere. */
export const hasLike = (
  { landmarks }: Reference,
  index: SphericalIndex,
  landmark: Vec3,
  reachRad = REACH_RAD,
): boolean => {
  const { bearings, descriptors, sizesRad } = landmarks;
  if (index.collectNear(landmark, 1e-5) === 0) return false;
  const look = index.found[0]!;
  const count = index.collectNear(landmark, reachRad);
  const beside = Math.cos(BESIDE_RAD);
  return index.found.subarray(0, count).some((other) => {
    const ratio = sizesRad[other]! / sizesRad[look]!;
    if (ratio > MAX_SIZE_RATIO || ratio < 1 / MAX_SIZE_RATIO) return false;
    if (dotAt(bearings, look, other) > beside) return false;
    const [a, b] = [look * DESCRIPTOR_WORDS, other * DESCRIPTOR_WORDS];
    return hammingDistance(descriptors, a, descriptors, b, ALIKE_BITS) < ALIKE_BITS;
  });
};

/**
 * Whether an answer rests on things of which the place has many, such as windows, columns and tiles: it could be off by whole
 * windows. Asked of the scan's own looks, whatever the query's light.
 */
export const restsOnRepeats = (
  reference: Reference,
  index: SphericalIndex,
  observations: readonly Observation[],
  reachRad = REACH_RAD,
): boolean => {
  const step = Math.max(1, observations.length / SAMPLE);
  const count = Math.min(SAMPLE, observations.length);
  const sample = Array.from({ length: count }, (_, k) => observations[Math.floor(k * step)]!);
  const most = REPEATING_SHARE * count;
  let [repeated, left] = [0, count];
  for (const observation of sample) {
    if (repeated > most || repeated + left <= most) break; // the rest changes nothing
    if (hasLike(reference, index, observation.landmark, reachRad)) repeated++;
    left--;
  }
  return repeated > most;
};
