import { radFromDeg } from '../../geometry/angles.js';
import { dot, fromPanTilt, rotate, type Vec3 } from '../../geometry/rotation.js';
import { isSameZoom } from '../model/lens-levels.js';
import type { StopTelemetry } from '../model/reference.js';

/** More stops tell no more; of a larger scan neighbours are taken here and there. */
const MAX_STOPS = 60;
const PLACES = 15;
const MIN_STOPS = 4;

/** Stops of the widest zoom that has some: it shows most of the lens and of neighbours. */
const ofOneZoom = (stops: readonly StopTelemetry[]): readonly number[] => {
  const levels = stops
    .toSorted((a, b) => a.zoom - b.zoom)
    .map(({ zoom }) => [...stops.keys()].filter((stop) => isSameZoom(stops[stop]!.zoom, zoom)));
  return (
    levels.find((level) => level.length >= MIN_STOPS) ??
    levels.reduce((a, b) => (b.length > a.length ? b : a))
  );
};

const directionOf = ({ panDeg, tiltDeg }: StopTelemetry): Vec3 =>
  rotate(fromPanTilt(radFromDeg(panDeg), radFromDeg(tiltDeg)), [1, 0, 0]);

/**
 * The stops whose pictures are to tell what the telemetry means, by index: of one zoom, and of many those that lie next to a few.
 * Neighbours stay neighbours whatever the telemetry means.
 */
export const stopsToAsk = (stops: readonly StopTelemetry[]): readonly number[] => {
  const all = ofOneZoom(stops);
  if (all.length <= MAX_STOPS) return all;
  const chosen = new Set<number>();
  for (let place = 0; place < PLACES; place++) {
    const middle = directionOf(stops[all[Math.floor((place * all.length) / PLACES)]!]!);
    const closeness = new Map(all.map((stop) => [stop, dot(directionOf(stops[stop]!), middle)]));
    const nearest = all.toSorted((p, q) => closeness.get(q)! - closeness.get(p)!);
    for (const stop of nearest.slice(0, MAX_STOPS / PLACES)) chosen.add(stop);
  }
  return [...chosen].sort((a, b) => a - b);
};
