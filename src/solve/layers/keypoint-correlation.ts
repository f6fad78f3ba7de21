import { pixelFromBearing, type Lens } from '../../geometry/lens.js';
import { rotate, transpose, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import type { FrameFeatures } from '../model/frame-features.js';
import { isMasked } from '../model/static-overlay-mask.js';
import type { Indexed } from './layer.js';

/** How far around the expected place a picture's points are moved to find where they lie on the scan's, px at 1280 across. */
const REACH_PX = 40;
const STEP_PX = 2;
/** Standard deviations by which the best place must stand out, so that chance hardly makes one in a scan. */
const SURE_DEVIATIONS = 6;
/** A best place farther than this from the expected one says that the camera stood otherwise, px at 1280 across. */
const SAME_PLACE_PX = 6;
const MIN_POINTS = 60;
/** The picture is looked at in so many parts, and in some of them the coincidence must show by itself. */
const [PART_COLUMNS, PART_ROWS] = [4, 3];
const MIN_PARTS = 4;
const PART_DEVIATIONS = 3.5;

/** Whether the points of a picture lie where the primary scan has points, whatever the light made of their looks. */
export type Place = 'here' | 'elsewhere' | 'unknown';

interface Seen {
  readonly mountFromBody: Mat3;
  readonly lens: Lens;
  readonly features: FrameFeatures;
}

/** Marks every pixel within one of a landmark of the scan that the picture should show. */
const rasterOf = ({ reference, index }: Indexed, { mountFromBody, lens, features }: Seen): Uint8Array => {
  const { widthPx, heightPx } = features;
  const marks = new Uint8Array(widthPx * heightPx);
  const { bearings } = reference.landmarks;
  const bodyFromMount = transpose(mountFromBody);
  const forward: Vec3 = [mountFromBody[0]!, mountFromBody[3]!, mountFromBody[6]!];
  const reachRad = 1.1 * Math.atan(Math.hypot(lens.centreX, lens.centreY) / lens.focalPx);
  const near = index.collectNear(forward, reachRad);
  for (const look of index.found.subarray(0, near)) {
    const at = look * 3;
    const pixel = pixelFromBearing(
      lens,
      rotate(bodyFromMount, [bearings[at]!, bearings[at + 1]!, bearings[at + 2]!]),
    );
    if (pixel === null) continue;
    const [x, y] = [Math.round(pixel[0]), Math.round(pixel[1])];
    for (let v = Math.max(0, y - 1); v <= Math.min(heightPx - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(widthPx - 1, x + 1); u++) marks[v * widthPx + u] = 1;
  }
  return marks;
};

/** Points of a picture, x and y in turn, and the part of the picture that each lies in. */
interface Points {
  readonly at: Int32Array;
  readonly part: Uint8Array;
}

/** Points that stay in the picture under every move. */
const innerPoints = ({ reference }: Indexed, features: FrameFeatures, reachPx: number): Points => {
  const { widthPx, heightPx } = features;
  const [at, part]: [number[], number[]] = [[], []];
  for (let i = 0; i < features.count; i++) {
    const [x, y] = [Math.round(features.x[i]!), Math.round(features.y[i]!)];
    const isInner = x >= reachPx && y >= reachPx && x < widthPx - reachPx && y < heightPx - reachPx;
    if (!isInner || isMasked(reference.mask, x, y)) continue;
    at.push(x, y);
    part.push(
      Math.floor((y / heightPx) * PART_ROWS) * PART_COLUMNS + Math.floor((x / widthPx) * PART_COLUMNS),
    );
  }
  return { at: Int32Array.from(at), part: Uint8Array.from(part) };
};

/** How many points of every part fall on marks when all are moved by (dx, dy). */
const hitsAt = (
  marks: Uint8Array,
  widthPx: number,
  { at, part }: Points,
  dx: number,
  dy: number,
): Int32Array => {
  const hits = new Int32Array(PART_COLUMNS * PART_ROWS);
  for (let i = 0; i < part.length; i++)
    hits[part[i]!]! += marks[(at[i * 2 + 1]! + dy) * widthPx + at[i * 2]! + dx]!;
  return hits;
};

interface Move {
  readonly hits: Int32Array;
  readonly all: number;
  /** px. */
  readonly away: number;
}

const movesOf = (marks: Uint8Array, widthPx: number, points: Points, reachPx: number): Move[] => {
  const moves: Move[] = [];
  for (let dy = -reachPx; dy <= reachPx; dy += STEP_PX) {
    for (let dx = -reachPx; dx <= reachPx; dx += STEP_PX) {
      const hits = hitsAt(marks, widthPx, points, dx, dy);
      moves.push({ hits, all: hits.reduce((a, b) => a + b, 0), away: Math.hypot(dx, dy) });
    }
  }
  return moves;
};

/** Whether a count stands out of those under all moves by so many standard deviations; points cluster, so the counts tell. */
const standsOut = (count: number, counts: readonly number[], deviations: number): boolean => {
  const mean = counts.reduce((sum, other) => sum + other, 0) / counts.length;
  const variance = counts.reduce((sum, other) => sum + (other - mean) ** 2, 0) / counts.length;
  return count - mean >= deviations * Math.sqrt(Math.max(variance, mean + 1));
};

/** Parts of the picture that agree on a move. A caption or dirt on the glass agrees in few of them, a place in many. */
const partsThatAgree = (best: Move, moves: readonly Move[]): number =>
  [...best.hits.keys()].filter((part) =>
    standsOut(
      best.hits[part]!,
      moves.map(({ hits }) => hits[part]!),
      PART_DEVIATIONS,
    ),
  ).length;

/**
 * Holds the mere places of a picture's points against the scan's: corners of houses and edges of roofs stay where they are when
 * infrared changes all they look like. `here`: they coincide best where the picture is believed to look; `elsewhere`: best
 * somewhere near; `unknown`: nowhere better than by chance, or nowhere but in a few spots.
 */
export const placeOf = (primary: Indexed, seen: Seen): Place => {
  const { widthPx } = seen.features;
  const scale = widthPx / 1280;
  const reachPx = Math.ceil((REACH_PX * scale) / STEP_PX) * STEP_PX;
  const points = innerPoints(primary, seen.features, reachPx);
  if (points.part.length < MIN_POINTS) return 'unknown';
  const moves = movesOf(rasterOf(primary, seen), widthPx, points, reachPx);
  const best = moves.reduce((a, b) => (b.all > a.all ? b : a));
  const isSure = standsOut(
    best.all,
    moves.map(({ all }) => all),
    SURE_DEVIATIONS,
  );
  if (!isSure || partsThatAgree(best, moves) < MIN_PARTS) return 'unknown';
  return best.away <= SAME_PLACE_PX * scale ? 'here' : 'elsewhere';
};
