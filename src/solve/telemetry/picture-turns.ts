import { radFromDeg } from '../../geometry/angles.js';
import { bearingFromPixel, centredLens, focalFromHfov, type Lens } from '../../geometry/lens.js';
import { solveSymmetric } from '../../geometry/linear.js';
import {
  cross,
  dot,
  exponential,
  multiply,
  norm,
  normalize,
  rotate,
  type Mat3,
  type Vec3,
} from '../../geometry/rotation.js';
import type { SeenPair } from './seen-together.js';

/** The turn between two pictures as they show it under some lens: free of what the telemetry says. */
interface PictureTurn {
  /** Turns directions of the first picture's body axes into the second's. */
  readonly bFromA: Mat3;
  /** What the turn leaves of a tie, px, in the median. */
  readonly offPx: number;
}

const ROUNDS = 5;
const CONVERGED_RAD = 3e-5;

const median = (values: readonly number[]): number =>
  Float64Array.from(values).sort()[Math.floor(values.length / 2)]!;

const added = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const between = (from: Vec3, to: Vec3): Vec3 => [to[0] - from[0], to[1] - from[1], to[2] - from[2]];

/** The smallest rotation that brings one direction to another. */
const shortestTurn = (from: Vec3, to: Vec3): Mat3 => {
  const axis = cross(from, to);
  const scale = Math.atan2(norm(axis), dot(from, to)) / Math.max(1e-12, norm(axis));
  return exponential([axis[0] * scale, axis[1] * scale, axis[2] * scale]);
};

/** The small rotation that brings directions nearest to others, each by its weight; null where they do not tell. */
const stepBetween = (from: readonly Vec3[], to: readonly Vec3[], weights: readonly number[]): Vec3 | null => {
  const hessian = new Float64Array(9);
  const gradient = new Float64Array(3);
  from.forEach((p, i) => {
    const w = weights[i]!;
    const lever = cross(p, between(p, to[i]!));
    for (let row = 0; row < 3; row++) {
      gradient[row] = gradient[row]! + w * lever[row]!;
      for (let column = 0; column <= row; column++) {
        const at = row * 3 + column;
        hessian[at] = hessian[at]! + w * ((row === column ? 1 : 0) - p[row]! * p[column]!);
      }
    }
  });
  const step = solveSymmetric(hessian, gradient, 3);
  return step && [step[0]!, step[1]!, step[2]!];
};

/** The turn that most of a pair's ties agree on under a lens. */
export const turnOf = ({ ties }: SeenPair, lens: Lens): PictureTurn => {
  const from = ties.map(({ ax, ay }) => bearingFromPixel(lens, ax, ay));
  const to = ties.map(({ bx, by }) => bearingFromPixel(lens, bx, by));
  let bFromA = shortestTurn(normalize(from.reduce(added)), normalize(to.reduce(added)));
  let offPx = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const moved = from.map((direction) => rotate(bFromA, direction));
    const errorsPx = moved.map((direction, i) => lens.focalPx * norm(between(direction, to[i]!)));
    offPx = median(errorsPx);
    const scalePx = Math.max(1, 3 * offPx);
    const weights = errorsPx.map((error) => 1 / (1 + (error / scalePx) ** 2) ** 2);
    const step = stepBetween(moved, to, weights);
    if (step === null || norm(step) < CONVERGED_RAD) break;
    bFromA = multiply(exponential(step), bFromA);
  }
  return { bFromA, offPx };
};

/** A lens of one focal length, with the distortion that suits the pictures best. */
interface LensGuess {
  readonly lens: Lens;
  /** What the turns under it leave of the ties, px. */
  readonly offPx: number;
}

/** What the perspective of pictures that turned against each other tells of their lens. */
export interface LensStudy {
  readonly widthPx: number;
  /** Focal lengths from the shortest to the longest that any camera has, px. */
  readonly shortestPx: number;
  readonly longestPx: number;
  best(): LensGuess;
  at(focalPx: number): LensGuess;
  /** Whether the pictures may have been taken through such a lens. */
  allows(guess: LensGuess): boolean;
}

