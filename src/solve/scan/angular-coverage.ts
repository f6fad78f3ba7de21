import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import { pixelFromBearing, type Lens } from '../../geometry/lens.js';
import { dot, identity, rotate, transpose, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import { expectedTurnSigma } from '../estimation/expected-sigma.js';
import { attitudeOf, type PanTilt } from '../head/pointing-model.js';
import { bearingOfLook } from '../matching/landmark-matching.js';
import type { ScanModel } from '../model/reference.js';
import { SphericalIndex } from '../model/spherical-index.js';

/** Pan and tilt between two directions that are tried, degrees. */
const COVERAGE_STEP_DEG = 5;
/** So many landmarks in the middle of a picture carry a check in all but the poorest light. */
const ENOUGH_LANDMARKS = 60;
/** Of these so many are asked how exactly they tell. */
const ASKED_LANDMARKS = 40;
/** Standard errors change slowly with direction: fields of two by two share one. */
const SHARED_FIELDS = 2;
const COLUMNS = 360 / COVERAGE_STEP_DEG;
const ROWS = 180 / COVERAGE_STEP_DEG;
const ANSWERED = '#';
/** Less certain than a third of the usual threshold no check is answered. */
const MAX_SIGMA_DEG = 0.5 / 3;

export interface Coverage {
  /** Of the sphere, 0–1. */
  readonly fraction: number;
  /**
   * Rows of tilt from the zenith down, a letter for every step of pan from −180°, each for the middle of its field: `#` where
   * a check is answered, `.` elsewhere.
   */
  readonly rows: string[];
  /** By the same fields, the standard error to be expected of an answer, degrees; null where there is none. */
  readonly sigmaDeg: (number | null)[][];
}

const tiltDegOf = (row: number): number => 90 - (row + 0.5) * COVERAGE_STEP_DEG;
const panDegOf = (column: number): number => (column + 0.5) * COVERAGE_STEP_DEG - 180;

/** The turn of a pan that lies nearest the middle of the scan's: a head counts on beyond 180°, or from 0 to 360. */
const panAmong = (panDeg: number, middleDeg: number): number =>
  panDeg + 360 * Math.round((middleDeg - panDeg) / 360);

interface View {
  readonly at: PanTilt;
  readonly claimed: Mat3;
  readonly axis: Vec3;
}

const middlePanDeg = ({ stops }: ScanModel): number => {
  const pans = stops.map(({ panDeg }) => panDeg);
  return (Math.min(...pans) + Math.max(...pans)) / 2;
};

/** Some of the landmarks that a view shows, as many as are asked. */
const askedOf = (scan: ScanModel, found: Int32Array, { claimed }: View, lens: Lens) => {
  const bodyFromMount = transpose(claimed);
  const step = Math.max(1, found.length / ASKED_LANDMARKS);
  const count = Math.min(ASKED_LANDMARKS, found.length);
  return Array.from({ length: count }, (_, k) => found[Math.floor(k * step)]!).flatMap((look) => {
    const landmark = bearingOfLook(scan, look);
    const pixel = pixelFromBearing(lens, rotate(bodyFromMount, landmark));
    if (pixel === null) return [];
    return [{ landmark, landmarkId: scan.landmarks.landmarkOf[look]!, x: pixel[0], y: pixel[1] }];
  });
};

/** Tells for a direction how exact an answer would be, degrees; null where there would be none. */
const expectation = (
  scan: ScanModel,
  lens: Lens,
  soundAxes: readonly Vec3[],
): ((row: number, column: number) => number | null) => {
  const index = new SphericalIndex(scan.landmarks.bearings);
  const [halfHeight, halfWidth] = [scan.heightPx / 2 / lens.focalPx, scan.widthPx / 2 / lens.focalPx];
  const radiusRad = Math.atan(halfHeight);
  const leastCosine = Math.cos(Math.atan(Math.hypot(halfWidth, halfHeight)));
  const zoom = Math.min(...scan.stops.map((stop) => stop.zoom));
  const middleDeg = middlePanDeg(scan);
  const shared = new Map<string, number>();
  return (row, column) => {
    const panDeg = panAmong(panDegOf(column), middleDeg);
    const at = { panRad: radFromDeg(panDeg), tiltRad: radFromDeg(tiltDegOf(row)) };
    const claimed = attitudeOf(scan.head, at);
    const view: View = { at, claimed, axis: rotate(claimed, [1, 0, 0]) };
    if (!soundAxes.some((axis) => dot(axis, view.axis) > leastCosine)) return null;
    const count = index.collectNear(view.axis, radiusRad);
    if (count < ENOUGH_LANDMARKS) return null;
    const key = `${Math.floor(row / SHARED_FIELDS)},${Math.floor(column / SHARED_FIELDS)}`;
    const observations = shared.has(key) ? [] : askedOf(scan, index.found.subarray(0, count), view, lens);
    const sigmaDeg =
      shared.get(key) ??
      degFromRad(expectedTurnSigma(scan, { at, zoom, claimed, lens }, identity(), observations));
    shared.set(key, sigmaDeg);
    return sigmaDeg < MAX_SIGMA_DEG ? sigmaDeg : null;
  };
};

/**
 * Where a camera with this lens can look and find enough landmarks around its picture's centre, and how exact its answers would be
 * there. `soundAxes` are the optical axes of the stops that can be trusted: what others saw lies who knows where.
 */
export const coverageOf = (scan: ScanModel, lens: Lens, soundAxes: readonly Vec3[]): Coverage => {
  const sigmaAt = expectation(scan, lens, soundAxes);
  const sigmaDeg = Array.from({ length: ROWS }, (_, row) =>
    Array.from({ length: COLUMNS }, (_, column) => sigmaAt(row, column)),
  );
  const rows = sigmaDeg.map((fields) => fields.map((sigma) => (sigma === null ? '.' : ANSWERED)).join(''));
  // A field's share of the sphere goes with the cosine of its tilt.
  const weightOf = (row: number): number => Math.cos(radFromDeg(tiltDegOf(row))) / COLUMNS;
  const answered = rows.reduce((sum, row, i) => sum + (row.split(ANSWERED).length - 1) * weightOf(i), 0);
  const whole = rows.reduce((sum, _, i) => sum + COLUMNS * weightOf(i), 0);
  return { fraction: answered / whole, rows, sigmaDeg };
};
