import { pixelFromBearing, type Lens } from '../geometry/lens.js';
import { rotate, transpose, type Mat3, type Vec3 } from '../geometry/rotation.js';
import type { FrameFeatures } from './features.js';
import { isMasked } from './overlay-mask.js';
import type { Indexed } from './layer.js';

/** How far around the expected place a picture's points are moved to find where they lie on the scan's, px at 1280 across. */
const REACH_PX = 40;
const STEP_PX = 2;
/** Standard deviations by which the best place must stand out, so that chance hardly makes one in a scan. */
const SURE_DEVIATIONS = 6;
/** A best place farther than this from the expected one says that the camera stood otherwise, px at 1280 across. */
const SAME_PLACE_PX = 6;
const MIN_POINTS = 60;

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

/** How many points fall on marks when all are moved by (dx, dy), of those that stay in the picture under every move. */
const hitsAt = (marks: Uint8Array, widthPx: number, points: Int32Array, dx: number, dy: number): number => {
  let hits = 0;
  for (let i = 0; i < points.length; i += 2)
    hits += marks[(points[i + 1]! + dy) * widthPx + points[i]! + dx]!;
  return hits;
};

const innerPoints = ({ reference }: Indexed, features: FrameFeatures, reachPx: number): Int32Array => {
  const inner: number[] = [];
  for (let i = 0; i < features.count; i++) {
    const [x, y] = [Math.round(features.x[i]!), Math.round(features.y[i]!)];
    const isInner =
      x >= reachPx && y >= reachPx && x < features.widthPx - reachPx && y < features.heightPx - reachPx;
    if (isInner && !isMasked(reference.mask, x, y)) inner.push(x, y);
  }
  return Int32Array.from(inner);
};

/**
 * Holds the mere places of a picture's points against the scan's: corners of houses and edges of roofs stay where they are when
 * infrared changes all they look like. `here`: they coincide best where the picture is believed to look; `elsewhere`: best
 * somewhere near; `unknown`: nowhere better than by chance.
 */
export const placeOf = (primary: Indexed, seen: Seen): Place => {
  const { widthPx } = seen.features;
  const scale = widthPx / 1280;
  const reachPx = Math.ceil((REACH_PX * scale) / STEP_PX) * STEP_PX;
  const points = innerPoints(primary, seen.features, reachPx);
  if (points.length < 2 * MIN_POINTS) return 'unknown';
  const marks = rasterOf(primary, seen);
  const counts: { readonly hits: number; readonly away: number }[] = [];
  for (let dy = -reachPx; dy <= reachPx; dy += STEP_PX)
    for (let dx = -reachPx; dx <= reachPx; dx += STEP_PX)
      counts.push({ hits: hitsAt(marks, widthPx, points, dx, dy), away: Math.hypot(dx, dy) });
  const mean = counts.reduce((sum, { hits }) => sum + hits, 0) / counts.length;
  const variance = counts.reduce((sum, { hits }) => sum + (hits - mean) ** 2, 0) / counts.length;
  const best = counts.reduce((a, b) => (b.hits > a.hits ? b : a));
  // Points cluster, so the counts themselves tell how far chance scatters them.
  if (best.hits - mean < SURE_DEVIATIONS * Math.sqrt(Math.max(variance, mean + 1))) return 'unknown';
  return best.away <= SAME_PLACE_PX * scale ? 'here' : 'elsewhere';
};
