import { log10Tail } from '../estimation/a-contrario.js';
import type { FrameFeatures } from '../model/frame-features.js';
import { CHANCE_OF_BLOCK, type StillBlocks } from './gradient-blocks.js';

/** Points nearer than this to one another count as one thing on the screen, px at 1280 across. */
const THING_PX = 28;
/** Captions, clocks and logos stand within this share of the height from the top or bottom. */
const CAPTION = 0.15;
/** Specks of dirt that match in another picture are fewer. */
const MANY_THINGS = 14;
const FEW_THINGS = 8;
/** A logo is as large as so many things more than one. */
const LOGO_EXTRA = 4;
/**
 * With the scan's picture at hand: things, those in whole areas counted more. Crosses to measure by, specks, a logo and a watermark
 * all at once came to 55 at most, places in other seasons to 76 at least.
 */
const VERY_MANY_THINGS = 66;
const AREA_WEIGHT = 8;
/** More points a thing than this are texture: 4.5 and more were seen, of crosses, specks and large letters 3.4 at most. */
const RICH_THING = 4;
/**
 * No overlay fills so much of the middle of a picture: what does is the place, nearly all of which matched. A camera that stands
 * still came to 0.9, overlays before other places to 0.05 at most.
 */
const MOST_COVERED = 0.25;
/**
 * An answer that cannot be told from standing still says what an overlay says. It needs more than things by number: so much of the
 * middle must be covered. Of logo, watermark, crosses and specks together at most 0.06 was seen.
 */
const STILL_COVERED = 0.1;
/**
 * An answer so many pixels from standing still comes from the place: of what is burnt in alone 0.42 px were seen at most, by
 * compression and chance matches. A few things must tell it.
 */
const SURELY_OFF_PX = 0.5;
/** Blocks nearer than this to a matched point may show what it belongs to, px at 1280 across. */
const NEAR_PX = 6;
/** An overlay may hold the edges of so many blocks where nothing of it was matched. */
const OVERLAY_BLOCKS = 0.06;
/** Log10 of the chance that other blocks fit so often, that is taken for sure. */
const SURE_LOG10 = -6;
/** Standard deviations by which points must coincide with the scan's more often than shifted ones do. */
const SURE_DEVIATIONS = 6;

/**
 * What says that an answer is the place's: what agrees with it itself, or only that all the rest shows the place somewhere near
 * there, which may be what is burnt in in front of it that agrees; or nothing.
 */
export type Support = 'points' | 'rest' | 'nothing';

/** Pixels; arrays run parallel. */
export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Marks the surroundings of points on a raster of small squares. */
class Raster {
  private readonly columns: number;
  private readonly marks: Uint8Array;

  constructor(
    private readonly widthPx: number,
    private readonly heightPx: number,
    private readonly squarePx: number,
  ) {
    this.columns = Math.ceil(widthPx / squarePx);
    this.marks = new Uint8Array(this.columns * Math.ceil(heightPx / squarePx));
  }

  mark(x: number, y: number, reachPx: number): void {
    for (let v = y - reachPx; v <= y + reachPx; v += this.squarePx) {
      for (let u = x - reachPx; u <= x + reachPx; u += this.squarePx) {
        if (u >= 0 && v >= 0 && u < this.widthPx && v < this.heightPx) this.marks[this.squareOf(u, v)] = 1;
      }
    }
  }

  has(x: number, y: number): boolean {
    if (x < 0 || y < 0 || x >= this.widthPx || y >= this.heightPx) return false;
    return this.marks[this.squareOf(x, y)] === 1;
  }

  /** Whether anything is marked in the square of that half side around (x, y), which lies in the picture. */
  hasWithin(x: number, y: number, reachPx: number): boolean {
    for (let v = y - reachPx; v <= y + reachPx; v += this.squarePx)
      for (let u = x - reachPx; u <= x + reachPx; u += this.squarePx) if (this.has(u, v)) return true;
    return false;
  }

