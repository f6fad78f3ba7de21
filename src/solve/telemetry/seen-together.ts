import type { Tie } from '../estimation/scan-geometry.js';
import { DescriptorIndex } from '../matching/descriptor-lsh.js';
import { MAX_DISTANCE } from '../matching/pair-matching.js';
import { type FrameFeatures, selectFeatures } from '../model/frame-features.js';
import { DESCRIPTOR_WORDS, hammingDistance } from '../model/hamming.js';

/** Two pictures that show the same things at other places of the picture. Stops are counted as they were given. */
export interface SeenPair {
  readonly stopA: number;
  readonly stopB: number;
  /** Some of the points that both show, spread over all of them. */
  readonly ties: readonly Tie[];
  /** How many points they share. */
  readonly support: number;
}

/** What pictures alone tell of one another, whatever the telemetry says. */
export interface SeenTogether {
  readonly moved: readonly SeenPair[];
  /** Pairs that are one and the same picture. */
  readonly alike: readonly (readonly [number, number])[];
}

/** The strongest features are enough, so many in all pictures together: what a scan of any size costs is the same. */
const MAX_LOOKS = 16_000;
const MAX_PER_STOP = 500;
const RATIO = 0.85;
/** So many points that moved alike are never due to chance: pictures of different places reached 8. */
const MIN_SUPPORT = 12;
const MAX_TIES = 24;
/** Shares of the picture's width: what moved less did not, and how far apart the motions of one turn are. */
const STILL_SHARE = 0.0025;
const SHIFT_SHARE = 0.08;
const SIMILAR_SHARE = 0.04;

const strongest = (features: FrameFeatures, most: number): FrameFeatures => {
  if (features.count <= most) return features;
  const bar = features.response.toSorted((p, q) => q - p)[most]!;
  return selectFeatures(features, (i) => features.response[i]! > bar);
};

/** The features of all stops in one row. */
interface Looks {
  readonly stops: readonly FrameFeatures[];
  /** First look of every stop; one more at the end. */
  readonly starts: readonly number[];
  readonly stopOf: Int32Array;
  readonly descriptors: Uint32Array;
}

const looksOf = (stops: readonly FrameFeatures[]): Looks => {
  const starts = [0];
  for (const { count } of stops) starts.push(starts.at(-1)! + count);
  const total = starts.at(-1)!;
  const stopOf = new Int32Array(total);
  const descriptors = new Uint32Array(total * DESCRIPTOR_WORDS);
  stops.forEach((features, stop) => {
    stopOf.fill(stop, starts[stop], starts[stop + 1]);
    descriptors.set(features.descriptors, starts[stop]! * DESCRIPTOR_WORDS);
  });
  return { stops, starts, stopOf, descriptors };
};

/** For every look its best match in every other stop, at look × stops + stop; −1 where none is clearly the best. */
const bestMatches = ({ stops, stopOf, descriptors }: Looks): Int32Array => {
  const index = new DescriptorIndex(descriptors);
  const best = new Int32Array(stopOf.length * stops.length).fill(-1);
  const first = new Int32Array(stops.length);
  const second = new Int32Array(stops.length);
  stopOf.forEach((own, look) => {
    first.fill(MAX_DISTANCE);
    second.fill(MAX_DISTANCE);
    const base = look * stops.length;
    const candidates = index.collectLike(descriptors, look * DESCRIPTOR_WORDS);
    for (let k = 0; k < candidates; k++) {
      const other = index.found[k]!;
      const stop = stopOf[other]!;
      if (stop === own) continue;
      const [at, to] = [look * DESCRIPTOR_WORDS, other * DESCRIPTOR_WORDS];
      const distance = hammingDistance(descriptors, at, descriptors, to, second[stop]!);
      if (distance < first[stop]!) {
        second[stop] = first[stop]!;
        first[stop] = distance;
        best[base + stop] = other;
      } else if (distance < second[stop]!) second[stop] = distance;
    }
    first.forEach((distance, stop) => {
      if (!(distance < RATIO * second[stop]!)) best[base + stop] = -1;
    });
  });
  return best;
};

/** Ties between two stops whose features are each other's best match. */
const tiesBetween = (
  { stops, starts }: Looks,
  best: Int32Array,
  stopA: number,
  stopB: number,
): readonly Tie[] => {
  const [a, b] = [stops[stopA]!, stops[stopB]!];
  const ties: Tie[] = [];
  for (let i = 0; i < a.count; i++) {
    const look = starts[stopA]! + i;
    const other = best[look * stops.length + stopB]!;
    if (other < 0 || best[other * stops.length + stopA] !== look) continue;
    const j = other - starts[stopB]!;
    ties.push({ stopA, stopB, ax: a.x[i]!, ay: a.y[i]!, bx: b.x[j]!, by: b.y[j]! });
  }
  return ties;
};

