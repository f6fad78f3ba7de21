import { centredLens, type Lens } from '../geometry/lens.js';

/** Lens found (or given) at one zoom level. */
export interface LensLevel {
  /** Optical magnification, 1 = widest. */
  readonly zoom: number;
  readonly focalPx: number;
  readonly k1: number;
  readonly k2: number;
}

/** Two zoom readings this close (relative) are the same level. */
export const SAME_ZOOM = 0.005;

export const isSameZoom = (a: number, b: number): boolean => Math.abs(a - b) <= SAME_ZOOM * Math.max(a, b);

/**
 * The lens at any zoom: log focal length interpolated over log zoom between levels; beyond the outermost level focal
 * follows the magnification. `levels` sorted by zoom, at least one.
 */
export const lensAtZoom = (
  levels: readonly LensLevel[],
  zoom: number,
  widthPx: number,
  heightPx: number,
): Lens => {
  const above = levels.find((level) => level.zoom >= zoom);
  const below = levels.findLast((level) => level.zoom <= zoom);
  if (above !== undefined && below !== undefined && above !== below) {
    const t = Math.log(zoom / below.zoom) / Math.log(above.zoom / below.zoom);
    const blend = (a: number, b: number): number => a + t * (b - a);
    const focal = Math.exp(blend(Math.log(below.focalPx), Math.log(above.focalPx)));
    return centredLens(focal, blend(below.k1, above.k1), blend(below.k2, above.k2), widthPx, heightPx);
  }
  const nearest = (above ?? below)!;
  return centredLens((nearest.focalPx * zoom) / nearest.zoom, nearest.k1, nearest.k2, widthPx, heightPx);
};

/** Whether the focal length at this zoom was calibrated or lies between calibrated levels. */
export const isZoomCovered = (levels: readonly LensLevel[], zoom: number): boolean =>
  levels.some((level) => isSameZoom(level.zoom, zoom)) ||
  (levels.some((level) => level.zoom < zoom) && levels.some((level) => level.zoom > zoom));
