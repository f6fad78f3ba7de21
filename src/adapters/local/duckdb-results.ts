import {
  DuckDBInstance,
  DuckDBTimestampValue,
  listValue,
  structValue,
  DOUBLE,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBValue,
} from '@duckdb/node-api';
import { randomUUID } from 'node:crypto';
import { access, link, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { z } from 'zod';
import { AppError } from '../../ports/app-error.js';
import { type ResultRow, type ResultsTable, checkResultRows, lastOfEach } from '../../ports/results-table.js';

/** How long other processes may keep the file before an operation gives up. */
const LOCK_WAIT_MS = 15_000;

const OPTIONS = { threads: '1', autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/** The contract with analysts: names, types and order. */
const COLUMNS = `
  deployment_name VARCHAR, device_id VARCHAR, "timestamp" TIMESTAMP,
  pitch_offset DOUBLE, yaw_offset DOUBLE, roll_offset DOUBLE,
  mode VARCHAR, capture_positions STRUCT(pan DOUBLE, tilt DOUBLE, zoom DOUBLE)[],
  files_location VARCHAR, success BOOLEAN, failure_log VARCHAR`;

const REPLACE = [
  'BEGIN',
  `DELETE FROM calibration_monitoring kept USING incoming
     WHERE kept.deployment_name = incoming.deployment_name AND kept.device_id = incoming.device_id
       AND kept."timestamp" = incoming."timestamp"`,
  'INSERT INTO calibration_monitoring BY NAME SELECT * FROM incoming',
  'COMMIT',
];

const HISTORY = `
  SELECT deployment_name, device_id, strftime("timestamp", '%Y-%m-%dT%H:%M:%S.%gZ') AS "timestamp",
    pitch_offset, yaw_offset, roll_offset, mode, capture_positions, files_location, success, failure_log
  FROM calibration_monitoring
  WHERE epoch_ms("timestamp") >= $sinceMs AND ($deployment IS NULL OR deployment_name = $deployment)
    AND ($device IS NULL OR device_id = $device)
  ORDER BY calibration_monitoring."timestamp", deployment_name, device_id`;

const HISTORY_TYPES = { sinceMs: DOUBLE, deployment: VARCHAR, device: VARCHAR };

const ROWS = z.array(
  z.object({
    deployment_name: z.string(),
    device_id: z.string(),
    timestamp: z.string(),
    pitch_offset: z.number().nullable(),
    yaw_offset: z.number().nullable(),
    roll_offset: z.number().nullable(),
    mode: z.enum(['passive', 'active']),
    capture_positions: z.array(z.object({ pan: z.number(), tilt: z.number(), zoom: z.number() })),
    files_location: z.string(),
    success: z.boolean(),
    failure_log: z.string().nullable(),
  }),
);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isLocked = (error: unknown): boolean => messageOf(error).includes('Could not set lock');

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const FAULTS: readonly (readonly [sign: RegExp, code: string, what: string, remedy: string])[] = [
  [
    /Could not set lock/,
    'results_busy',
    `other processes held it for ${LOCK_WAIT_MS / 1000} s`,
    'Try again; if the error persists, close the program that keeps the file open.',
  ],
  [
    /No space left|ENOSPC|EDQUOT/i,
    'results_full',
    'the disk is full',
    'Free disk space; pending rows are written then.',
  ],
  [
    /Permission denied|Read-only file system|EACCES|EPERM|EROFS/i,
    'results_forbidden',
    'permission is denied',
    "Give this program's user access to the file and its folder.",
  ],
];

const failed = (file: string, error: unknown): AppError => {
  const text = messageOf(error);
  const [, code, what, remedy] = FAULTS.find(([sign]) => sign.test(text)) ?? [
    null,
    'results_unreadable',
    `it cannot be used as the table of results: ${text}`,
    'The file was not changed: move it away (a new one is created) or restore a good copy.',
  ];
  return new AppError(code, `${file}: ${what}.`, remedy, error);
};

/** The columns of a row in the table's order. */
const valuesOf = (row: ResultRow): DuckDBValue[] => [
  row.deployment_name,
  row.device_id,
  new DuckDBTimestampValue(BigInt(Date.parse(row.timestamp)) * 1000n),
  row.pitch_offset,
  row.yaw_offset,
  row.roll_offset,
  row.mode,
  listValue(row.capture_positions.map(({ pan, tilt, zoom }) => structValue({ pan, tilt, zoom }))),
  row.files_location,
  row.success,
  row.failure_log,
];

/** Replaces the rows of the same checks, all or none. */
const replaceRows = async (connection: DuckDBConnection, rows: readonly ResultRow[]): Promise<void> => {
  await connection.run(`CREATE TEMP TABLE incoming (${COLUMNS})`);
  const appender = await connection.createAppender('incoming');
  for (const row of rows) {
    valuesOf(row).forEach((value, index) => appender.appendValue(value, appender.columnType(index)));
    appender.endRow();
  }
  appender.closeSync();
  for (const statement of REPLACE) await connection.run(statement);
};

/** Makes the file whole or not at all: a process killed meanwhile must not leave half a database under its name. */
const createTable = async (file: string): Promise<void> => {
  await mkdir(path.dirname(file), { recursive: true });
  const fresh = `${file}.new-${randomUUID()}`;
  try {
    await onConnection(fresh, (connection) =>
      connection.run(`CREATE TABLE calibration_monitoring (${COLUMNS})`),
    );
    await link(fresh, file);
  } catch (error) {
    if (!(await exists(file))) throw error; // else another process was faster
  } finally {
    await rm(fresh, { force: true });
    await rm(`${fresh}.wal`, { force: true });
  }
};

/** Opens the file for one piece of work and gives it free for other processes after it. */
const onConnection = async <T>(
  file: string,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> => {
  // The cache lets two tables in one process share a file; the lock itself only holds between processes.
  const instance = await DuckDBInstance.fromCache(file, OPTIONS);
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
};

/** Tries again for as long as another process has the file open. */
const whenFree = async <T>(attempt: () => Promise<T>): Promise<T> => {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadline) throw error;
    }
    await sleep(20 + 60 * Math.random());
  }
};

/** The table of results in a local DuckDB file, which several processes may use: it is open only while work is done. */
export const createDuckdbResults = ({ file }: { readonly file: string }): ResultsTable => {
  const oneAtATime = pLimit(1);
  const use = <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> =>
    oneAtATime(async () => {
      try {
        if (!(await exists(file))) await createTable(file);
        return await whenFree(() => onConnection(file, work));
      } catch (error) {
        throw failed(file, error);
      }
    });

  return {
    merge: async (rows) => {
      checkResultRows(rows);
      if (rows.length > 0) await use((connection) => replaceRows(connection, lastOfEach(rows)));
    },
    history: async ({ deploymentName = null, deviceId = null, sinceMs }) => {
      if (!(await exists(file))) return [];
      return use(async (connection) => {
        const values = { sinceMs, deployment: deploymentName, device: deviceId };
        const found = await connection.runAndReadAll(HISTORY, values, HISTORY_TYPES);
        return ROWS.parse(found.getRowObjectsJS());
      });
    },
    close: async () => {
      await oneAtATime(() => undefined); // waits for what is under way
    },
  };
};
