import { degFromRad, wrapDeg } from '../../geometry/angles.js';
import { bearingFromPixel } from '../../geometry/lens.js';
import { rotate } from '../../geometry/rotation.js';
import type { CoverageStop } from '../../ports/pictures.js';

/** A direction, degrees; pan is not wrapped, so that an outline does not jump. */
export type PanTilt = readonly [panDeg: number, tiltDeg: number];

const STEPS = 10;
const MARGIN_DEG = 6;
/** A scan that leaves out so much of the circle is shown alone. */
const WIDEST_GAP_DEG = 70;

/** Where the edge of a stop's picture lies, clockwise from its top left corner. */
export const outlineOf = (stop: CoverageStop): PanTilt[] => {
  const { widthPx: w, heightPx: h, panDeg } = stop;
  const mountFromBody = Float64Array.from(stop.mountFromBody);
  const along = Array.from({ length: STEPS }, (_, i) => i / STEPS);
  const edge = [
    ...along.map((t) => [t * w, 0]),
    ...along.map((t) => [w, t * h]),
    ...along.map((t) => [w - t * w, h]),
    ...along.map((t) => [0, h - t * h]),
  ] as [number, number][];
  let before = panDeg;
  return edge.map(([u, v]): PanTilt => {
    const [x, y, z] = rotate(mountFromBody, bearingFromPixel(stop, u - 0.5, v - 0.5));
    before += wrapDeg(degFromRad(Math.atan2(y, x)) - before);
    return [before, degFromRad(Math.asin(Math.max(-1, Math.min(1, -z))))];
  });
};

/** The part of pan and tilt that a map shows, degrees; `toPanDeg` may pass 180. */
export interface CoverageWindow {
  readonly fromPanDeg: number;
  readonly toPanDeg: number;
  readonly lowestDeg: number;
  readonly highestDeg: number;
}

/** The widest part of the circle that no outline reaches: where it begins and how wide it is. */
const widestGap = (outlines: readonly (readonly PanTilt[])[]): { fromDeg: number; widthDeg: number } => {
  const spans = outlines
    .map((outline) => {
      const pans = outline.map(([panDeg]) => panDeg);
      const [from, to] = [Math.min(...pans), Math.max(...pans)];
      const start = wrapDeg(from);
      return { from: start, to: start + Math.min(360, to - from) };
    })
    .sort((a, b) => a.from - b.from);
  let reached = Math.max(...spans.map(({ to }) => to - 360));
  let gap = { fromDeg: reached, widthDeg: 0 };
  for (const { from, to } of spans) {
    if (from - reached > gap.widthDeg) gap = { fromDeg: reached, widthDeg: from - reached };
    reached = Math.max(reached, to);
  }
  return gap;
};

/** The whole circle, or the part of it that a scan keeps to; as high as the stops reach. */
export const windowOf = (outlines: readonly (readonly PanTilt[])[]): CoverageWindow => {
  const tilts = outlines.flatMap((outline) => outline.map(([, tiltDeg]) => tiltDeg));
  const height = {
    lowestDeg: Math.max(-90, Math.min(...tilts) - MARGIN_DEG),
    highestDeg: Math.min(90, Math.max(...tilts) + MARGIN_DEG),
  };
  const gap = widestGap(outlines);
  if (gap.widthDeg < WIDEST_GAP_DEG) return { fromPanDeg: -180, toPanDeg: 180, ...height };
  const fromPanDeg = gap.fromDeg + gap.widthDeg - MARGIN_DEG;
  return { fromPanDeg, toPanDeg: gap.fromDeg + 360 + MARGIN_DEG, ...height };
};
