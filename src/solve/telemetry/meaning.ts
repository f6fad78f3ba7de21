import { radFromDeg } from '../../geometry/angles.js';
import { solveSymmetric } from '../../geometry/linear.js';
import {
  fromPanTilt,
  logarithm,
  multiply,
  norm,
  transpose,
  type Mat3,
  type Vec3,
} from '../../geometry/rotation.js';
import type { StopTelemetry } from '../model/reference.js';

/** What the numbers of the telemetry may mean: true angles of both axes by those that it gives for degrees. */
export interface Meaning {
  /** What is given for pan is the tilt, and the other way round. */
  readonly swapped: boolean;
  /** Degrees by which the axis turns for every one that is given; below 0 where it turns the other way. */
  readonly panFactor: number;
  readonly tiltFactor: number;
  /** The true tilt where the telemetry gives 0. */
  readonly tiltZeroRad: number;
}

/** The telemetry means what it says. */
export const AS_TOLD: Meaning = { swapped: false, panFactor: 1, tiltFactor: 1, tiltZeroRad: 0 };

/** Where the head looks and how the pictures turned from one to another; stops by their index. */
export interface TurnedPair {
  readonly stopA: number;
  readonly stopB: number;
  /** As the pictures show it. */
  readonly bFromA: Mat3;
}

type PanTilt = Pick<StopTelemetry, 'panDeg' | 'tiltDeg'>;

/** The numbers given for the true pan and the true tilt, radians. */
const numbersOf = ({ swapped }: Meaning, { panDeg, tiltDeg }: PanTilt): readonly [number, number] =>
  swapped ? [radFromDeg(tiltDeg), radFromDeg(panDeg)] : [radFromDeg(panDeg), radFromDeg(tiltDeg)];

const attitudeOf = (meaning: Meaning, stop: PanTilt): Mat3 => {
  const [pan, tilt] = numbersOf(meaning, stop);
  return fromPanTilt(meaning.panFactor * pan, meaning.tiltFactor * tilt + meaning.tiltZeroRad);
};

/** The turn between two stops by what the telemetry may mean, in body axes of both. */
export const toldTurn = (meaning: Meaning, a: PanTilt, b: PanTilt): Mat3 =>
  multiply(transpose(attitudeOf(meaning, b)), attitudeOf(meaning, a));

export const turnRad = (turn: Mat3): number => norm(logarithm(turn));

/**
 * How far what a real head shows may be off what an ideal one tells: encoder noise, and a share of the turn itself, because every
 * error of the head's axes, zeros and gains and of the lens grows with the turn: about 2 % of it for every degree of such an error.
 */
const NOISE_RAD = radFromDeg(0.5);
const SHARE_OF_TURN = 0.08;

/** By how much a pair contradicts a meaning, in what is allowed; a rotation vector. */
const contradiction = (
  meaning: Meaning,
  stops: readonly PanTilt[],
  { stopA, stopB, bFromA }: TurnedPair,
): Vec3 => {
  const told = toldTurn(meaning, stops[stopA]!, stops[stopB]!);
  const [x, y, z] = logarithm(multiply(bFromA, transpose(told)));
  const allowed = NOISE_RAD + SHARE_OF_TURN * turnRad(bFromA);
  return [x / allowed, y / allowed, z / allowed];
};

/** Which pairs turned as the telemetry tells when it means this. */
export const explainedBy = (
  meaning: Meaning,
  stops: readonly PanTilt[],
  pairs: readonly TurnedPair[],
): readonly boolean[] => pairs.map((pair) => norm(contradiction(meaning, stops, pair)) < 1);

