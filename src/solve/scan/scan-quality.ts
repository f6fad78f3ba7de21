import { degFromRad } from '../../geometry/angles.js';
import { hfovFromFocal, type Lens } from '../../geometry/lens.js';
import { rotate } from '../../geometry/rotation.js';
import type { ReferenceReport } from '../model/answer.js';
import { encoderFault } from '../head/encoder-noise.js';
import { headReport } from '../head/head-report.js';
import type { LensLevel } from '../model/lens-levels.js';
import type { ScanModel, StopTelemetry } from '../model/reference.js';
import { adviceOn, lensFault } from './scan-advice.js';
import { coverageOf } from './angular-coverage.js';
import { overlappingPairs, type FeatureTie, type ScanState } from './tie-points.js';

/** What a settled scan is judged by. */
interface SettledScan {
  readonly model: ScanModel;
  readonly state: ScanState;
  /** Those that fit, and those that were looked at. */
  readonly ties: readonly FeatureTie[];
  readonly triedTies: readonly FeatureTie[];
  /** One a tie that fits, px. */
  readonly residualsPx: readonly number[];
  readonly sigmaPx: number;
  /** What the pictures say of a lens that was given; null where it was not, or where they say nothing. */
  readonly lensFound: readonly SeenLens[] | null;
  /** What is wrong with the telemetry, as the pictures show it; null where nothing is. */
  readonly telemetryFault: string | null;
}

/** What pictures say of a lens at one zoom. */
export interface SeenLens {
  readonly level: LensLevel;
  /** One standard error of its focal length, relative. */
  readonly focalSigma: number;
}

export const MIN_STOP_TIES = 12;
const MIN_STOP_FEATURES = 40;
const DARK_LEVEL = 10;
/** A given focal length this far off, relative, moves what is seen at the picture's edge by pixels. */
const LENS_OFF = 0.005;
/** Beyond this every check would tell of another zoom. */
const LENS_WRONG = 0.01;

type Stop = ReferenceReport['stops'][number];

/** What a scan is worth, and what to change where it is worth too little. */
export const reportOn = (scan: SettledScan): ReferenceReport => {
  const { state, model, telemetryFault } = scan;
  const pairs = overlappingPairs(state);
  const stops = model.stops.map((telemetry, stop) => stopReport(telemetry, stop, scan, pairs));
  const severe = stops.filter((stop) => isSevere(stop, stops.length));
  const general = generalFault(scan);
  const unmatched = stops.filter(({ matchedStops }) => stops.length > 1 && matchedStops === 0);
  const bare = stops.filter(({ features }) => features < MIN_STOP_FEATURES);
  const mostly = (weak: readonly Stop[]): boolean => weak.length * 2 > stops.length;
  const soundAxes = state.rotations.flatMap((mountFromBody, i) =>
    isSevere(stops[i]!, stops.length) ? [] : [rotate(mountFromBody, [1, 0, 0])],
  );
  const { fraction, rows, sigmaDeg } = coverageOf(model, state.lenses[0]!, soundAxes);
  return {
    usable: general?.isFatal !== true && !mostly(unmatched) && !mostly(bare),
    faults: [
      ...(general === null ? [] : [general.fault]),
      // Telemetry that means something else explains them all.
      ...(telemetryFault === null ? severe.map(({ file, weakness }) => `${file} ${weakness}`) : []),
    ],
    advice: telemetryFault === null ? adviceOn(model, scan.triedTies, scan.ties.length) : [],
    stops,
    landmarks: new Set(model.landmarks.landmarkOf).size,
    ...{ coverage: fraction, coverage_rows: rows },
    coverage_sigma_deg: sigmaDeg.map((fields) => fields.map((sigma) => sigma && Number(sigma.toFixed(4)))),
    residualPx: scan.ties.length === 0 ? null : scan.sigmaPx,
    lens: model.levels.map((level) => lensLine(level, scan)),
    lens_found: sureLens(scan)?.map(({ level }) => lensLine(level, scan)) ?? null,
    head: headReport(model),
  };
};

interface GeneralFault {
  readonly fault: string;
  /** Whether the scan cannot be used. */
  readonly isFatal: boolean;
}

/** What is wrong with the scan as a whole: the cause before what it leads to. */
const generalFault = (scan: SettledScan): GeneralFault | null => {
  const { telemetryFault, model } = scan;
  if (telemetryFault !== null) return { fault: telemetryFault, isFatal: true };
  // A wrong lens makes the pictures turn otherwise than the telemetry says, too.
  const disagreement = encoderFault(model.encoders);
  const lens = lensDoubt(scan);
  if (lens !== null) return { fault: lens.fault, isFatal: lens.isWrong || disagreement !== null };
  const fatal = disagreement ?? lensFault(model);
  return fatal === null ? null : { fault: fatal, isFatal: true };
};

