import {
  exponential,
  fromTwoBearings,
  identity,
  multiply,
  type Mat3,
  type Vec3,
} from '../../geometry/rotation.js';
import { solveSymmetric } from '../../geometry/linear.js';
import { seededRandom } from '../../geometry/random.js';

/** Pairs of unit bearings that a rotation should bring together: to ≈ R·from. Arrays x y z in turn. */
export interface BearingPairs {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

export interface RobustRotation {
  readonly rotation: Mat3;
  readonly inliers: readonly number[];
  /** Sum of 1 − (error/threshold)² over inliers. */
  readonly score: number;
}

/** Most samples are of wrong pairs and cost next to nothing: their bearings lie at other angles to one another. */
const MAX_SAMPLES = 20_000;
const CONFIDENCE = 0.9999;
const LOCAL_STEPS = 4;

const at = (values: Float64Array, i: number): Vec3 => [
  values[i * 3]!,
  values[i * 3 + 1]!,
  values[i * 3 + 2]!,
];

/** Squared chord between R·from and to. */
const errorSquared = (r: Mat3, { from, to }: BearingPairs, i: number): number => {
  const [x, y, z] = [from[i * 3]!, from[i * 3 + 1]!, from[i * 3 + 2]!];
  const dx = r[0]! * x + r[1]! * y + r[2]! * z - to[i * 3]!;
  const dy = r[3]! * x + r[4]! * y + r[5]! * z - to[i * 3 + 1]!;
  const dz = r[6]! * x + r[7]! * y + r[8]! * z - to[i * 3 + 2]!;
  return dx * dx + dy * dy + dz * dz;
};

const evaluate = (rotation: Mat3, pairs: BearingPairs, thresholdRad: number): RobustRotation => {
  const limit = thresholdRad * thresholdRad;
  const inliers: number[] = [];
  let score = 0;
  for (let i = 0; i < pairs.from.length / 3; i++) {
    const error = errorSquared(rotation, pairs, i);
    if (error >= limit) continue;
    inliers.push(i);
    score += 1 - error / limit;
  }
  return { rotation, inliers, score };
};

const angleWithin = (values: Float64Array, i: number, j: number): number => {
  const cosine =
    values[i * 3]! * values[j * 3]! +
    values[i * 3 + 1]! * values[j * 3 + 1]! +
    values[i * 3 + 2]! * values[j * 3 + 2]!;
  return Math.acos(Math.max(-1, Math.min(1, cosine)));
};

/** Whether two pairs could be brought together within the threshold each: a rotation leaves angles as they are. */
const areRigid = ({ from, to }: BearingPairs, i: number, j: number, thresholdRad: number): boolean =>
  Math.abs(angleWithin(from, i, j) - angleWithin(to, i, j)) < 2 * thresholdRad;

/** One Gauss-Newton step on the inliers: the small rotation w with w × R·from ≈ to − R·from. */
const polish = (model: RobustRotation, pairs: BearingPairs): Mat3 => {
  const hessian = Float64Array.of(1e-9, 0, 0, 0, 1e-9, 0, 0, 0, 1e-9);
  const gradient = new Float64Array(3);
  const r = model.rotation;
  for (const i of model.inliers) {
    const [x, y, z] = at(pairs.from, i);
    const p = r[0]! * x + r[1]! * y + r[2]! * z;
    const q = r[3]! * x + r[4]! * y + r[5]! * z;
    const s = r[6]! * x + r[7]! * y + r[8]! * z;
    const [tx, ty, tz] = at(pairs.to, i);
    const add = (k: number, value: number): void => {
      hessian[k] = hessian[k]! + value;
    };
    add(0, q * q + s * s);
    add(4, p * p + s * s);
    add(8, p * p + q * q);
    add(1, -p * q);
    add(3, -p * q);
    add(2, -p * s);
    add(6, -p * s);
    add(5, -q * s);
    add(7, -q * s);
    gradient[0] = gradient[0]! + q * tz - s * ty;
    gradient[1] = gradient[1]! + s * tx - p * tz;
    gradient[2] = gradient[2]! + p * ty - q * tx;
  }
  const w = solveSymmetric(hessian, gradient, 3);
  return w === null ? r : multiply(exponential([w[0]!, w[1]!, w[2]!]), r);
};

const improve = (model: RobustRotation, pairs: BearingPairs, thresholdRad: number): RobustRotation => {
  let best = model;
  for (let step = 0; step < LOCAL_STEPS && best.inliers.length >= 3; step++) {
    const next = evaluate(polish(best, pairs), pairs, thresholdRad);
    if (next.score <= best.score) break;
    best = next;
  }
  return best;
};

/** Whether its score is higher, found out with no more pairs than that takes. */
const isBetter = (rotation: Mat3, pairs: BearingPairs, thresholdRad: number, toBeat: number): boolean => {
  const limit = thresholdRad * thresholdRad;
  const count = pairs.from.length / 3;
  let score = 0;
  for (let i = 0; i < count && score + count - i > toBeat; i++) {
    const error = errorSquared(rotation, pairs, i);
    if (error < limit) score += 1 - error / limit;
  }
  return score > toBeat;
};

/** Samples after which a rotation that more pairs agree on would have been found. */
const samplesFor = ({ inliers }: RobustRotation, count: number): number => {
  const share = (inliers.length / count) ** 2;
  const needed = Math.log(1 - CONFIDENCE) / Math.log(Math.max(1e-12, 1 - share * 0.7));
  return share > 0 ? Math.min(MAX_SAMPLES, Math.ceil(needed) + 20) : MAX_SAMPLES;
};

/**
 * The rotation that most pairs agree on: 2-bearing samples, truncated squared loss, local optimisation of every new best
 * (Chum, Matas, Kittler 2003). Samples are drawn until a better one is unlikely, at most 20,000. `maxTurnRad` bounds the answer.
 */
export const findRotation = (
  pairs: BearingPairs,
  thresholdRad: number,
  maxTurnRad: number,
  seed: number,
): RobustRotation => {
  const count = pairs.from.length / 3;
  const random = seededRandom(seed);
  let best: RobustRotation = improve(evaluate(identity(), pairs, thresholdRad), pairs, thresholdRad);
  // A camera that hardly moved is found without a sample.
  let needed = samplesFor(best, count);
  const minTrace = 1 + 2 * Math.cos(Math.min(Math.PI, maxTurnRad));
  for (let sample = 0; sample < needed && count >= 2; sample++) {
    const i = Math.floor(random() * count);
    const j = Math.floor(random() * count);
    if (i === j || !areRigid(pairs, i, j, thresholdRad)) continue;
    const rotation = fromTwoBearings(at(pairs.from, i), at(pairs.from, j), at(pairs.to, i), at(pairs.to, j));
    if (rotation === null || rotation[0]! + rotation[4]! + rotation[8]! < minTrace) continue;
    if (!isBetter(rotation, pairs, thresholdRad, best.score)) continue;
    best = improve(evaluate(rotation, pairs, thresholdRad), pairs, thresholdRad);
    needed = samplesFor(best, count);
  }
  return best;
};