  private squareOf(x: number, y: number): number {
    return Math.floor(y / this.squarePx) * this.columns + Math.floor(x / this.squarePx);
  }
}

/** Separate things that the points belong to, one point each: points close together are one. */
const thingsOf = (points: Points, widthPx: number, heightPx: number): (readonly [number, number])[] => {
  const thingPx = (THING_PX * widthPx) / 1280;
  const taken = new Raster(widthPx, heightPx, thingPx / 4);
  const things: (readonly [number, number])[] = [];
  for (let i = 0; i < points.x.length; i++) {
    const [x, y] = [points.x[i]!, points.y[i]!];
    if (!taken.has(x, y)) things.push([x, y]);
    taken.mark(x, y, thingPx);
  }
  return things;
};

const SHIFTS: readonly (readonly [number, number])[] = [
  [11, 0],
  [-11, 0],
  [0, 11],
  [0, -11],
  [9, 9],
  [-9, 9],
  [9, -9],
  [-9, -9],
];

/**
 * By how many standard deviations more of the frame's other points than of shifted ones lie where the scan has a point, away
 * from those that matched. The place gives itself away so even where light has changed every descriptor; an overlay has no others.
 */
const coincidence = (features: FrameFeatures, scanPoints: Points, matched: Points): number => {
  const { widthPx, heightPx } = features;
  const known = new Raster(widthPx, heightPx, 1);
  for (let i = 0; i < scanPoints.x.length; i++) known.mark(scanPoints.x[i]!, scanPoints.y[i]!, 1);
  const near = new Raster(widthPx, heightPx, 4);
  const reachPx = (THING_PX * widthPx) / 1280;
  for (let i = 0; i < matched.x.length; i++) near.mark(matched.x[i]!, matched.y[i]!, reachPx);
  const count = (dx: number, dy: number): number => {
    let hits = 0;
    for (let i = 0; i < features.count; i++) {
      const [x, y] = [features.x[i]!, features.y[i]!];
      if (!near.has(x, y) && known.has(x + dx, y + dy)) hits++;
    }
    return hits;
  };
  const byChance = SHIFTS.reduce((sum, [dx, dy]) => sum + count(dx, dy), 0) / SHIFTS.length;
  return (count(0, 0) - byChance) / Math.sqrt(byChance + 1);
};

/** The points in groups that hang together, each point within a thing's reach of another of its group. */
const groupsOf = ({ x, y }: Points, thingPx: number): number[][] => {
  const left = new Set(Array.from({ length: x.length }, (_, i) => i));
  const groups: number[][] = [];
  for (const first of left) {
    left.delete(first);
    const group = [first];
    for (const member of group) {
      for (const other of left) {
        if (Math.hypot(x[other]! - x[member]!, y[other]! - y[member]!) > thingPx) continue;
        left.delete(other);
        group.push(other);
      }
    }
    groups.push(group);
  }
  return groups;
};

/** How many things would fit into a group: points of it that lie two things' reach apart. */
const sizeOf = ({ x, y }: Points, group: readonly number[], thingPx: number): number => {
  const apart: number[] = [];
  for (const i of group) {
    if (apart.every((j) => Math.hypot(x[i]! - x[j]!, y[i]! - y[j]!) > 2 * thingPx)) apart.push(i);
  }
  return apart.length;
};

/**
 * By how much the groups of points are larger than single things; the largest, which may be a logo, counts as no more than one.
 * A place shows itself in whole areas even where most of it is covered; specks stay small.
 */
const extraSize = (points: Points, thingPx: number): number => {
  const extras = groupsOf(points, thingPx).map((group) => sizeOf(points, group, thingPx) - 1);
  const largest = Math.max(0, ...extras);
  return extras.reduce((sum, extra) => sum + extra, 0) - largest + Math.min(largest, LOGO_EXTRA);
};

