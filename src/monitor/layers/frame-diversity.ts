import type { CaptureFrame } from '../../capture/spool/manifest.js';
import { degFromRad, radFromDeg, wrapDeg } from '../../geometry/angles.js';

/** Most pictures in a grown layer. */
const MAX_GROWN_FRAMES = 24;

/** Equally large differences: half a view, two hours of the day, six weeks of the year, half a zoom. */
const UNIT = { viewDeg: 25, hours: 2, days: 42, zoom: 0.4 };
const MS_PER_HOUR = 3_600_000;
const HOURS_PER_DAY = 24;
const DAYS_PER_YEAR = 365.25;

/** The shorter way round a circle. */
const around = (difference: number, turn: number): number => {
  const rest = Math.abs(difference) % turn;
  return Math.min(rest, turn - rest);
};

const viewsApartDeg = (a: CaptureFrame['telemetry'], b: CaptureFrame['telemetry']): number => {
  const [tiltA, tiltB] = [radFromDeg(a.tilt), radFromDeg(b.tilt)];
  const turn = Math.cos(radFromDeg(wrapDeg(a.pan - b.pan)));
  const cosine = Math.sin(tiltA) * Math.sin(tiltB) + Math.cos(tiltA) * Math.cos(tiltB) * turn;
  return degFromRad(Math.acos(Math.max(-1, Math.min(1, cosine))));
};

/** How much two pictures differ in direction and in expected light; 0 for identical ones. */
export const unlikeness = (a: CaptureFrame, b: CaptureFrame): number => {
  const zoom = Math.log(a.telemetry.zoom / b.telemetry.zoom) / UNIT.zoom;
  const hours = (Date.parse(a.captured_at) - Date.parse(b.captured_at)) / MS_PER_HOUR;
  return Math.hypot(
    (viewsApartDeg(a.telemetry, b.telemetry) * Math.max(a.telemetry.zoom, b.telemetry.zoom)) / UNIT.viewDeg,
    zoom,
    around(hours, HOURS_PER_DAY) / UNIT.hours,
    around(hours / HOURS_PER_DAY, DAYS_PER_YEAR) / UNIT.days,
  );
};

/**
 * Selects the pictures to keep: while there are too many, drops the older of the two most similar ones. New light and
 * new directions thus replace redundant pictures, never unique ones.
 */
export const framesToKeep = (
  frames: readonly CaptureFrame[],
  most: number = MAX_GROWN_FRAMES,
): CaptureFrame[] => {
  const kept = [...frames].sort((a, b) => (a.captured_at < b.captured_at ? -1 : 1));
  while (kept.length > most) kept.splice(olderOfNearest(kept), 1);
  return kept;
};

/** Index of the older of the two most similar frames; frames are sorted by time. */
const olderOfNearest = (frames: readonly CaptureFrame[]): number => {
  let [nearest, older] = [Infinity, 0];
  frames.forEach((a, i) =>
    frames.slice(i + 1).forEach((b) => {
      const apart = unlikeness(a, b);
      if (apart < nearest) [nearest, older] = [apart, i];
    }),
  );
  return older;
};
