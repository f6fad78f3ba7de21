import { bearingFromPixel, centredLens, focalFromHfov } from '../../geometry/lens.js';
import { rotate, type Mat3 } from '../../geometry/rotation.js';
import type { Tie } from './scan-geometry.js';

const MIN_HFOV_DEG = 1.5;
const MAX_HFOV_DEG = 125;
const STEP = 1.02;
/** A right focal length leaves a few pixels of distortion and of what ordinary heads err by; crooked ones leave more. */
const TOLERANCES_PX = [12, 40];
const MIN_TIES = 25;
/** So many ties, taken evenly from all, tell a focal length. */
const ENOUGH_TIES = 2000;

/** Sum of truncated squared agreement of ties under one focal length, 0 (none) … 1 (all) per tie. */
const agreement = (
  ties: readonly Tie[],
  claimed: readonly Mat3[],
  focalPx: number,
  widthPx: number,
  heightPx: number,
  tolerancePx: number,
): number => {
  const lens = centredLens(focalPx, 0, 0, widthPx, heightPx);
  let score = 0;
  for (const tie of ties) {
    const a = rotate(claimed[tie.stopA]!, bearingFromPixel(lens, tie.ax, tie.ay));
    const b = rotate(claimed[tie.stopB]!, bearingFromPixel(lens, tie.bx, tie.by));
    const errorPx = focalPx * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    score += Math.max(0, 1 - (errorPx / tolerancePx) ** 2);
  }
  return score;
};

/**
 * A first focal length, px, of stops at one zoom from ties between them and the encoders' angles alone: every focal length from
 * 125° to 1.5° of view is tried. Null when too few ties agree on any.
 */
export const findFocal = (
  ties: readonly Tie[],
  claimed: readonly Mat3[],
  widthPx: number,
  heightPx: number,
): number | null => {
  const shortest = focalFromHfov((MAX_HFOV_DEG * Math.PI) / 180, widthPx);
  const longest = focalFromHfov((MIN_HFOV_DEG * Math.PI) / 180, widthPx);
  const step = Math.max(1, ties.length / ENOUGH_TIES);
  const some = Array.from({ length: Math.floor(ties.length / step) }, (_, i) => ties[Math.floor(i * step)]!);
  for (const tolerancePx of TOLERANCES_PX) {
    let best = { focalPx: shortest, score: 0 };
    for (let focalPx = shortest; focalPx <= longest; focalPx *= STEP) {
      const score = agreement(some, claimed, focalPx, widthPx, heightPx, tolerancePx);
      if (score > best.score) best = { focalPx, score };
    }
    if (best.score >= MIN_TIES) return best.focalPx;
  }
  return null;
};
