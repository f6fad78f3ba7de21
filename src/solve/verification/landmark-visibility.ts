import { type Lens, pixelFromBearing } from '../../geometry/lens.js';
import { type Mat3, rotate, transpose, type Vec3 } from '../../geometry/rotation.js';
import { bearingOfLook } from '../matching/landmark-matching.js';
import type { FrameFeatures } from '../model/frame-features.js';
import type { Observation } from '../model/observation.js';
import type { Reference } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';
import { isMasked } from '../model/static-overlay-mask.js';
import { hasLike } from './self-similarity.js';

/** So many single things are enough, and so many landmarks are asked at most. */
const [ENOUGH_SINGLES, MOST_ASKED] = [80, 1000];
/** Of fewer that should show nothing is told: they may be covered. */
const MIN_DUE = 4;
/** What is asked of an answer: how often single things are seen beside repeated ones, and which share of the picture's parts agrees. */
interface Demands {
  readonly singleShare: number;
  readonly partsShare: number;
}
/**
 * What is whole columns off shows single things by chance alone, mostly none, and in a part of the picture; what is right shows them
 * nearly as often as others, and foreign things may cover a quarter of it.
 */
const ORDINARY: Demands = { singleShare: 0.2, partsShare: 0.75 };
/**
 * In poor light a right answer has few of a place's single points, which are weak ones, and nothing where it is dark. But its points
 * agree to a fraction of a pixel. Those of columns a whole width off agree a little otherwise each, as no rotation moves columns onto
 * one another: of more than 115 points 1 of evidence a point was seen at most (log10), of those 1.23. Of sharper answers less is asked.
 */
const SHARP: Demands = { singleShare: 0.08, partsShare: 0.5 };
const [SHARP_A_POINT, SHARP_BEYOND, SHARP_POINTS] = [1.2, 15, 100];
/** What one stop alone saw may be noise; it is asked only where hardly anything was seen more often. */
const [SIGHTINGS, MIN_LANDMARKS] = [2, 200];
/** Golden section: multiples of it, modulo 1, spread evenly. */
const STRIDE = (Math.sqrt(5) - 1) / 2;
/** What a picture shows nothing near of may lie in the dark: it is not asked for. Side of a square that something must lie in, px at 1280. */
const LIT_PX = 24;
/** The picture is looked at in so many parts. */
const [COLUMNS, ROWS] = [8, 6];
/** A part where so many points should agree, and not even two do, speaks against the answer. */
const [MIN_DUE_IN_PART, MIN_AGREE] = [5, 2];

/** Where a camera is said to look, and what agrees with that. */
export interface Answer {
  readonly mountFromBody: Mat3;
  readonly lens: Lens;
  readonly features: FrameFeatures;
  readonly observations: readonly Observation[];
  /** A-contrario evidence of what agrees, log10 of the false alarms. */
  readonly log10Nfa: number;
}

interface Expected {
  readonly look: number;
  readonly x: number;
  readonly y: number;
}

/** What the picture should show: one look for every landmark, and where it lies, px. */
const expectedOf = (
  { landmarks, mask, widthPx, heightPx }: Reference,
  index: SphericalIndex,
  { mountFromBody, lens }: Answer,
): Expected[] => {
  const { bearings, landmarkOf, sightings } = landmarks;
  const forward: Vec3 = [mountFromBody[0]!, mountFromBody[3]!, mountFromBody[6]!];
  const bodyFromMount = transpose(mountFromBody);
  const reachRad = 1.1 * Math.atan(Math.hypot(lens.centreX, lens.centreY) / lens.focalPx);
  const taken = new Set<number>();
  const found: Expected[] = [];
  for (const look of index.found.subarray(0, index.collectNear(forward, reachRad))) {
    if (taken.has(landmarkOf[look]!)) continue;
    taken.add(landmarkOf[look]!);
    const at = look * 3;
    const bearing: Vec3 = [bearings[at]!, bearings[at + 1]!, bearings[at + 2]!];
    const pixel = pixelFromBearing(lens, rotate(bodyFromMount, bearing));
    if (pixel === null) continue;
    const [x, y] = pixel;
    const isInside = x >= 0 && y >= 0 && x < widthPx && y < heightPx;
    if (isInside && !isMasked(mask, Math.round(x), Math.round(y))) found.push({ look, x, y });
  }
  const often = found.filter(({ look }) => sightings[look]! >= SIGHTINGS);
  return often.length >= MIN_LANDMARKS ? often : found;
};