/** Whether a difference of pixels is shorter than that; squared, since many are asked for. */
const isWithin = (x: number, y: number, px: number): boolean => x * x + y * y < px * px;

/** The ties that moved nearly as one of them did: as that one with which most others agree. */
const movedTogether = (ties: readonly Tie[], withinPx: number): readonly Tie[] => {
  let best: readonly Tie[] = [];
  for (const one of ties) {
    const [dx, dy] = [one.bx - one.ax, one.by - one.ay];
    const others = ties.filter((tie) => isWithin(tie.bx - tie.ax - dx, tie.by - tie.ay - dy, withinPx));
    if (others.length > best.length) best = others;
  }
  return best;
};

const mean = (ties: readonly Tie[], of: (tie: Tie) => number): number =>
  ties.reduce((sum, tie) => sum + of(tie), 0) / ties.length;

/** Whether ties agree with the shift, turn and size in the picture that suit some best. */
const fitOf = (ties: readonly Tie[], withinPx: number): ((tie: Tie) => boolean) => {
  const [ax, ay] = [mean(ties, (tie) => tie.ax), mean(ties, (tie) => tie.ay)];
  const [bx, by] = [mean(ties, (tie) => tie.bx), mean(ties, (tie) => tie.by)];
  const spread = mean(ties, (tie) => (tie.ax - ax) ** 2 + (tie.ay - ay) ** 2);
  const c = mean(ties, (tie) => (tie.ax - ax) * (tie.bx - bx) + (tie.ay - ay) * (tie.by - by)) / spread;
  const s = mean(ties, (tie) => (tie.ax - ax) * (tie.by - by) - (tie.ay - ay) * (tie.bx - bx)) / spread;
  return (tie) => {
    const [x, y] = [tie.ax - ax, tie.ay - ay];
    return isWithin(bx + c * x - s * y - tie.bx, by + s * x + c * y - tie.by, withinPx);
  };
};

/** The ties that one motion of the picture explains, about as a turn of the camera shows under any lens. */
const agreeing = (ties: readonly Tie[], widthPx: number): readonly Tie[] => {
  let kept = movedTogether(ties, SHIFT_SHARE * widthPx);
  for (let round = 0; round < 4 && kept.length >= MIN_SUPPORT / 2; round++) {
    kept = ties.filter(fitOf(kept, SIMILAR_SHARE * widthPx));
  }
  return kept;
};

const thinned = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!);

/** Of one and the same picture this share of the features stands still, and so many, */
const ALIKE_FEATURES = 0.3;
const MIN_ALIKE = 40;
/** in so many of six strips across and of six along it: lines of text and a logo fill fewer. */
const STRIPS = 6;
const ALIKE_STRIPS = 4;

/** Whether two pictures are the same: much of what they show, all over the picture, is at the same place. */
const isAlike = (still: readonly Tie[], { stops }: Looks): boolean => {
  const [first] = still;
  if (first === undefined || still.length < MIN_ALIKE) return false;
  const [a, b] = [stops[first.stopA]!, stops[first.stopB]!];
  const across = new Set(still.map(({ ax }) => Math.floor((STRIPS * ax) / a.widthPx)));
  const along = new Set(still.map(({ ay }) => Math.floor((STRIPS * ay) / a.heightPx)));
  const isSpread = across.size >= ALIKE_STRIPS && along.size >= ALIKE_STRIPS;
  return isSpread && still.length > ALIKE_FEATURES * Math.min(a.count, b.count);
};

/**
 * Finds the pairs of pictures that show the same things: all pairs, since bad telemetry does not tell which to try, with the
 * strongest features and no geometry but that what is seen moves about as one.
 */
export const seeTogether = (features: readonly FrameFeatures[]): SeenTogether => {
  const most = Math.min(MAX_PER_STOP, Math.floor(MAX_LOOKS / features.length));
  const looks = looksOf(features.map((stop) => strongest(stop, most)));
  const best = bestMatches(looks);
  const { widthPx } = features[0]!;
  const moved: SeenPair[] = [];
  const alike: (readonly [number, number])[] = [];
  for (let stopA = 0; stopA < features.length; stopA++) {
    for (let stopB = stopA + 1; stopB < features.length; stopB++) {
      const ties = tiesBetween(looks, best, stopA, stopB);
      const isStill = (tie: Tie): boolean =>
        isWithin(tie.bx - tie.ax, tie.by - tie.ay, STILL_SHARE * widthPx);
      if (isAlike(ties.filter(isStill), looks)) alike.push([stopA, stopB]);
      const kept = agreeing(
        ties.filter((tie) => !isStill(tie)),
        widthPx,
      );
      if (kept.length < MIN_SUPPORT) continue;
      moved.push({ stopA, stopB, ties: thinned(kept, MAX_TIES), support: kept.length });
    }
  }
  return { moved, alike };
};