const MIN_HFOV_DEG = 1.5;
const MAX_HFOV_DEG = 125;
const FOCAL_STEP = 1.3;
const FINE_STEPS = [1.14, 1.07, 1.035];
/** Distortions that are tried: by which share of its distance a corner of the picture moves. */
const CORNER_SHIFTS = [-0.24, -0.15, -0.08, -0.03, 0];
const FINE_SHIFTS = [0.03, 0.015, 0.008];
/** Pairs, taken evenly, that tell of a lens. */
const MAX_PAIRS = 20;
/**
 * A lens is out of the question when the turns under it leave both twice as much of the ties as under the best, and this share of the
 * picture's width more: as much as a principal point off the middle leaves, or a distortion of another form.
 */
const MAX_OFF_RATIO = 2;
const MAX_OFF_SHARE = 0.0011;

const better = (a: LensGuess, b: LensGuess): LensGuess => (b.offPx < a.offPx ? b : a);

/** Every focal length of a grid, then finer about the best. */
const bestGuess = (at: (focalPx: number) => LensGuess, shortestPx: number, longestPx: number): LensGuess => {
  let best = at(shortestPx);
  for (let focalPx = shortestPx * FOCAL_STEP; focalPx <= longestPx; focalPx *= FOCAL_STEP) {
    best = better(best, at(focalPx));
  }
  for (const step of FINE_STEPS) {
    const { focalPx } = best.lens;
    best = [focalPx / step, focalPx * step].map(at).reduce(better, best);
  }
  return best;
};

/**
 * Tells from pairs of pictures which lenses they may have been taken through. A turning camera shows its focal length without any
 * telemetry: the wider its view, the more the edges move otherwise than the middle. A narrow view allows many.
 */
export const studyLens = (allPairs: readonly SeenPair[], widthPx: number, heightPx: number): LensStudy => {
  const step = Math.max(1, allPairs.length / MAX_PAIRS);
  const pairs = Array.from(
    { length: Math.min(MAX_PAIRS, allPairs.length) },
    (_, i) => allPairs[Math.floor(i * step)]!,
  );
  const cornerPx = Math.hypot(widthPx, heightPx) / 2;
  const guess = (focalPx: number, k1: number): LensGuess => {
    const lens = centredLens(focalPx, k1, 0, widthPx, heightPx);
    return { lens, offPx: median(pairs.map((pair) => turnOf(pair, lens).offPx)) };
  };
  const at = (focalPx: number): LensGuess => {
    const scale = (focalPx / cornerPx) ** 2;
    let best = CORNER_SHIFTS.map((shift) => guess(focalPx, shift * scale)).reduce(better);
    for (const shift of FINE_SHIFTS) {
      const { k1 } = best.lens;
      best = [k1 - shift * scale, k1 + shift * scale]
        .map((near) => guess(focalPx, near))
        .reduce(better, best);
    }
    return best;
  };
  const shortestPx = focalFromHfov(radFromDeg(MAX_HFOV_DEG), widthPx);
  const longestPx = focalFromHfov(radFromDeg(MIN_HFOV_DEG), widthPx);
  // Seldom asked for, and dear.
  let found: LensGuess | null = null;
  const best = (): LensGuess => (found ??= bestGuess(at, shortestPx, longestPx));
  const allows = ({ offPx }: LensGuess): boolean => {
    const limitPx = MAX_OFF_SHARE * widthPx;
    if (offPx < limitPx) return true;
    const leastPx = best().offPx;
    return offPx < MAX_OFF_RATIO * leastPx || offPx ** 2 - leastPx ** 2 < limitPx ** 2;
  };
  return { widthPx, shortestPx, longestPx, best, at, allows };
};
