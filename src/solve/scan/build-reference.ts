import { radFromDeg } from '../../geometry/angles.js';
import { focalFromHfov, type Lens, LENS_PARAMETERS } from '../../geometry/lens.js';
import type { Mat3 } from '../../geometry/rotation.js';
import { type BundleProblem, type BundleSolution, withKnownHead } from '../estimation/bundle-adjustment.js';
import { knownHead } from '../estimation/considered-head.js';
import { findFocal } from '../estimation/focal-search.js';
import { EXACT_ENCODERS } from '../head/encoder-noise.js';
import { attitudeOf, IDEAL_HEAD, type PanTilt } from '../head/pointing-model.js';
import { ORDINARY_TERMS } from '../head/rare-terms.js';
import { type DecodedFrame, type FrameFeatures, selectFeatures } from '../model/frame-features.js';
import { isSameZoom, lensAtZoom, type LensLevel, levelOf } from '../model/lens-levels.js';
import type { Reference, ScanModel, StopTelemetry } from '../model/reference.js';
import { isMasked, type OverlayMask } from '../model/static-overlay-mask.js';
import { doubtTelemetry } from '../telemetry/doubt.js';
import { mergeLandmarks } from './landmark-tracks.js';
import { MIN_STOP_TIES, reportOn } from './scan-quality.js';
import { lensSeen, problemOf, type ScanStart, settle, type Settled } from './settle-scan.js';
import { type FeatureTie, matchNeighbours } from './tie-points.js';

interface GivenLens {
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
  /** What another scan of the same camera found of its head and lens; taken as it is. */
  readonly camera?: Pick<Reference, 'head' | 'levels' | 'posterior'>;
}

/** A scan that cannot carry checks; `faults` say what to change. */
export class PoorScan extends Error {
  override readonly name = 'PoorScan';
  constructor(readonly faults: readonly string[]) {
    super(faults.join(' '));
  }
}

/** From features of a scan to landmarks on the sphere. Throws {@link PoorScan} when not even a lens can be found. */
export const buildReference = (scan: Scan): Reference => {
  const features = scan.features.map((frame) =>
    selectFeatures(frame, (i) => !isMasked(scan.mask, frame.x[i]!, frame.y[i]!)),
  );
  const [widthPx, heightPx] = [features[0]!.widthPx, features[0]!.heightPx];
  const at = withWays(scan.stops.map(panTiltOf));
  const firstHead = scan.camera?.head ?? IDEAL_HEAD;
  const zooms = distinctZooms(scan.stops);
  const lensOf = scan.stops.map(({ zoom }) => zooms.findIndex((level) => isSameZoom(level, zoom)));
  const known = scan.camera?.levels ?? (scan.lens && givenLevels(scan.lens, widthPx));
  const rotations = at.map((stop) => attitudeOf(firstHead, stop));
  const given = known && zooms.map((zoom) => lensAtZoom(known, zoom, widthPx, heightPx));
  const lensesTold = lensOf.map((level) => given?.[level] ?? null);
  // A layer's camera has been understood when its primary was scanned.
  const telemetryFault = scan.camera
    ? null
    : doubtTelemetry({ stops: scan.stops, features, lenses: lensesTold });
  const lenses = given ?? firstLenses(features, rotations, lensOf, zooms, telemetryFault);
  const start: ScanStart = {
    ...{ features, lensOf, lenses, rotations },
    at,
    head: firstHead,
    ...estimatedOf(scan),
  };
  const settled = settle(start);
  const { state, ties } = settled;
  const solution = scan.camera ? withPrimaryHead(start, settled, scan.camera) : settled.solution;
  const found = zooms.map((zoom, i) => levelOf(zoom, state.lenses[i]!, widthPx, heightPx));
  const levels = scan.camera?.levels ?? (known === null ? found : withCentres(known, found));
  const model: ScanModel = {
    ...{ widthPx, heightPx, levels, landmarks: mergeLandmarks(state, ties) },
    ...knownCamera(scan, solution, zooms),
    stops: scan.stops.map((stop, i) => ({ ...stop, at: at[i]!, mountFromBody: state.rotations[i]! })),
    lensGiven: known !== null,
    mask: scan.mask,
    links: linksOf(ties),
    ...(scan.pictures && { pictures: scan.pictures }),
  };
  const lensFound = scan.lens === null || scan.camera ? null : lensSeen(start, settled.wideTies, zooms);
  const judged = { ...settled, model, sigmaPx: solution.sigmaPx, lensFound, telemetryFault };
  return { ...model, report: reportOn(judged) };
};

