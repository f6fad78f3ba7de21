import type { Lens } from '../../geometry/lens.js';

/** Lens found (or given) at one zoom level. */
export interface LensLevel {
  /** Optical magnification, 1 = widest. */
  readonly zoom: number;
  readonly focalPx: number;
  readonly k1: number;
  readonly k2: number;
  /** How far the principal point lies off the picture's middle, px to the right and down. */
  readonly offsetX: number;
  readonly offsetY: number;
}

/** Two zoom readings this close (relative) are the same level. */
const SAME_ZOOM = 0.005;

export const isSameZoom = (a: number, b: number): boolean => Math.abs(a - b) <= SAME_ZOOM * Math.max(a, b);

/** How a zoom lies between calibrated levels: the levels that tell of it, and how much each counts. */
interface ZoomShare {
  readonly level: number;
  readonly share: number;
}

/** Shares of the levels at a zoom, by its logarithm; beyond the outermost level that one alone. `levels` sorted by zoom. */
export const zoomShares = (levels: readonly Pick<LensLevel, 'zoom'>[], zoom: number): ZoomShare[] => {
  const above = levels.findIndex((level) => level.zoom >= zoom);
  const below = levels.findLastIndex((level) => level.zoom <= zoom);
  if (above < 0 || below < 0 || above === below) return [{ level: above < 0 ? below : above, share: 1 }];
  const [low, high] = [levels[below]!.zoom, levels[above]!.zoom];
  const share = Math.log(zoom / low) / Math.log(high / low);
  return [
    { level: below, share: 1 - share },
    { level: above, share },
  ];
};

/**
 * The lens at any zoom: log focal length and all else interpolated over log zoom between levels; beyond the outermost level focal
 * follows the magnification. `levels` sorted by zoom, at least one.
 */
export const lensAtZoom = (
  levels: readonly LensLevel[],
  zoom: number,
  widthPx: number,
  heightPx: number,
): Lens => {
  const shares = zoomShares(levels, zoom);
  const blend = (of: (level: LensLevel) => number): number =>
    shares.reduce((sum, { level, share }) => sum + share * of(levels[level]!), 0);
  const beyond = shares.length > 1 ? 1 : zoom / levels[shares[0]!.level]!.zoom;
  return {
    focalPx: Math.exp(blend(({ focalPx }) => Math.log(focalPx))) * beyond,
    k1: blend(({ k1 }) => k1),
    k2: blend(({ k2 }) => k2),
    centreX: (widthPx - 1) / 2 + blend(({ offsetX }) => offsetX),
    centreY: (heightPx - 1) / 2 + blend(({ offsetY }) => offsetY),
  };
};

/** The level of a lens that was found in pictures of a size. */
export const levelOf = (zoom: number, lens: Lens, widthPx: number, heightPx: number): LensLevel => ({
  ...{ zoom, focalPx: lens.focalPx, k1: lens.k1, k2: lens.k2 },
  offsetX: lens.centreX - (widthPx - 1) / 2,
  offsetY: lens.centreY - (heightPx - 1) / 2,
});

/** Whether the focal length at this zoom was calibrated or lies between calibrated levels. */
export const isZoomCovered = (levels: readonly LensLevel[], zoom: number): boolean =>
  levels.some((level) => isSameZoom(level.zoom, zoom)) ||
  (levels.some((level) => level.zoom < zoom) && levels.some((level) => level.zoom > zoom));