const lensLine = (
  { zoom, focalPx, k1, k2, offsetX, offsetY }: LensLevel,
  { state }: SettledScan,
): ReferenceReport['lens'][number] => {
  const { widthPx, heightPx } = state.features[0]!;
  return {
    ...{ zoom, focal_px: focalPx, hfov_deg: degFromRad(hfovFromFocal(focalPx, widthPx)), k1, k2 },
    ...{ cx: (widthPx - 1) / 2 + offsetX, cy: (heightPx - 1) / 2 + offsetY },
  };
};

/** Less certain than this, relative, a focal length tells nothing about one that was given. */
const MAX_FOCAL_SIGMA = 0.004;
/** A given focal length is contradicted by one so many standard errors away. */
const SURE_SIGMAS = 4;

/** What pictures say of a given lens, where they are sure of it at every zoom. */
const sureLens = ({ lensFound }: SettledScan): readonly SeenLens[] | null =>
  lensFound?.every(({ focalSigma }) => focalSigma < MAX_FOCAL_SIGMA) === true ? lensFound : null;

/** A given lens that the pictures contradict. */
const lensDoubt = (scan: SettledScan): { readonly fault: string; readonly isWrong: boolean } | null => {
  const { state } = scan;
  const doubts = (sureLens(scan) ?? []).map(({ level, focalSigma }, i) => {
    const given: Lens = state.lenses[i]!;
    const off = Math.abs(Math.log(level.focalPx / given.focalPx));
    return { ...{ level, given, off }, least: SURE_SIGMAS * focalSigma };
  });
  const worst = doubts.reduce<(typeof doubts)[number] | null>((a, b) => (a && a.off >= b.off ? a : b), null);
  if (worst === null || worst.off < Math.max(LENS_OFF, worst.least)) return null;
  const deg = (focalPx: number): string =>
    `${degFromRad(hfovFromFocal(focalPx, state.features[0]!.widthPx)).toFixed(2)}°`;
  const fault =
    `The lens in devices.yaml does not fit the pictures: at zoom ${worst.level.zoom} it says ${deg(worst.given.focalPx)} wide, ` +
    `they say ${deg(worst.level.focalPx)}. Correct it, or leave \`lens\` out and the scan finds it.`;
  return { fault, isWrong: worst.off > Math.max(LENS_WRONG, worst.least) };
};

/** A stop that carries nothing; one that leans on a single other stop is only weak. */
const isSevere = ({ features, matchedStops }: Stop, stopCount: number): boolean =>
  features < MIN_STOP_FEATURES || (stopCount > 1 && matchedStops === 0);

const median = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;

const stopReport = (
  { file, panDeg, tiltDeg, zoom }: StopTelemetry,
  stop: number,
  { state, ties, residualsPx, model: { stops } }: SettledScan,
  pairs: readonly (readonly [number, number])[],
): Stop => {
  const own = ties.flatMap(({ stopA, stopB }, i) =>
    stopA === stop || stopB === stop
      ? [{ other: stopA === stop ? stopB : stopA, residualPx: residualsPx[i]! }]
      : [],
  );
  const partners = new Map<number, number>();
  for (const { other } of own) partners.set(other, (partners.get(other) ?? 0) + 1);
  const told = {
    ...{ file, pan: panDeg, tilt: tiltDeg, zoom },
    matchedStops: [...partners.values()].filter((count) => count >= MIN_STOP_TIES).length,
    ties: own.length,
    features: state.features[stop]!.count,
    residualPx: median(own.map(({ residualPx }) => residualPx)),
  };
  const context = {
    neighbours: pairs.filter((pair) => pair.includes(stop)).length,
    meanLevel: state.features[stop]!.light.meanLevel,
    isAlone: stops.length === 1,
  };
  return { ...told, weakness: weaknessOf(told, context) };
};

interface StopContext {
  /** Stops that overlap it. */
  readonly neighbours: number;
  readonly meanLevel: number;
  readonly isAlone: boolean;
}

/** Why a stop carries little or nothing, and what to change; null for a sound one. */
const weaknessOf = (
  { features, matchedStops }: Omit<Stop, 'weakness'>,
  { neighbours, meanLevel, isAlone }: StopContext,
): string | null => {
  const isBare = features < MIN_STOP_FEATURES;
  const isSound = isAlone || matchedStops > 1;
  if (meanLevel < DARK_LEVEL && (isBare || !isSound)) return 'is almost black: scan by day or with light.';
  if (isBare) return 'shows almost no texture: leave the stop out or look lower.';
  if (isSound) return null;
  if (neighbours === 0) return 'overlaps no other stop: scan with closer steps there.';
  if (matchedStops === 0)
    return 'matches none of the stops that overlap it: the view was blocked or the camera still moved; scan it again.';
  return neighbours === 1
    ? 'overlaps one other stop only: scan with closer steps there.'
    : 'matches one other stop only: there is little texture, or something stood in the way.';
};