const knownCamera = (
  { stops }: Scan,
  { geometry, layout, covariance, encoders }: BundleSolution,
  zooms: readonly number[],
): Pick<Reference, 'head' | 'encoders' | 'posterior'> => ({
  head: geometry.head,
  encoders: stops.length === 1 ? EXACT_ENCODERS : encoders,
  posterior: { layout, covariance, zooms: zooms.map((zoom) => ({ zoom })) },
});

/** The solution of a scan whose head another one has told. */
const withPrimaryHead = (
  start: ScanStart,
  { triedTies, solution }: Settled,
  { posterior }: Pick<Reference, 'posterior'>,
): BundleSolution =>
  withKnownHead(
    problemOf(start, triedTies, solution),
    solution,
    knownHead(posterior.layout, posterior.covariance),
  );

/** What telemetry says of a stop, radians. */
export const panTiltOf = ({ panDeg, tiltDeg }: Pick<StopTelemetry, 'panDeg' | 'tiltDeg'>): PanTilt => ({
  panRad: radFromDeg(panDeg),
  tiltRad: radFromDeg(tiltDeg),
});

/** Stops in the order of the scan, each with the way that its axes were last moved. */
const withWays = (stops: readonly PanTilt[]): PanTilt[] => {
  const ways = { panWay: 0, tiltWay: 0 };
  return stops.map((at, i) => {
    const before = stops[i - 1] ?? at;
    ways.panWay = Math.sign(at.panRad - before.panRad) || ways.panWay;
    ways.tiltWay = Math.sign(at.tiltRad - before.tiltRad) || ways.tiltWay;
    return { ...at, ...ways };
  });
};

/** Of a camera that another scan has told all about nothing is estimated but what the stops' encoders err by. */
const estimatedOf = ({ camera, lens }: Scan): Pick<BundleProblem, 'terms' | 'lensParameters'> => {
  if (camera) return { terms: [], lensParameters: [] };
  return { terms: ORDINARY_TERMS, lensParameters: lens ? ['centreX', 'centreY'] : LENS_PARAMETERS };
};

/** Levels of a lens that was given, with the principal points that were found. */
const withCentres = (given: readonly LensLevel[], found: readonly LensLevel[]): LensLevel[] => {
  const others = given.filter(({ zoom }) => !found.some((level) => isSameZoom(level.zoom, zoom)));
  const placed = others.map((level) => {
    const { centreX: offsetX, centreY: offsetY } = lensAtZoom(found, level.zoom, 1, 1);
    return { ...level, offsetX, offsetY };
  });
  return [...found, ...placed].sort((a, b) => a.zoom - b.zoom);
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
      ...{ k1: lens.k1, k2: lens.k2, offsetX: 0, offsetY: 0 },
    }))
    .sort((a, b) => a.zoom - b.zoom);

/** A focal length for every zoom level: found where stops overlap, else taken over from the nearest level found. */
const firstLenses = (
  features: readonly FrameFeatures[],
  claimed: readonly Mat3[],
  lensOf: readonly number[],
  zooms: readonly number[],
  telemetryFault: string | null,
): Lens[] => {
  const [widthPx, heightPx] = [features[0]!.widthPx, features[0]!.heightPx];
  const ties = matchNeighbours(features, claimed, lensOf);
  const found = zooms.flatMap((zoom, level) => {
    const own = ties.filter((tie) => lensOf[tie.stopA] === level);
    const focalPx = findFocal(own, claimed, widthPx, heightPx);
    return focalPx === null ? [] : [{ zoom, focalPx, k1: 0, k2: 0, offsetX: 0, offsetY: 0 }];
  });
  if (found.length === 0) {
    throw new PoorScan([
      telemetryFault ??
        'The scan cannot calibrate the lens: its pictures do not overlap enough or share no texture. ' +
          'Scan with steps of at most half the field of view, or give `lens` in devices.yaml.',
    ]);
  }
  return zooms.map((zoom) => lensAtZoom(found, zoom, widthPx, heightPx));
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