const medianOr = (values: readonly number[], fallback: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? fallback;

const NO_CHANGE_RAD = 1e-5;

/** What the pictures turned about an axis for every degree given, by the pairs between which its number changed most. */
const ratioOf = (
  pairs: readonly TurnedPair[],
  changeOf: (pair: TurnedPair) => number,
  shown: (turn: Mat3) => number,
  fallback: number,
): number => {
  const changes = pairs.map((pair) => Math.abs(changeOf(pair)));
  const bar =
    0.5 *
    medianOr(
      changes.filter((change) => change > NO_CHANGE_RAD),
      2 * NO_CHANGE_RAD,
    );
  return medianOr(
    pairs.flatMap((pair, i) => (changes[i]! >= bar ? [shown(pair.bFromA) / changes[i]!] : [])),
    fallback,
  );
};

/** Rz(pan)·Ry(tilt) turns about its first axis by what the middle of the matrix between two attitudes tells, whatever the tilts. */
const shownPanRad = (turn: Mat3): number => Math.acos(Math.max(-1, Math.min(1, turn[4]!)));
const shownTiltRad = (turn: Mat3): number => Math.abs(logarithm(turn)[1]);

/** Factors of one sign pattern to start from. */
const startsOf = (pattern: Meaning, stops: readonly PanTilt[], pairs: readonly TurnedPair[]): Meaning[] => {
  const change = (axis: 0 | 1) => (pair: TurnedPair) =>
    numbersOf(pattern, stops[pair.stopA]!)[axis] - numbersOf(pattern, stops[pair.stopB]!)[axis];
  const tilt = ratioOf(pairs, change(1), shownTiltRad, 1);
  const pan = ratioOf(pairs, change(0), shownPanRad, tilt);
  const ownTilt = ratioOf(pairs, change(1), shownTiltRad, pan);
  return [ownTilt, pan, 1].map((tiltFactor) => ({
    ...pattern,
    panFactor: pattern.panFactor * pan,
    tiltFactor: pattern.tiltFactor * tiltFactor,
  }));
};

/** The meaning with its factors and its zero moved: log pan factor, log tilt factor, tilt zero in radians. */
const moved = (meaning: Meaning, step: ArrayLike<number>): Meaning => ({
  ...meaning,
  panFactor: meaning.panFactor * Math.exp(step[0]!),
  tiltFactor: meaning.tiltFactor * Math.exp(step[1]!),
  tiltZeroRad: meaning.tiltZeroRad + step[2]!,
});

const ROUNDS = 8;
/** Pairs, taken evenly, that tell factors. */
const MAX_PAIRS = 25;
const NUDGE = 1e-5;
const LONGEST_STEP = 0.5;
/** What holds the factors where pairs do not: those of the start, and a tilt of 0 near the horizon. */
const FACTOR_SPREAD = 1;
const ZERO_SPREAD_RAD = radFromDeg(20);

/** One robust Gauss-Newton step of all pairs' contradictions; null where they do not tell. */
const stepOf = (
  meaning: Meaning,
  start: Meaning,
  stops: readonly PanTilt[],
  pairs: readonly TurnedPair[],
): Vec3 | null => {
  const [own, zero] = [1 / FACTOR_SPREAD ** 2, 1 / ZERO_SPREAD_RAD ** 2];
  const hessian = Float64Array.of(own, 0, 0, 0, own, 0, 0, 0, zero);
  const gradient = Float64Array.of(
    own * Math.log(start.panFactor / meaning.panFactor),
    own * Math.log(start.tiltFactor / meaning.tiltFactor),
    -zero * meaning.tiltZeroRad,
  );
  const nudged = [0, 1, 2].map((k) =>
    moved(
      meaning,
      [0, 1, 2].map((i) => (i === k ? NUDGE : 0)),
    ),
  );
  const all = pairs.map((pair) => contradiction(meaning, stops, pair));
  // Far from the answer all pairs contradict: they are weighed by how much most of them do.
  const scale = Math.max(1, medianOr(all.map(norm), 1));
  pairs.forEach((pair, index) => {
    const now = all[index]!;
    const weight = 1 / (1 + (norm(now) / scale) ** 2) ** 2;
    const slopes = nudged.map((other) => {
      const there = contradiction(other, stops, pair);
      return there.map((value, axis) => (value - now[axis]!) / NUDGE);
    });
    for (let row = 0; row < 3; row++) {
      for (let axis = 0; axis < 3; axis++) {
        const slope = weight * slopes[row]![axis]!;
        gradient[row] = gradient[row]! - slope * now[axis]!;
        for (let column = 0; column < 3; column++) {
          hessian[row * 3 + column] = hessian[row * 3 + column]! + slope * slopes[column]![axis]!;
        }
      }
    }
  });
  const step = solveSymmetric(hessian, gradient, 3);
  return step && [step[0]!, step[1]!, step[2]!];
};

const fitted = (start: Meaning, stops: readonly PanTilt[], pairs: readonly TurnedPair[]): Meaning => {
  let meaning = start;
  for (let round = 0; round < ROUNDS; round++) {
    const step = stepOf(meaning, start, stops, pairs);
    if (step === null) break;
    const longest = Math.max(...step.map(Math.abs));
    meaning = moved(
      meaning,
      step.map((value) => value * Math.min(1, LONGEST_STEP / longest)),
    );
    if (longest < NUDGE) break;
  }
  return meaning;
};

/** No head tilts far beyond straight up or down. */
const MAX_TILT_RAD = radFromDeg(100);

const isPossible = (meaning: Meaning, stops: readonly PanTilt[]): boolean =>
  stops.every((stop) => {
    const [, tilt] = numbersOf(meaning, stop);
    return Math.abs(meaning.tiltFactor * tilt + meaning.tiltZeroRad) < MAX_TILT_RAD;
  });

/** The pattern with the factors and the zero of the tilt that explain most pairs; null where no head can turn so. */
export const withFittedFactors = (
  pattern: Meaning,
  stops: readonly PanTilt[],
  pairs: readonly TurnedPair[],
): Meaning | null => {
  const step = Math.max(1, pairs.length / MAX_PAIRS);
  const some = pairs.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const count = (meaning: Meaning): number => explainedBy(meaning, stops, pairs).filter(Boolean).length;
  return startsOf(pattern, stops, pairs)
    .map((start) => fitted(start, stops, some))
    .filter((meaning) => isPossible(meaning, stops))
    .reduce<Meaning | null>((a, b) => (a === null || count(b) > count(a) ? b : a), null);
};
