import { radFromDeg } from '../geometry/angles.js';
import { focalFromHfov, type Lens } from '../geometry/lens.js';
import { fromPanTilt, type Mat3 } from '../geometry/rotation.js';
import { adjustBundle, type BundleSolution } from './bundle-adjustment.js';
import { selectFeatures, type DecodedFrame, type FrameFeatures } from './features.js';
import { findFocal } from './find-focal.js';
import { isSameZoom, lensAtZoom, type LensLevel } from './lens-model.js';
import { mergeLandmarks } from './merge-landmarks.js';
import { isMasked, type OverlayMask } from './overlay-mask.js';
import type { Reference, StopTelemetry } from './reference.js';
import { MIN_STOP_TIES, reportOn } from './scan-report.js';
import { matchNeighbours, matchScan, type FeatureTie, type ScanState } from './scan-ties.js';

export interface GivenLens {
  readonly zoomToHfovDeg: readonly (readonly [number, number])[];
  readonly k1: number;
  readonly k2: number;
}

export interface Scan {
  readonly stops: readonly StopTelemetry[];
  readonly features: readonly FrameFeatures[];
  readonly mask: OverlayMask;
  /** Kept where the mask could not be learned. */
  readonly pictures?: readonly DecodedFrame[];
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
  const settled = settle(start, claimed, known === null);
  const { state, ties, solution } = settled;
  const levels = known ?? zooms.map((zoom, i) => levelOf(zoom, state.lenses[i]!));
  const landmarks = mergeLandmarks(state, ties);
  return {
    widthPx,
    heightPx,
    stops: scan.stops.map((stop, i) => ({
      ...stop,
      mountFromBody: state.rotations[i]!,
      looseRad: solution?.looseRad[i] ?? [0, 0, 0],
    })),
    levels,
    lensGiven: known !== null,
    mask: scan.mask,
    landmarks,
    frameSigmaRad: solution?.frameSigmaRad ?? [0, 0, 0],
    links: linksOf(ties),
    ...(scan.pictures && { pictures: scan.pictures }),
    report: reportOn({
      ...settled,
      ...{ stops: scan.stops, levels, landmarks },
      lensFound: scan.lens === null || scan.levels ? null : lensSeen(start, claimed, settled.wideTies, zooms),
    }),
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
  /** Those that fit, and what is left of each, px. */
  readonly ties: readonly FeatureTie[];
  readonly residualsPx: readonly number[];
  /** Those of the first, wide search. */
  readonly wideTies: readonly FeatureTie[];
  readonly solution: BundleSolution | null;
}

/** Matches wide, adjusts, matches narrow with the better geometry, adjusts again with the encoders' own noise. */
const settle = (start: ScanState, claimed: readonly Mat3[], freeLens: boolean): Settled => {
  let state = start;
  let solution: BundleSolution | null = null;
  let ties: readonly FeatureTie[] = [];
  let wideTies: readonly FeatureTie[] | null = null;
  let encoderSigmaRad = ENCODER_SIGMA_RAD;
  const widest = Math.max(...start.lenses.map(({ focalPx }) => focalPx)) * radFromDeg(WIDE_SEARCH_DEG);
  for (const radiusPx of [Math.max(25, widest), 8, 4]) {
    ties = thin(matchScan(state, radiusPx), state);
    wideTies ??= ties;
    if (ties.length < MIN_STOP_TIES) return { state, ties: [], residualsPx: [], wideTies, solution };
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
      Math.max(MIN_ENCODER_SIGMA_RAD, solution.encoderSigmaRad),
    );
  }
  const limitPx = Math.max(1.5, 3.5 * solution!.sigmaPx);
  const residuals = solution!.residualsPx;
  const fits = (index: number): boolean => residuals[index]! < limitPx;
  return {
    state,
    ties: ties.filter((_, index) => fits(index)),
    residualsPx: [...residuals].filter((_, index) => fits(index)),
    wideTies: wideTies!,
    solution,
  };
};

/** Less certain than this (relative) a focal length tells nothing about one that was given. */
const MAX_FOCAL_SIGMA = 0.002;

/** What the pictures say of a lens that was given, zoom by zoom; null where they say too little. */
const lensSeen = (
  start: ScanState,
  claimed: readonly Mat3[],
  ties: readonly FeatureTie[],
  zooms: readonly number[],
): LensLevel[] | null => {
  if (ties.length < MIN_STOP_TIES) return null;
  const { lensOf, lenses } = start;
  const seen = adjustBundle({
    claimed,
    lensOf,
    lenses,
    freeLens: true,
    ties,
    encoderSigmaRad: ENCODER_SIGMA_RAD,
  });
  return seen.focalSigma.every((sigma) => sigma < MAX_FOCAL_SIGMA)
    ? zooms.map((zoom, i) => levelOf(zoom, seen.lenses[i]!))
    : null;
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
