import { radFromDeg } from '../../geometry/angles.js';
import type { Lens } from '../../geometry/lens.js';
import { angleBetween } from '../../geometry/rotation.js';
import type { FrameFeatures } from '../model/frame-features.js';
import { studyLens } from './picture-turns.js';
import type { StopTelemetry } from '../model/reference.js';
import { seeTogether, type SeenTogether } from './seen-together.js';
import { stopsToAsk } from './stops-to-ask.js';
import { factorWords, lensSpan, signWords } from './blame.js';
import { AS_TOLD, toldTurn, turnRad } from './meaning.js';
import {
  countOf,
  readFactors,
  readRings,
  readAsTold,
  readSigns,
  shareOf,
  sightOf,
  type Evidence,
  type Reading,
  type Sight,
} from './readings.js';
import { FROZEN, UNRELATED } from './words.js';

/** A scan as its telemetry and its pictures tell it; all three lists run parallel. */
interface ToldScan {
  readonly stops: readonly StopTelemetry[];
  /** Without what is burnt in. */
  readonly features: readonly FrameFeatures[];
  /** Null where the scan is to find the lens. */
  readonly lenses: readonly (Lens | null)[];
}

/** A picture that is darker or barer tells nothing. */
const MIN_FEATURES = 40;
const MIN_LEVEL = 10;
/** Telemetry that turns by less may leave the picture as it is. */
const MIN_TURN_RAD = radFromDeg(1);
const FROZEN_SHARE = 0.8;

/** Whether most pictures between which the telemetry turns are one and the same. */
const isFrozen = (
  stops: readonly StopTelemetry[],
  features: readonly FrameFeatures[],
  { alike }: SeenTogether,
): boolean => {
  const shows = features.map(({ count, light }) => count >= MIN_FEATURES && light.meanLevel >= MIN_LEVEL);
  const isTold = (a: number, b: number): boolean =>
    shows[a]! && shows[b]! && turnRad(toldTurn(AS_TOLD, stops[a]!, stops[b]!)) > MIN_TURN_RAD;
  const told = stops.flatMap((_, b) => [...stops.keys()].slice(0, b).filter((a) => isTold(a, b))).length;
  const same = alike.filter(([a, b]) => isTold(a, b)).length;
  return same > 0 && same >= FROZEN_SHARE * told;
};

/** A reading must explain most pairs to be told, and so many more points than what the telemetry tells; in one pair more. */
const MIN_SHARE = 0.7;
const MIN_POINTS = 24;
const MIN_POINTS_OF_ONE = 60;
/** A share of the pairs speaks for it alone; for the telemetry as it is alone a fifth of them at most. */
const MIN_ALONE = 0.2;
const MAX_AGAINST = 0.2;

interface Comparison {
  /** Pairs that one of two readings explains alone, and points of those of the first. */
  readonly ahead: number;
  readonly behind: number;
  readonly points: number;
}

const compared = ({ pairs }: Evidence, one: Reading, other: Reading): Comparison => {
  const ahead = pairs.filter((_, i) => one.explains[i]! && !other.explains[i]!);
  return {
    ahead: ahead.length,
    behind: pairs.filter((_, i) => !one.explains[i]! && other.explains[i]!).length,
    points: ahead.reduce((sum, { support }) => sum + support, 0),
  };
};

/**
 * Whether a reading of the telemetry is to be believed instead of what it tells: it explains most pairs, many of which what is told
 * does not, while hardly any speaks the other way. Of a right scan, what is told explains nearly all, and pairs seen by mistake
 * agree neither with one another nor with another reading.
 */
const isClearlyBetter = (evidence: Evidence, reading: Reading, asTold: Reading): boolean => {
  const { ahead, behind, points } = compared(evidence, reading, asTold);
  return (
    shareOf(reading) >= MIN_SHARE &&
    ahead >= MIN_ALONE * evidence.pairs.length &&
    behind <= MAX_AGAINST * ahead &&
    points >= (ahead > 1 ? MIN_POINTS : MIN_POINTS_OF_ONE)
  );
};

