import type { Lens } from '../../geometry/lens.js';
import { turnOf, type LensStudy } from './picture-turns.js';
import type { StopTelemetry } from '../model/reference.js';
import type { SeenPair } from './seen-together.js';
import {
  AS_TOLD,
  explainedBy,
  toldTurn,
  turnRad,
  withFittedFactors,
  type Meaning,
  type TurnedPair,
} from './meaning.js';

/** What the pictures of a scan say, to be held against what its telemetry may mean. */
export interface Evidence {
  readonly stops: readonly StopTelemetry[];
  readonly pairs: readonly SeenPair[];
  readonly study: LensStudy;
  /** The lens where it is given. */
  readonly given: Lens | null;
}

/** All pairs under one lens. */
export interface Sight {
  readonly lens: Lens;
  /** False where the pictures cannot have been taken through it: under it nothing is explained. */
  readonly isAllowed: boolean;
  readonly turned: readonly TurnedPair[];
}

/** A meaning of the telemetry, and which pairs of pictures it explains under some lens. */
export interface Reading {
  readonly meaning: Meaning;
  readonly sight: Sight;
  readonly explains: readonly boolean[];
}

export const sightOf = ({ pairs }: Evidence, lens: Lens, isAllowed = true): Sight => ({
  lens,
  isAllowed,
  turned: pairs.map((pair) => ({ ...pair, ...turnOf(pair, lens) })),
});

export const countOf = ({ explains }: Reading): number => explains.filter(Boolean).length;
export const shareOf = (reading: Reading): number => countOf(reading) / reading.explains.length;

export const readingUnder = ({ stops }: Evidence, sight: Sight, meaning: Meaning): Reading => ({
  meaning,
  sight,
  explains: sight.isAllowed ? explainedBy(meaning, stops, sight.turned) : sight.turned.map(() => false),
});

/** How much more the pictures turn under a lens than the telemetry tells, in the median, whatever the signs. */
const turnRatio = ({ stops }: Evidence, { turned }: Sight, meaning: Meaning): number => {
  const ratios = turned.map(({ stopA, stopB, bFromA }) => {
    const told = turnRad(toldTurn(meaning, stops[stopA]!, stops[stopB]!));
    return turnRad(bFromA) / Math.max(1e-9, told);
  });
  return ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
};

/** A lens of another focal length that distorts the picture as much. */
const resized = (lens: Lens, ratio: number): Lens => ({
  ...lens,
  focalPx: lens.focalPx * ratio,
  k1: lens.k1 * ratio ** 2,
});

/** Rounds with one distortion, as often as a better one is found. */
const ROUNDS = 2;

/** The pairs under the lens with which they turn as far as the telemetry tells: a longer one makes turns smaller. */
export const sightAsTold = (evidence: Evidence, meaning: Meaning): Sight => {
  const { study } = evidence;
  let guess = study.at(study.widthPx);
  for (let again = 0; again < ROUNDS; again++) {
    let { lens } = guess;
    for (let round = 0; round < ROUNDS; round++) {
      lens = resized(lens, turnRatio(evidence, sightOf(evidence, lens), meaning));
    }
    if (!(lens.focalPx >= study.shortestPx && lens.focalPx <= study.longestPx)) {
      return sightOf(evidence, guess.lens, false);
    }
    guess = study.at(lens.focalPx);
  }
  return sightOf(evidence, guess.lens, study.allows(guess));
};

const SIGNS = [
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const;

/** Both axes by their signs, and exchanged or not; from what is told on, ever more is changed. */
const PATTERNS: readonly Meaning[] = [false, true].flatMap((swapped) =>
  SIGNS.map(([panFactor, tiltFactor]) => ({ ...AS_TOLD, swapped, panFactor, tiltFactor })),
);

/** Of readings that explain about as much the one that changes least: a row of stops at tilt 0 does not tell the tilt's sign. */
const ALMOST = 0.9;
const best = (readings: readonly Reading[]): Reading => {
  const most = Math.max(...readings.map(countOf));
  return readings.find((reading) => countOf(reading) >= ALMOST * most)!;
};

/** The pairs under the lens that suits a meaning: the one that is given, else the one found by what the telemetry tells. */
const sightFor = (evidence: Evidence, swapped: boolean): Sight =>
  evidence.given === null
    ? sightAsTold(evidence, { ...AS_TOLD, swapped })
    : sightOf(evidence, evidence.given);

/** What is told, as it is told. */
export const readAsTold = (evidence: Evidence): Reading =>
  readingUnder(evidence, sightFor(evidence, false), AS_TOLD);

/** The best of all other readings that take every number for degrees: with other signs, or with the axes exchanged. */
export const readSigns = (evidence: Evidence, { sight: plain }: Reading): Reading => {
  const swapped = evidence.given === null ? sightFor(evidence, true) : plain;
  return best(
    PATTERNS.slice(1).map((meaning) => readingUnder(evidence, meaning.swapped ? swapped : plain, meaning)),
  );
};

/** The best reading that takes the numbers for any measure of the angles; null where no head turns by any. */
export const readFactors = (evidence: Evidence): Reading | null => {
  const { given, study, stops } = evidence;
  const sight = sightOf(evidence, given ?? study.best().lens);
  const readings = PATTERNS.flatMap((pattern) => {
    const meaning = withFittedFactors(pattern, stops, sight.turned);
    return meaning === null ? [] : [readingUnder(evidence, sight, meaning)];
  });
  return readings.length === 0 ? null : best(readings);
};

/**
 * Readings of a scan whose lens is not given that take the numbers for half or twice the angles: where little else tells, pictures
 * that meet all around do.
 */
export const readRings = (evidence: Evidence, { sight: { lens } }: Reading): readonly Reading[] =>
  [2, 0.5].flatMap((factor) => {
    const guess = evidence.study.at(lens.focalPx / factor);
    const sight = sightOf(evidence, guess.lens, evidence.study.allows(guess));
    return [factor, 1].map((tiltFactor) =>
      readingUnder(evidence, sight, { ...AS_TOLD, panFactor: factor, tiltFactor }),
    );
  });
