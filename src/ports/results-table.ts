import { z } from 'zod';
import { AppError } from './app-error.js';

const nullableNumber = z.number().nullable();

/** A row as JSON: in `result.json`, in the store and in query results. */
export const RESULT_ROW = z.object({
  deployment_name: z.string(),
  device_id: z.string(),
  /** UTC ISO-8601 with milliseconds. */
  timestamp: z.iso.datetime(),
  pitch_offset: nullableNumber,
  yaw_offset: nullableNumber,
  roll_offset: nullableNumber,
  mode: z.enum(['passive', 'active']),
  capture_positions: z.array(z.object({ pan: z.number(), tilt: z.number(), zoom: z.number() })),
  files_location: z.string(),
  success: z.boolean(),
  failure_log: z.string().nullable(),
});

type Row = z.output<typeof RESULT_ROW>;
/** One row of the table `calibration_monitoring`; the columns are a contract with analysts. */
export interface ResultRow extends Readonly<Omit<Row, 'capture_positions'>> {
  readonly capture_positions: readonly Row['capture_positions'][number][];
}

export interface ResultsTable {
  /**
   * Merged rows are safe and visible to `history`. Idempotent by (deployment_name, device_id, timestamp): writing a row
   * twice leaves one.
   */
  merge(rows: readonly ResultRow[]): Promise<void>;
  /** Rows of one device (or all when omitted) since a time, oldest first. */
  history(query: { deploymentName?: string; deviceId?: string; sinceMs: number }): Promise<ResultRow[]>;
  /**
   * Writes merged rows to the table, where that is a separate step; returns how many. Rows too few for a step wait up to
   * `patienceMs` for others; by default they do not wait. One program at a time.
   */
  settle?(signal: AbortSignal, patienceMs?: number): Promise<number>;
  /**
   * Keeps the table fast and small, where that is a separate step; call it once a day. It may take an hour, and rows may
   * be settled meanwhile. One program at a time.
   */
  tend?(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const faultOf = (row: ResultRow): string | null => {
  const numbers = [row.yaw_offset, row.pitch_offset, row.roll_offset].filter((value) => value !== null);
  const positions = row.capture_positions.flatMap(({ pan, tilt, zoom }) => [pan, tilt, zoom]);
  if (![...numbers, ...positions].every(Number.isFinite)) return 'contains a value that is not a number';
  if (!TIMESTAMP.test(row.timestamp) || Number.isNaN(Date.parse(row.timestamp)))
    return 'has a timestamp that is not UTC with milliseconds';
  return null;
};

/** Throws AppError `result_invalid` for a row that analysts could not read; then no row of the batch may be written. */
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

/** One row per check, the last of a batch. */
export const lastOfEach = (rows: readonly ResultRow[]): ResultRow[] => [
  ...new Map(rows.map((row) => [identityOf(row), row])).values(),
];
