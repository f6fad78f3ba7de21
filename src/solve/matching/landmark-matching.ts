import { bearingFromPixel, type Lens } from '../../geometry/lens.js';
import { type Mat3, rotate, type Vec3 } from '../../geometry/rotation.js';
import type { FrameFeatures } from '../model/frame-features.js';
import { DESCRIPTOR_WORDS, hammingDistance, mayMatch } from '../model/hamming.js';
import type { Landmarks, Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';
import type { DescriptorIndex } from './descriptor-lsh.js';
import { MAX_DISTANCE } from './pair-matching.js';

/** A query feature and the landmark look it resembles. */
export interface LandmarkMatch {
  readonly feature: number;
  readonly look: number;
  readonly distance: number;
}

interface Guidance {
  /** Where the frame is believed to look: mountFromBody. */
  readonly mountFromBody: Mat3;
  readonly radiusRad: number;
  /** Features to try; all when omitted. */
  readonly only?: readonly number[];
  readonly ratio?: number;
}

/** Landmarks of about the same bearing are no rivals: they are the same thing in the world. */
const SAME_PLACE_PX = 5;
const MAX_SIZE_RATIO = 1.9;
/** Among so many candidates, those that differ much in a part of the descriptor are not looked at further. */
const MANY_CANDIDATES = 100;

/** Cosine of the angle between two of `bearings`. */
export const dotAt = (bearings: Float64Array, i: number, j: number): number =>
  bearings[i * 3]! * bearings[j * 3]! +
  bearings[i * 3 + 1]! * bearings[j * 3 + 1]! +
  bearings[i * 3 + 2]! * bearings[j * 3 + 2]!;

/**
 * Best candidate of one feature that passes the ratio test against the best landmark elsewhere, or null. The first `count` of
 * `candidates` are looks.
 */
const bestLook = (
  { bearings, sizesRad, descriptors }: Landmarks,
  features: FrameFeatures,
  feature: number,
  lens: Lens,
  candidates: Int32Array,
  count: number,
  acceptedRatio: number,
): LandmarkMatch | null => {
  const sizeRad = features.size[feature]! / lens.focalPx;
  const [smallest, largest] = [sizeRad / MAX_SIZE_RATIO, sizeRad * MAX_SIZE_RATIO];
  const samePlace = Math.cos(SAME_PLACE_PX / lens.focalPx);
  const at = feature * DESCRIPTOR_WORDS;
  const many = count > MANY_CANDIDATES;
  let [best, second, look] = [MAX_DISTANCE, MAX_DISTANCE, -1];
  for (let k = 0; k < count; k++) {
    const candidate = candidates[k]!;
    const size = sizesRad[candidate]!;
    if (size < smallest || size > largest) continue;
    const there = candidate * DESCRIPTOR_WORDS;
    if (many && !mayMatch(features.descriptors, at, descriptors, there)) continue;
    const distance = hammingDistance(features.descriptors, at, descriptors, there, second);
    if (distance >= second) continue;
    const together = look >= 0 && dotAt(bearings, look, candidate) > samePlace;
    if (distance < best) {
      if (!together) second = best;
      best = distance;
      look = candidate;
    } else if (!together) second = distance;
  }
  return look >= 0 && best < acceptedRatio * second ? { feature, look, distance: best } : null;
};

/**
 * Guided matching: every feature against the landmarks within a radius of where it should be, ratio test against the best
 * landmark elsewhere, and each landmark given to its nearest feature alone.
 */
export const matchLandmarks = (
  reference: Reference,
  index: SphericalIndex,
  features: FrameFeatures,
  lens: Lens,
  { mountFromBody, radiusRad, only, ratio = 0.9 }: Guidance,
): LandmarkMatch[] => {
  const found: LandmarkMatch[] = [];
  for (const feature of only ?? features.x.keys()) {
    const body = bearingFromPixel(lens, features.x[feature]!, features.y[feature]!);
    const count = index.collectNear(rotate(mountFromBody, body), radiusRad);
    const match = bestLook(reference.landmarks, features, feature, lens, index.found, count, ratio);
    if (match !== null) found.push(match);
  }
  return onePerLandmark(reference, found);
};

/** Matching without guidance: the given features against the looks of the whole scan that share some bits exactly. */
export const matchAnywhere = (
  reference: Reference,
  index: DescriptorIndex,
  features: FrameFeatures,
  lens: Lens,
  tries: readonly number[],
  ratio: number,
): LandmarkMatch[] => {
  const found: LandmarkMatch[] = [];
  for (const feature of tries) {
    const count = index.collectLike(features.descriptors, feature * DESCRIPTOR_WORDS);
    const match = bestLook(reference.landmarks, features, feature, lens, index.found, count, ratio);
    if (match !== null) found.push(match);
  }
  return onePerLandmark(reference, found);
};

const onePerLandmark = (reference: Reference, matches: readonly LandmarkMatch[]): LandmarkMatch[] => {
  const owner = new Map<number, LandmarkMatch>();
  for (const match of matches) {
    const landmark = reference.landmarks.landmarkOf[match.look]!;
    const rival = owner.get(landmark);
    if (rival === undefined || match.distance < rival.distance) owner.set(landmark, match);
  }
  return [...owner.values()];
};

export const bearingOfLook = (
  { landmarks: { bearings } }: Pick<Reference, 'landmarks'>,
  look: number,
): Vec3 => {
  return [bearings[look * 3]!, bearings[look * 3 + 1]!, bearings[look * 3 + 2]!];
};

/** The strongest features, spread over the frame: the best of every cell in turn. */
export const spreadSample = (features: FrameFeatures, count: number): number[] => {
  if (features.count <= count) return [...features.x.keys()];
  const cell = Math.max(8, Math.sqrt((features.widthPx * features.heightPx) / (count / 3)));
  const columns = Math.ceil(features.widthPx / cell);
  const cells = new Map<number, number[]>();
  for (let i = 0; i < features.count; i++) {
    const key = Math.floor(features.y[i]! / cell) * columns + Math.floor(features.x[i]! / cell);
    const list = cells.get(key);
    if (list === undefined) cells.set(key, [i]);
    else list.push(i);
  }
  const sorted = [...cells.values()].map((list) =>
    list.sort((a, b) => features.response[b]! - features.response[a]! || a - b),
  );
  const sample: number[] = [];
  for (let rank = 0; sample.length < count && sorted.some((list) => list.length > rank); rank++) {
    for (const list of sorted)
      if (list[rank] !== undefined && sample.length < count) sample.push(list[rank]!);
  }
  return sample;
};