const keyOf = (bearing: Vec3): string => bearing.join();

/** Whether the picture shows anything about (x, y). */
const litBy = ({ x, y, count, widthPx }: FrameFeatures): ((atX: number, atY: number) => boolean) => {
  const sidePx = (LIT_PX * widthPx) / 1280;
  const columns = Math.ceil(widthPx / sidePx);
  const squareOf = (u: number, v: number): number =>
    Math.floor(v / sidePx) * columns + Math.floor(u / sidePx);
  const lit = new Set<number>();
  for (let i = 0; i < count; i++) lit.add(squareOf(x[i]!, y[i]!));
  return (atX, atY) => lit.has(squareOf(atX, atY));
};

/** Whether the things that the place has once are hardly seen where those that it has many of are. */
const lacksSingles = (
  reference: Reference,
  index: SphericalIndex,
  expected: readonly Expected[],
  { features, observations }: Answer,
  singleShare: number,
): boolean => {
  const isLit = litBy(features);
  const agreeing = new Set(observations.map(({ landmark }) => keyOf(landmark)));
  const [single, repeated] = [
    { asked: 0, seen: 0 },
    { asked: 0, seen: 0 },
  ];
  const most = Math.min(MOST_ASKED, expected.length);
  for (let asked = 0; asked < most && single.asked < ENOUGH_SINGLES; asked++) {
    const { look, x, y } = expected[Math.floor(((asked * STRIDE) % 1) * expected.length)]!;
    if (!isLit(x, y)) continue;
    const bearing = bearingOfLook(reference, look);
    const kind = hasLike(reference, index, bearing) ? repeated : single;
    kind.asked++;
    if (agreeing.has(keyOf(bearing))) kind.seen++;
  }
  const due = (single.asked * repeated.seen) / Math.max(1, repeated.asked);
  return due >= MIN_DUE && single.seen < singleShare * due;
};

const countParts = (
  count: number,
  at: (i: number) => { readonly x: number; readonly y: number },
  { widthPx, heightPx }: FrameFeatures,
): Int32Array => {
  const counts = new Int32Array(COLUMNS * ROWS);
  for (let i = 0; i < count; i++) {
    const { x, y } = at(i);
    const [column, row] = [Math.floor((x / widthPx) * COLUMNS), Math.floor((y / heightPx) * ROWS)];
    const part = Math.min(ROWS - 1, Math.max(0, row)) * COLUMNS + Math.min(COLUMNS - 1, Math.max(0, column));
    counts[part] = counts[part]! + 1;
  }
  return counts;
};

/** Whether only some parts of the picture agree, of those where it has points and the place has them too. */
const agreesInSpots = (
  expected: readonly Expected[],
  { features, observations }: Answer,
  partsShare: number,
): boolean => {
  const shown = countParts(features.count, (i) => ({ x: features.x[i]!, y: features.y[i]! }), features);
  const due = countParts(expected.length, (i) => expected[i]!, features);
  const agreeing = countParts(observations.length, (i) => observations[i]!, features);
  const common = shown.map((count, part) => Math.min(count, due[part]!));
  const possible = common.reduce((sum, count) => sum + count, 0);
  const rate = observations.length / Math.max(1, possible);
  const rich = [...common.keys()].filter((part) => rate * common[part]! >= MIN_DUE_IN_PART);
  const fitting = rich.filter((part) => agreeing[part]! >= MIN_AGREE).length;
  return fitting < partsShare * rich.length;
};

/**
 * Whether the place shows other things there than the picture. To be asked of an answer that rests on things of which the place
 * has many: those agree wherever windows, columns or tiles are, in a mirrored picture too.
 */
export const contradictsPlace = (reference: Reference, index: SphericalIndex, answer: Answer): boolean => {
  const { observations, log10Nfa } = answer;
  const sharp = SHARP_BEYOND + SHARP_A_POINT * observations.length;
  const isSharp = observations.length >= SHARP_POINTS && -log10Nfa >= sharp;
  const { singleShare, partsShare } = isSharp ? SHARP : ORDINARY;
  const expected = expectedOf(reference, index, answer);
  return (
    agreesInSpots(expected, answer, partsShare) ||
    lacksSingles(reference, index, expected, answer, singleShare)
  );
};
