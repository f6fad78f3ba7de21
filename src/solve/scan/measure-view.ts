import { radFromDeg } from '../../geometry/angles.js';
import { bearingFromPixel, centredLens, hfovFromFocal } from '../../geometry/lens.js';
import { rotate, type Mat3 } from '../../geometry/rotation.js';
import type { Tie } from '../estimation/scan-geometry.js';
import type { FrameFeatures } from '../model/frame-features.js';
import { findFocal } from '../estimation/focal-search.js';
import { matchNeighbours } from './tie-points.js';

/** How wide the camera sees, radians across the frame (a pinhole's, without distortion), or why the pictures do not tell. */
type MeasuredView = { readonly hfovRad: number } | { readonly fault: ViewFault };

/** `no_texture`: too little in the pictures matches; `no_agreement`: what matches does not turn as the encoders say. */
export type ViewFault = 'no_texture' | 'no_agreement';

/** So many ties must agree on a focal length, and such a share of all. */
const MIN_AGREEING = 25;
const MIN_SHARE = 0.3;
/** What distortion and a sensor rolled in its body leave of a right focal length, and what encoders add, which grows with it. */
const TOLERANCE_PX = 6;
const ENCODER_RAD = radFromDeg(0.03);
/** Around the first focal length, relative. */
const SEARCH = 0.04;
const STEP = 0.001;

/** How far apart a tie's two ends lie under a focal length, px. */
const errorPx = (
  tie: Tie,
  claimed: readonly Mat3[],
  focalPx: number,
  { widthPx, heightPx }: Size,
): number => {
  const lens = centredLens(focalPx, 0, 0, widthPx, heightPx);
  const a = rotate(claimed[tie.stopA]!, bearingFromPixel(lens, tie.ax, tie.ay));
  const b = rotate(claimed[tie.stopB]!, bearingFromPixel(lens, tie.bx, tie.by));
  return focalPx * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
};

type Size = Pick<FrameFeatures, 'widthPx' | 'heightPx'>;

/** Of a focal length: how well ties agree with it (at most one for each), and how many do. */
const agreementOf = (ties: readonly Tie[], claimed: readonly Mat3[], focalPx: number, size: Size) => {
  const tolerancePx = TOLERANCE_PX + ENCODER_RAD * focalPx;
  const left = ties.map((tie) => 1 - (errorPx(tie, claimed, focalPx, size) / tolerancePx) ** 2);
  const agreeing = left.filter((share) => share > 0);
  return { focalPx, count: agreeing.length, score: agreeing.reduce((sum, share) => sum + share, 0) };
};

/**
 * The field of view from a few pictures of one zoom, taken some degrees apart: nothing but the angles that the encoders claim
 * (mountFromBody, one a picture) gives the scale, so it is as exact as they are, about 1 %. Pictures must overlap.
 */
export const measureView = (features: readonly FrameFeatures[], claimed: readonly Mat3[]): MeasuredView => {
  const size = features[0]!;
  const { widthPx, heightPx } = size;
  const lensOf = features.map(() => 0);
  const ties = matchNeighbours(features, claimed, lensOf);
  if (ties.length < MIN_AGREEING) return { fault: 'no_texture' };
  const roughPx = findFocal(ties, claimed, widthPx, heightPx);
  if (roughPx === null) return { fault: 'no_agreement' };
  const steps = Math.round(SEARCH / STEP);
  const best = Array.from({ length: 2 * steps + 1 }, (_, index) => roughPx * (1 + (index - steps) * STEP))
    .map((focalPx) => agreementOf(ties, claimed, focalPx, size))
    .reduce((a, b) => (b.score > a.score ? b : a));
  if (best.count < MIN_AGREEING || best.count < MIN_SHARE * ties.length) return { fault: 'no_agreement' };
  return { hfovRad: hfovFromFocal(best.focalPx, widthPx) };
};
