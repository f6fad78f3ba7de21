import { radFromDeg } from '../geometry/angles.js';
import type { Lens } from '../geometry/lens.js';
import { dot, fromPanTilt, rotate, type Vec3 } from '../geometry/rotation.js';
import type { Landmarks } from './reference.js';
import { SphericalIndex } from './spherical-index.js';

/** Pan and tilt between two directions that are tried, degrees. */
export const COVERAGE_STEP_DEG = 5;
/** So many landmarks in the middle of a picture carry a check in all but the poorest light. */
const ENOUGH_LANDMARKS = 60;
const COLUMNS = 360 / COVERAGE_STEP_DEG;
const ROWS = 180 / COVERAGE_STEP_DEG;
const ANSWERED = '#';

export interface Coverage {
  /** Of the sphere, 0–1. */
  readonly fraction: number;
  /**
   * Rows of tilt from the zenith down, a letter for every step of pan from −180°, each for the middle of its field: `#` where
   * a check is answered, `.` elsewhere.
   */
  readonly rows: string[];
}

const tiltRadOf = (row: number): number => radFromDeg(90 - (row + 0.5) * COVERAGE_STEP_DEG);
const panRadOf = (column: number): number => radFromDeg((column + 0.5) * COVERAGE_STEP_DEG - 180);

/**
 * Where a camera with this lens can look and find enough landmarks around its picture's centre. `soundAxes` are the optical axes
 * of the stops that can be trusted: what others saw lies who knows where.
 */
export const coverageOf = ({ bearings }: Landmarks, lens: Lens, soundAxes: readonly Vec3[]): Coverage => {
  const index = new SphericalIndex(bearings);
  const radiusRad = Math.atan(lens.centreY / lens.focalPx);
  const leastCosine = Math.cos(Math.atan(Math.hypot(lens.centreX, lens.centreY) / lens.focalPx));
  const isAnswered = (row: number, column: number): boolean => {
    const direction = rotate(fromPanTilt(panRadOf(column), tiltRadOf(row)), [1, 0, 0]);
    if (!soundAxes.some((axis) => dot(axis, direction) > leastCosine)) return false;
    return index.collectNear(direction, radiusRad) >= ENOUGH_LANDMARKS;
  };
  const rows = Array.from({ length: ROWS }, (_, row) =>
    Array.from({ length: COLUMNS }, (_, column) => (isAnswered(row, column) ? ANSWERED : '.')).join(''),
  );
  // A field's share of the sphere goes with the cosine of its tilt.
  const weightOf = (row: number): number => Math.cos(tiltRadOf(row)) / COLUMNS;
  const answered = rows.reduce((sum, row, i) => sum + (row.split(ANSWERED).length - 1) * weightOf(i), 0);
  const whole = rows.reduce((sum, _, i) => sum + COLUMNS * weightOf(i), 0);
  return { fraction: answered / whole, rows };
};
