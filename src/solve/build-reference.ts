import { radFromDeg, degFromRad } from '../geometry/angles.js';
import { focalFromHfov, hfovFromFocal, type Lens } from '../geometry/lens.js';
import { fromPanTilt, type Mat3 } from '../geometry/rotation.js';
import type { ReferenceReport } from './answer.js';
import { adjustBundle, type BundleSolution } from './bundle-adjustment.js';
import { encoderFault, encoderSigmaOf } from './encoder-noise.js';
import { selectFeatures, type FrameFeatures } from './features.js';
import { findFocal } from './find-focal.js';
import { isSameZoom, lensAtZoom, type LensLevel } from './lens-model.js';
import { mergeLandmarks } from './merge-landmarks.js';
import { isMasked, type OverlayMask } from './overlay-mask.js';
import type { Landmarks, Reference, StopTelemetry } from './reference.js';
import { coverageOf } from './scan-coverage.js';
import {
  matchNeighbours,
  matchScan,
  overlappingPairs,
  type FeatureTie,
  type ScanState,
} from './scan-ties.js';

export interface GivenLens {
  readonly zoomToHfovDeg: readonly (readonly [number, number])[];
  readonly k1: number;
  readonly k2: number;
}

export interface Scan {
  readonly stops: readonly StopTelemetry[];
  readonly features: readonly FrameFeatures[];
  readonly mask: OverlayMask;
  readonly lens: GivenLens | null;
  /** Levels found by another scan of the same camera; taken as they are. */
  readonly levels?: readonly LensLevel[];
}

/** A scan that cannot carry checks; `faults` say what to change. */
export class PoorScan extends Error {
  override readonly name = 'PoorScan';
  constructor(readonly faults: readonly string[]) {
    super(faults.join(' '));
  }
}

const ENCODER_SIGMA_RAD = radFromDeg(0.02);
const MIN_ENCODER_SIGMA_RAD = radFromDeg(0.001);
const MAX_ENCODER_SIGMA_RAD = radFromDeg(0.05);
const MIN_STOP_FEATURES = 40;
const MIN_STOP_TIES = 12;
const DARK_LEVEL = 10;
const WIDE_SEARCH_DEG = 1.2;
const MAX_TIES_PER_PAIR = 150;

/** From features of a scan to landmarks on the sphere. Throws {@link PoorScan} when not even a lens can be found. */
export const buildReference = (scan: Scan): Reference => {
  const features = scan.features.map((frame) =>
    selectFeatures(frame, (i) => !isMasked(scan.mask, frame.x[i]!, frame.y[i]!)),
  );
  const [widthPx, heightPx] = [features[0]!.widthPx, features[0]!.heightPx];
  const claimed = scan.stops.map(({ panDeg, tiltDeg }) =>
    fromPanTilt(radFromDeg(panDeg), radFromDeg(tiltDeg)),
  );
  const zooms = distinctZooms(scan.stops);
  const lensOf = scan.stops.map(({ zoom }) => zooms.findIndex((level) => isSameZoom(level, zoom)));
  const known = scan.levels ?? (scan.lens && givenLevels(scan.lens, widthPx));
  const lenses =
    known === null
      ? firstLenses(features, claimed, lensOf, zooms)
      : zooms.map((zoom) => lensAtZoom(known, zoom, widthPx, heightPx));
  const start: ScanState = { features, rotations: claimed, lensOf, lenses };
  const { state, ties, solution } = settle(start, claimed, known === null);
  const levels = known ?? zooms.map((zoom, i) => levelOf(zoom, state.lenses[i]!));
  const landmarks = mergeLandmarks(state, ties);
  return {
    widthPx,
    heightPx,
    stops: scan.stops.map((stop, i) => ({ ...stop, mountFromBody: state.rotations[i]! })),
    levels,
    lensGiven: known !== null,
    mask: scan.mask,
    landmarks,
    frameSigmaRad: solution?.frameSigmaRad ?? [0, 0, 0],
    links: linksOf(ties),
    report: reportOn(scan, state, ties, solution, levels, landmarks),
  };
};