/** Pictures that meet all around: all is explained, and by what is told all but a few pairs that share much. */
const closesRing = (evidence: Evidence, reading: Reading, asTold: Reading): boolean => {
  const { ahead, behind, points } = compared(evidence, reading, asTold);
  return shareOf(reading) > 0.95 && ahead >= 2 && behind === 0 && points >= 2 * MIN_POINTS;
};

/** So many pairs of so many stops tell that nothing fits; of a few some may be mistaken. */
const MANY_PAIRS = 6;
const MANY_STOPS = 4;
const HARDLY_ANY = 0.2;
const FEW = 0.4;
const MOST = 0.65;
/** Off by such a share of the turn, no lens nor head is to blame. */
const FAR_OFF = 0.6;

/** The share of the pairs that turned altogether otherwise than told. */
const strays = ({ stops }: Evidence, { turned }: Sight): number => {
  const stray = turned.filter(({ stopA, stopB, bFromA }) => {
    const told = toldTurn(AS_TOLD, stops[stopA]!, stops[stopB]!);
    return angleBetween(bFromA, told) > FAR_OFF * Math.max(turnRad(bFromA), turnRad(told));
  });
  return stray.length / turned.length;
};

/** Whether what is told has nothing to do with the pictures: as it is, turned round, or in any measure. */
const isUnrelated = (evidence: Evidence, asTold: Reading, others: readonly Reading[]): boolean => {
  const { pairs, given, study } = evidence;
  const own = sightOf(evidence, given ?? study.best().lens);
  return (
    pairs.length >= MANY_PAIRS &&
    new Set(pairs.flatMap(({ stopA, stopB }) => [stopA, stopB])).size >= MANY_STOPS &&
    shareOf(asTold) <= HARDLY_ANY &&
    others.every((other) => shareOf(other) <= FEW) &&
    strays(evidence, own) >= MOST &&
    (!asTold.sight.isAllowed || strays(evidence, asTold.sight) >= MOST)
  );
};

/** What the pictures say against the telemetry; null where that is nothing. */
const judge = (evidence: Evidence): string | null => {
  const asTold = readAsTold(evidence);
  // One pair that is off among others was seen by mistake.
  if (countOf(asTold) >= Math.max(1, evidence.pairs.length - 1)) return null;
  const { given, study } = evidence;
  // A given lens that the pictures contradict is told elsewhere; here it would hide what is wrong with the telemetry.
  if (given !== null && !study.allows(study.at(given.focalPx))) return judge({ ...evidence, given: null });
  const turned = readSigns(evidence, asTold);
  if (isClearlyBetter(evidence, turned, asTold)) return signWords(evidence, turned);
  if (shareOf(asTold) >= MIN_SHARE) {
    const ring = given
      ? undefined
      : readRings(evidence, asTold).find((reading) => closesRing(evidence, reading, asTold));
    // What closes the ring is known to a hair.
    return ring ? factorWords(evidence, ring, asTold, [1, 1]) : null;
  }
  const measured = readFactors(evidence);
  if (measured && isClearlyBetter(evidence, measured, asTold)) {
    return factorWords(evidence, measured, asTold, lensSpan(evidence, measured));
  }
  return isUnrelated(evidence, asTold, measured ? [turned, measured] : [turned]) ? UNRELATED : null;
};

/**
 * What a scan's pictures say against its telemetry, and the setting to change: encoders that count backwards, axes exchanged, angles
 * in another unit, or pictures of another camera. Null where they say nothing against it: also where they cannot tell.
 */
export const doubtTelemetry = (scan: ToldScan): string | null => {
  if (scan.stops.length < 2) return null;
  const asked = stopsToAsk(scan.stops);
  const stops = asked.map((stop) => scan.stops[stop]!);
  const features = asked.map((stop) => scan.features[stop]!);
  const seen = seeTogether(features);
  if (isFrozen(stops, features, seen)) return FROZEN;
  const pairs = seen.moved;
  if (pairs.reduce((sum, { support }) => sum + support, 0) < MIN_POINTS) return null;
  const { widthPx, heightPx } = features[0]!;
  const study = studyLens(pairs, widthPx, heightPx);
  return judge({ stops, pairs, study, given: scan.lenses[asked[0]!]! });
};
