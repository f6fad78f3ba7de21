import { AppError } from './app-error.js';
import type { ResultRow } from './results-table.js';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const faultOf = (row: ResultRow): string | null => {
  const numbers = [row.yaw_offset, row.pitch_offset, row.roll_offset].filter((value) => value !== null);
  const positions = row.capture_positions.flatMap(({ pan, tilt, zoom }) => [pan, tilt, zoom]);
  if (![...numbers, ...positions].every(Number.isFinite)) return 'holds a value that is no number';
  if (!TIMESTAMP.test(row.timestamp) || Number.isNaN(Date.parse(row.timestamp)))
    return 'has a timestamp that is not UTC with milliseconds';
  return null;
};

/** Throws AppError `result_invalid` for a row that analysts could not read; nothing of a batch may be written then. */
export const checkResultRows = (rows: readonly ResultRow[]): void => {
  for (const row of rows) {
    const fault = faultOf(row);
    if (fault === null) continue;
    throw new AppError(
      'result_invalid',
      `The result of ${row.deployment_name}/${row.device_id} at ${row.timestamp} ${fault}.`,
      'Keep the spool folder of this check and report it.',
    );
  }
};

export const identityOf = (row: ResultRow): string =>
  JSON.stringify([row.deployment_name, row.device_id, row.timestamp]);

/** One row for each check, the last one of a batch winning. */
export const lastOfEach = (rows: readonly ResultRow[]): ResultRow[] => [
  ...new Map(rows.map((row) => [identityOf(row), row])).values(),
];