const distinctZooms = (stops: readonly StopTelemetry[]): number[] => {
  const zooms: number[] = [];
  for (const { zoom } of stops) if (!zooms.some((other) => isSameZoom(other, zoom))) zooms.push(zoom);
  return zooms.sort((a, b) => a - b);
};

const givenLevels = (lens: GivenLens, widthPx: number): LensLevel[] =>
  lens.zoomToHfovDeg
    .map(([zoom, hfovDeg]) => ({
      zoom,
      focalPx: focalFromHfov(radFromDeg(hfovDeg), widthPx),
      k1: lens.k1,
      k2: lens.k2,
    }))
    .sort((a, b) => a.zoom - b.zoom);

const levelOf = (zoom: number, lens: Lens): LensLevel => ({
  zoom,
  focalPx: lens.focalPx,
  k1: lens.k1,
  k2: lens.k2,
});

/** A focal length for every zoom level: found where stops overlap, else taken over from the nearest level found. */
const firstLenses = (
  features: readonly FrameFeatures[],
  claimed: readonly Mat3[],
  lensOf: readonly number[],
  zooms: readonly number[],
): Lens[] => {
  const [widthPx, heightPx] = [features[0]!.widthPx, features[0]!.heightPx];
  const ties = matchNeighbours(features, claimed, lensOf);
  const found = zooms.flatMap((zoom, level) => {
    const own = ties.filter((tie) => lensOf[tie.stopA] === level);
    const focalPx = findFocal(own, claimed, widthPx, heightPx);
    return focalPx === null ? [] : [{ zoom, focalPx, k1: 0, k2: 0 }];
  });
  if (found.length === 0) {
    throw new PoorScan([
      'The scan cannot calibrate the lens: its pictures do not overlap enough or share no texture. ' +
        'Scan with steps of at most half the field of view, or give `lens` in devices.yaml.',
    ]);
  }
  return zooms.map((zoom) => lensAtZoom(found, zoom, widthPx, heightPx));
};

interface Settled {
  readonly state: ScanState;
  readonly ties: readonly FeatureTie[];
  readonly solution: BundleSolution | null;
}

/** Matches wide, adjusts, matches narrow with the better geometry, adjusts again with the encoders' own noise. */
const settle = (start: ScanState, claimed: readonly Mat3[], freeLens: boolean): Settled => {
  let state = start;
  let solution: BundleSolution | null = null;
  let ties: readonly FeatureTie[] = [];
  let encoderSigmaRad = ENCODER_SIGMA_RAD;
  const widest = Math.max(...start.lenses.map(({ focalPx }) => focalPx)) * radFromDeg(WIDE_SEARCH_DEG);
  for (const radiusPx of [Math.max(25, widest), 8, 4]) {
    ties = thin(matchScan(state, radiusPx), state);
    if (ties.length < MIN_STOP_TIES) return { state, ties: [], solution };
    solution = adjustBundle({
      claimed,
      lensOf: state.lensOf,
      lenses: state.lenses,
      freeLens,
      ties,
      encoderSigmaRad,
    });
    state = { ...state, rotations: solution.rotations, lenses: solution.lenses };
    encoderSigmaRad = Math.min(
      MAX_ENCODER_SIGMA_RAD,
      Math.max(MIN_ENCODER_SIGMA_RAD, solution.encoderRmsRad),
    );
  }
  const limitPx = Math.max(1.5, 3.5 * solution!.sigmaPx);
  const residuals = solution!.residualsPx;
  return { state, ties: ties.filter((_, index) => residuals[index]! < limitPx), solution };
};

/** At most so many ties a pair, spread over the list, so that one textured wall does not outweigh the rest. */
const thin = (ties: readonly FeatureTie[], state: ScanState): FeatureTie[] => {
  const byPair = new Map<number, FeatureTie[]>();
  for (const tie of ties) {
    const key = tie.stopA * state.features.length + tie.stopB;
    const list = byPair.get(key);
    if (list === undefined) byPair.set(key, [tie]);
    else list.push(tie);
  }
  return [...byPair.values()].flatMap((list) => {
    const step = Math.max(1, list.length / MAX_TIES_PER_PAIR);
    return step === 1
      ? list
      : Array.from({ length: MAX_TIES_PER_PAIR }, (_, i) => list[Math.floor(i * step)]!);
  });
};