const isCentral = (y: number, heightPx: number): boolean =>
  y > CAPTION * heightPx && y < (1 - CAPTION) * heightPx;

const centralOf = ({ x, y }: Points, heightPx: number): Points => {
  const inner = Array.from({ length: x.length }, (_, i) => i).filter((i) => isCentral(y[i]!, heightPx));
  return { x: inner.map((i) => x[i]!), y: inner.map((i) => y[i]!) };
};

/** Which share of the middle of the picture has a matched point within a thing's size. */
const coveredShare = (inner: Points, widthPx: number, heightPx: number): number => {
  const squarePx = (THING_PX * widthPx) / 1280;
  const columns = Math.ceil(widthPx / squarePx);
  const covered = new Set<number>();
  for (let i = 0; i < inner.x.length; i++)
    covered.add(Math.floor(inner.y[i]! / squarePx) * columns + Math.floor(inner.x[i]! / squarePx));
  const all = (widthPx / squarePx) * (((1 - 2 * CAPTION) * heightPx) / squarePx);
  return covered.size / all;
};

/** Whether (x, y) is one of the places at which blocks tell of the place: away from captions and from what was matched. */
export const tellsOfPlace = (
  { widthPx, heightPx }: FrameFeatures,
  matched: Points,
): ((x: number, y: number, reachPx: number) => boolean) => {
  const near = new Raster(widthPx, heightPx, 4);
  const nearPx = (NEAR_PX * widthPx) / 1280;
  for (let i = 0; i < matched.x.length; i++) near.mark(matched.x[i]!, matched.y[i]!, nearPx);
  return (x, y, reachPx) => isCentral(y, heightPx) && !near.hasWithin(x, y, reachPx);
};

const areSure = ({ blocks, fitting }: StillBlocks): boolean => {
  const chance = OVERLAY_BLOCKS + (1 - OVERLAY_BLOCKS) * CHANCE_OF_BLOCK;
  return log10Tail(blocks, fitting, chance) < SURE_LOG10;
};

/**
 * What an answer that hardly moved rests on: on the place, or on what is burnt in or stuck to the glass. With the scan's picture at
 * hand: on the place where whole areas match; where many things full of texture do, if the answer is another than standing still
 * (`hasMoved`) or enough is covered; and where a few do, if it is far enough from standing still (`apartPx`). Without the picture:
 * where many things match away from the edges, at which captions stand; large things count more. If none of this holds, all the rest
 * is asked: its edges (`rest`), or whether its points coincide with the scan's.
 */
export const supportOf = (
  features: FrameFeatures,
  scanPoints: Points,
  matched: Points,
  rest: StillBlocks | null,
  { hasMoved, apartPx }: { readonly hasMoved: boolean; readonly apartPx: number },
): Support => {
  const { widthPx, heightPx } = features;
  const things = thingsOf(matched, widthPx, heightPx);
  const central = things.filter(([, y]) => isCentral(y, heightPx)).length;
  const inner = centralOf(matched, heightPx);
  const inAreas = extraSize(inner, (THING_PX * widthPx) / 1280);
  const covered = coveredShare(inner, widthPx, heightPx);
  if (covered > MOST_COVERED) return 'points';
  const areMany = central + inAreas >= MANY_THINGS;
  if (rest === null) {
    if (areMany) return 'points';
    const coincide = coincidence(features, scanPoints, matched) > SURE_DEVIATIONS;
    return coincide && things.length >= FEW_THINGS ? 'rest' : 'nothing';
  }
  const areRich = inner.x.length > RICH_THING * central;
  const areVeryMany = central + AREA_WEIGHT * inAreas >= VERY_MANY_THINGS;
  if (apartPx > SURELY_OFF_PX && central >= FEW_THINGS) return 'points';
  if ((hasMoved || covered > STILL_COVERED) && (areVeryMany || (areMany && areRich))) return 'points';
  return areSure(rest) ? 'rest' : 'nothing';
};
