import type { ResultRow } from '../../src/ports/results-table.js';
import type { BenchCamera } from './cameras.js';

/** Off by more than this about any axis is wrong. */
const WRONG_DEG = 0.25;
const THRESHOLD_DEG = 0.5;

/** What the table says, held against the truth. */
export interface RowsReport {
  readonly rows: number;
  /** Cameras without a row, with more than their checks (a first drift is measured twice), or with one that is no answer or wrong. */
  readonly missing: string[];
  readonly twice: string[];
  readonly unanswered: string[];
  readonly wrong: string[];
  readonly medianErrorDeg: number;
  readonly worstErrorDeg: number;
}

const offsetsOf = (row: ResultRow): number[] =>
  [row.yaw_offset, row.pitch_offset, row.roll_offset].map((angle) => angle ?? NaN);

const errorsOf = (row: ResultRow, { pose }: BenchCamera): number[] =>
  offsetsOf(row).map((angle, axis) => Math.abs(angle - pose.offsetDeg[axis]!));

const isRight = (row: ResultRow, camera: BenchCamera): boolean => {
  const isDrifted = offsetsOf(row).some((angle) => Math.abs(angle) > THRESHOLD_DEG);
  return isDrifted === camera.isKnocked && errorsOf(row, camera).every((error) => error <= WRONG_DEG);
};

export const judgeRows = (rows: readonly ResultRow[], cameras: readonly BenchCamera[]): RowsReport => {
  const found = cameras.map((camera) => ({
    ...{ camera, name: camera.deviceId },
    rows: rows.filter(({ device_id: id }) => id === camera.deviceId),
  }));
  const named = (wanted: (each: (typeof found)[number]) => boolean): string[] =>
    found.filter(wanted).map(({ name }) => name);
  const answered = found.flatMap(({ camera, rows: own }) =>
    own.filter(({ success }) => success).map((row) => ({ row, camera })),
  );
  const errors = answered.flatMap(({ row, camera }) => errorsOf(row, camera)).sort((a, b) => a - b);
  return {
    rows: rows.length,
    missing: named(({ rows: own }) => own.length === 0),
    twice: named(({ camera, rows: own }) => own.length > (camera.isKnocked ? 2 : 1)),
    unanswered: named(({ rows: own }) => own.some(({ success }) => !success)),
    wrong: answered.filter(({ row, camera }) => !isRight(row, camera)).map(({ camera }) => camera.deviceId),
    medianErrorDeg: errors[Math.floor(errors.length / 2)] ?? NaN,
    worstErrorDeg: errors.at(-1) ?? NaN,
  };
};