const reportOn = (
  scan: Scan,
  state: ScanState,
  ties: readonly FeatureTie[],
  solution: BundleSolution | null,
  levels: readonly LensLevel[],
  landmarks: Landmarks,
): ReferenceReport => {
  const stops = scan.stops.map(({ file }, stop) => stopReport(file, stop, state, ties));
  const weak = scan.stops.length === 1 ? [] : stops.filter(({ matchedStops }) => matchedStops === 0);
  const bare = stops.filter(({ features }) => features < MIN_STOP_FEATURES);
  const pairs = overlappingPairs(state);
  const faults = scan.stops.flatMap(({ file }, stop) => {
    const isWeak = weak.some((other) => other.file === file) || bare.some((other) => other.file === file);
    return isWeak ? [`${file} ${weaknessOf(stop, state, pairs)}`] : [];
  });
  const disagreement = encoderFault(encoderSigmaOf(solution?.frameSigmaRad ?? [0, 0, 0], stops.length));
  if (disagreement !== null) faults.unshift(disagreement);
  const unusable = disagreement !== null || bare.length * 2 > stops.length || weak.length * 2 > stops.length;
  return {
    usable: !unusable,
    faults,
    stops,
    landmarks: countLandmarks(landmarks),
    coverage: coverageOf(landmarks, state.lenses[0]!),
    residualPx: solution?.sigmaPx ?? null,
    lens: levels.map(({ zoom, focalPx, k1, k2 }) => ({
      zoom,
      focal_px: focalPx,
      hfov_deg: degFromRad(hfovFromFocal(focalPx, state.features[0]!.widthPx)),
      k1,
      k2,
    })),
  };
};

/** Pairs of stops with so many ties that they hold each other. */
const linksOf = (ties: readonly FeatureTie[]): (readonly [number, number])[] => {
  const counts = new Map<string, { readonly pair: readonly [number, number]; ties: number }>();
  for (const { stopA, stopB } of ties) {
    const key = `${stopA},${stopB}`;
    const entry = counts.get(key) ?? { pair: [stopA, stopB], ties: 0 };
    counts.set(key, { ...entry, ties: entry.ties + 1 });
  }
  return [...counts.values()].filter(({ ties: count }) => count >= MIN_STOP_TIES).map(({ pair }) => pair);
};

/** Why a stop carries nothing, and what to change. */
const weaknessOf = (
  stop: number,
  state: ScanState,
  pairs: readonly (readonly [number, number])[],
): string => {
  const { light, count } = state.features[stop]!;
  if (light.meanLevel < DARK_LEVEL) return 'is almost black: scan by day or with light.';
  if (count < MIN_STOP_FEATURES) return 'shows almost no texture: leave the stop out or look lower.';
  if (!pairs.some((pair) => pair.includes(stop)))
    return 'overlaps no other stop: scan with closer steps there.';
  return 'matches none of the stops that overlap it: the view was blocked or the camera still moved; scan it again.';
};

const countLandmarks = ({ landmarkOf }: Landmarks): number => new Set(landmarkOf).size;

const stopReport = (
  file: string,
  stop: number,
  state: ScanState,
  ties: readonly FeatureTie[],
): ReferenceReport['stops'][number] => {
  const partners = new Map<number, number>();
  for (const { stopA, stopB } of ties) {
    if (stopA !== stop && stopB !== stop) continue;
    const other = stopA === stop ? stopB : stopA;
    partners.set(other, (partners.get(other) ?? 0) + 1);
  }
  const matched = [...partners.values()].filter((count) => count >= MIN_STOP_TIES).length;
  return { file, matchedStops: matched, features: state.features[stop]!.count, residualPx: null };
};
