import { undistortRadius, type Lens } from '../../geometry/lens.js';
import { multiply, transpose, type Mat3 } from '../../geometry/rotation.js';
import type { PictureView } from '../../ports/pictures.js';
import type { Raster } from './canvas.js';

/** What no frame shows. */
const GREY = 110;
/** Ideal coordinates are exact at every so many pixels and straight between. */
const NODE_STEP_PX = 8;

/** A frame as seen from the wanted view. */
interface Source {
  readonly picture: Raster;
  readonly lens: Lens;
  readonly frameFromWanted: Mat3;
  /** Beyond this ideal radius (squared) the frame's corners end; strong lenses fold back into the picture there. */
  readonly maxRadius2: number;
}

const attitudeOf = ({ mountFromBody }: PictureView): Mat3 => Float64Array.from(mountFromBody);

/** Ideal radius of the corner that is farthest from the principal point. */
const cornerRadius = (
  { centreX, centreY, focalPx, k1, k2 }: Lens,
  widthPx: number,
  heightPx: number,
): number => {
  const across = Math.max(centreX + 0.5, widthPx - 0.5 - centreX);
  const down = Math.max(centreY + 0.5, heightPx - 0.5 - centreY);
  return undistortRadius(Math.hypot(across, down) / focalPx, k1, k2);
};

/** Angle from the optical axis to a corner, radians. */
export const reachRad = (view: PictureView, widthPx: number, heightPx: number): number =>
  Math.atan(cornerRadius(view, widthPx, heightPx));

/** Angle between two optical axes, radians. */
export const axisAngleRad = (a: PictureView, b: PictureView): number => {
  const axes = multiply(transpose(attitudeOf(a)), attitudeOf(b));
  return Math.acos(Math.min(1, Math.max(-1, axes[0]!)));
};

const sourceOf = (frame: PictureView & { readonly picture: Raster }, wanted: PictureView): Source => {
  const { picture } = frame;
  return {
    picture,
    lens: frame,
    frameFromWanted: multiply(transpose(attitudeOf(frame)), attitudeOf(wanted)),
    maxRadius2: cornerRadius(frame, picture.widthPx, picture.heightPx) ** 2,
  };
};

/** Ideal (right, down) of every node of a grid over the picture, in turn. */
const idealNodes = (lens: Lens, columns: number, rows: number): Float64Array => {
  const nodes = new Float64Array(columns * rows * 2);
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, at += 2) {
      const x = (column * NODE_STEP_PX - lens.centreX) / lens.focalPx;
      const y = (row * NODE_STEP_PX - lens.centreY) / lens.focalPx;
      const distorted = Math.hypot(x, y);
      const scale = distorted < 1e-12 ? 1 : undistortRadius(distorted, lens.k1, lens.k2) / distorted;
      nodes[at] = x * scale;
      nodes[at + 1] = y * scale;
    }
  return nodes;
};

/** Where a direction (1, x, y) of the wanted view falls in a frame, into `to`; false when outside. */
const project = (source: Source, x: number, y: number, to: Float64Array): boolean => {
  const { lens, picture, frameFromWanted: m } = source;
  const forward = m[0]! + m[1]! * x + m[2]! * y;
  if (forward <= 1e-6) return false;
  const right = (m[3]! + m[4]! * x + m[5]! * y) / forward;
  const down = (m[6]! + m[7]! * x + m[8]! * y) / forward;
  const r2 = right * right + down * down;
  if (r2 > source.maxRadius2) return false;
  const scale = lens.focalPx * (1 + lens.k1 * r2 + lens.k2 * r2 * r2);
  const u = lens.centreX + right * scale;
  const v = lens.centreY + down * scale;
  to[0] = u;
  to[1] = v;
  return u >= -0.5 && v >= -0.5 && u <= picture.widthPx - 0.5 && v <= picture.heightPx - 0.5;
};

const clamp = (value: number, most: number): number => (value < 0 ? 0 : value > most ? most : value);

/** Writes the bilinear colour of a frame at (u, v). */
const sample = (
  { rgba, widthPx, heightPx }: Raster,
  u: number,
  v: number,
  out: Uint8Array,
  to: number,
): void => {
  const x = clamp(u, widthPx - 1);
  const y = clamp(v, heightPx - 1);
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const a = (top * widthPx + left) * 4;
  const b = left + 1 < widthPx ? a + 4 : a;
  const below = top + 1 < heightPx ? widthPx * 4 : 0;
  for (let channel = 0; channel < 3; channel++) {
    const upper = rgba[a + channel]! * (1 - fx) + rgba[b + channel]! * fx;
    const lower = rgba[a + below + channel]! * (1 - fx) + rgba[b + below + channel]! * fx;
    out[to + channel] = upper * (1 - fy) + lower * fy + 0.5;
  }
};

/** Colours one direction from the frame whose optical axis is nearest among those that contain it. */
const paintDirection = (
  sources: readonly Source[],
  x: number,
  y: number,
  place: Float64Array,
  out: Uint8Array,
  to: number,
): void => {
  let nearest: Source | null = null;
  let most = 0;
  let [u, v] = [0, 0];
  for (const source of sources) {
    const m = source.frameFromWanted;
    const towards = m[0]! + m[1]! * x + m[2]! * y;
    if (towards <= most || !project(source, x, y, place)) continue;
    [nearest, most] = [source, towards];
    u = place[0]!;
    v = place[1]!;
  }
  if (nearest === null) out.fill(GREY, to, to + 3);
  else sample(nearest.picture, u, v, out, to);
  out[to + 3] = 255;
};

/** What the frames show of the wanted view. */
export const warpView = (
  frames: readonly (PictureView & { readonly picture: Raster })[],
  wanted: PictureView,
  widthPx: number,
  heightPx: number,
): Raster => {
  const sources = frames.map((frame) => sourceOf(frame, wanted));
  const columns = Math.ceil(widthPx / NODE_STEP_PX) + 1;
  const nodes = idealNodes(wanted, columns, Math.ceil(heightPx / NODE_STEP_PX) + 1);
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  const place = new Float64Array(2);
  for (let v = 0, to = 0; v < heightPx; v++) {
    const fy = (v % NODE_STEP_PX) / NODE_STEP_PX;
    const nodeRow = Math.floor(v / NODE_STEP_PX) * columns;
    for (let u = 0; u < widthPx; u++, to += 4) {
      const fx = (u % NODE_STEP_PX) / NODE_STEP_PX;
      const a = (nodeRow + Math.floor(u / NODE_STEP_PX)) * 2;
      const c = a + columns * 2;
      const [ul, ur, ll, lr] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      const x = nodes[a]! * ul + nodes[a + 2]! * ur + nodes[c]! * ll + nodes[c + 2]! * lr;
      const y = nodes[a + 1]! * ul + nodes[a + 3]! * ur + nodes[c + 1]! * ll + nodes[c + 3]! * lr;
      paintDirection(sources, x, y, place, rgba, to);
    }
  }
  return { widthPx, heightPx, rgba };
};
