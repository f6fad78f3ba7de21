import type { Vec3 } from './rotation.js';

// Taken out of the global once: a look-up in a test's own global is slow.
const { abs, sqrt } = Math;

/**
 * Pinhole with radial distortion. Ideal coordinates (x, y) = (right, down) / forward become
 * pixel = centre + focalPx·(x, y)·(1 + k1 r² + k2 r⁴), r² = x² + y². Pixel centres at integers.
 */
export interface Lens {
  readonly focalPx: number;
  readonly k1: number;
  readonly k2: number;
  readonly centreX: number;
  readonly centreY: number;
}

export const focalFromHfov = (hfovRad: number, widthPx: number): number =>
  widthPx / 2 / Math.tan(hfovRad / 2);
export const hfovFromFocal = (focalPx: number, widthPx: number): number =>
  2 * Math.atan(widthPx / 2 / focalPx);

export const centredLens = (
  focalPx: number,
  k1: number,
  k2: number,
  widthPx: number,
  heightPx: number,
): Lens => ({
  focalPx,
  k1,
  k2,
  centreX: (widthPx - 1) / 2,
  centreY: (heightPx - 1) / 2,
});

/** The lens zoomed in by a factor; its distortion stays. */
export const magnified = (lens: Lens, focalScale: number): Lens => ({
  ...lens,
  focalPx: lens.focalPx * focalScale,
});

/**
 * Ideal radius of a distorted one, by Newton from the distorted radius. Beyond the fold of a strong barrel, where no ideal radius
 * exists, the fold's own radius is given.
 */
export const undistortRadius = (distorted: number, k1: number, k2: number): number => {
  if (k1 === 0 && k2 === 0) return distorted;
  let r = distorted;
  for (let step = 0; step < 12; step++) {
    const r2 = r * r;
    const slope = 1 + 3 * k1 * r2 + 5 * k2 * r2 * r2;
    if (slope < 0.05) return r;
    const change = (r * (1 + k1 * r2 + k2 * r2 * r2) - distorted) / slope;
    r -= change;
    if (abs(change) < 1e-13) break;
  }
  return r;
};

/** Unit bearing in body axes of a pixel. */
export const bearingFromPixel = (lens: Lens, u: number, v: number): Vec3 => {
  const dx = (u - lens.centreX) / lens.focalPx;
  const dy = (v - lens.centreY) / lens.focalPx;
  const distorted = sqrt(dx * dx + dy * dy);
  const scale = distorted < 1e-12 ? 1 : undistortRadius(distorted, lens.k1, lens.k2) / distorted;
  const [x, y] = [dx * scale, dy * scale];
  const length = sqrt(1 + x * x + y * y);
  return [1 / length, x / length, y / length];
};

/** Pixel of a direction in body axes; null behind the image plane. */
export const pixelFromBearing = (lens: Lens, body: Vec3): readonly [number, number] | null => {
  if (body[0] <= 1e-6) return null;
  const [x, y] = [body[1] / body[0], body[2] / body[0]];
  const r2 = x * x + y * y;
  const d = lens.focalPx * (1 + lens.k1 * r2 + lens.k2 * r2 * r2);
  return [lens.centreX + x * d, lens.centreY + y * d];
};

/** Derivative of {@link pixelFromBearing} by the body direction: rows u and v, columns x, y, z (forward, right, down). */
export const pixelJacobian = (lens: Lens, body: Vec3): Float64Array => {
  const inv = 1 / body[0];
  const [x, y] = [body[1] * inv, body[2] * inv];
  const r2 = x * x + y * y;
  const d = 1 + lens.k1 * r2 + lens.k2 * r2 * r2;
  const slope = 2 * (lens.k1 + 2 * lens.k2 * r2);
  const [ux, uy] = [lens.focalPx * (d + x * x * slope), lens.focalPx * x * y * slope];
  const [vx, vy] = [uy, lens.focalPx * (d + y * y * slope)];
  return Float64Array.of(
    -(ux * x + uy * y) * inv,
    ux * inv,
    uy * inv,
    -(vx * x + vy * y) * inv,
    vx * inv,
    vy * inv,
  );
};

/** What a lens may err in, in the order of {@link idealFromPixelJacobian}'s columns. */
export const LENS_PARAMETERS = ['logFocal', 'k1', 'k2', 'centreX', 'centreY'] as const;

/**
 * Ideal coordinates (right, down) of a pixel, forward = 1, and their derivatives by log focal length, k1, k2 and the principal
 * point (px): five columns of right, then five of down.
 */
export const idealFromPixelJacobian = (
  lens: Lens,
  u: number,
  v: number,
): { x: number; y: number; d: Float64Array } => {
  const inv = 1 / lens.focalPx;
  const dx = (u - lens.centreX) * inv;
  const dy = (v - lens.centreY) * inv;
  const distorted = sqrt(dx * dx + dy * dy);
  if (distorted < 1e-9) return { x: 0, y: 0, d: Float64Array.of(0, 0, 0, -inv, 0, 0, 0, 0, 0, -inv) };
  const r = undistortRadius(distorted, lens.k1, lens.k2);
  const r2 = r * r;
  const outward = 1 / Math.max(0.05, 1 + 3 * lens.k1 * r2 + 5 * lens.k2 * r2 * r2);
  const across = r / distorted;
  const ex = dx / distorted;
  const ey = dy / distorted;
  const byFocal = -distorted * outward;
  const byK1 = -r * r2 * outward;
  const byK2 = byK1 * r2;
  const aside = (across - outward) * ex * ey * inv;
  const d = new Float64Array(10);
  d[0] = ex * byFocal;
  d[1] = ex * byK1;
  d[2] = ex * byK2;
  d[3] = -(across + (outward - across) * ex * ex) * inv;
  d[4] = aside;
  d[5] = ey * byFocal;
  d[6] = ey * byK1;
  d[7] = ey * byK2;
  d[8] = aside;
  d[9] = -(across + (outward - across) * ey * ey) * inv;
  return { x: ex * r, y: ey * r, d };
};

/** Derivatives of {@link pixelFromBearing} by the same five parameters: five columns of u, then five of v. */
export const pixelByLens = (lens: Lens, body: Vec3): Float64Array => {
  const [x, y] = [body[1] / body[0], body[2] / body[0]];
  const r2 = x * x + y * y;
  const d = lens.focalPx * (1 + lens.k1 * r2 + lens.k2 * r2 * r2);
  const f = lens.focalPx;
  return Float64Array.of(x * d, x * f * r2, x * f * r2 * r2, 1, 0, y * d, y * f * r2, y * f * r2 * r2, 0, 1);
};
