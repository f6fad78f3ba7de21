import type { ResultRow } from '../../ports/results-table.js';

/** Athena's limit for one query. */
export const MAX_STATEMENT_BYTES = 262_144;
/** Longer reasons are cut: one row must always fit into a statement. */
const MAX_TEXT_CHARACTERS = 20_000;

export const TABLE = 'calibration_monitoring';

/** The contract with analysts: names, types as Hive's DDL has them, and as Trino's DML has them, in order. */
export const COLUMNS = [
  { name: 'deployment_name', ddl: 'string', dml: 'varchar' },
  { name: 'device_id', ddl: 'string', dml: 'varchar' },
  { name: 'timestamp', ddl: 'timestamp', dml: 'timestamp(6)' },
  { name: 'pitch_offset', ddl: 'double', dml: 'double' },
  { name: 'yaw_offset', ddl: 'double', dml: 'double' },
  { name: 'roll_offset', ddl: 'double', dml: 'double' },
  { name: 'mode', ddl: 'string', dml: 'varchar' },
  {
    name: 'capture_positions',
    ddl: 'array<struct<pan:double,tilt:double,zoom:double>>',
    dml: 'array(row(pan double, tilt double, zoom double))',
  },
  { name: 'files_location', ddl: 'string', dml: 'varchar' },
  { name: 'success', ddl: 'boolean', dml: 'boolean' },
  { name: 'failure_log', ddl: 'string', dml: 'varchar' },
] as const;

const IDENTITY: readonly string[] = ['deployment_name', 'device_id', 'timestamp'];
const VALUES = COLUMNS.map(({ name }) => name).filter((name) => !IDENTITY.includes(name));

/** DDL is quoted as Hive does it, `timestamp` because it is reserved there. */
export const createTableSql = (database: string, location: string): string => {
  const columns = COLUMNS.map(({ name, ddl }) => `  ${name === 'timestamp' ? '`timestamp`' : name} ${ddl}`);
  return [
    `CREATE TABLE IF NOT EXISTS \`${database}\`.${TABLE} (`,
    columns.join(',\n'),
    ')',
    'PARTITIONED BY (day(`timestamp`))',
    `LOCATION ${textLiteral(location)}`,
    `TBLPROPERTIES (${propertiesSql({
      ...{ table_type: 'ICEBERG', format: 'parquet', write_compression: 'zstd' },
      ...RETENTION,
    })})`,
  ].join('\n');
};

/**
 * What VACUUM keeps. Each statement that brings rows leaves a snapshot and a file of metadata, hundreds a day: Athena's own
 * five days and 100 files would make every statement read a list of thousands.
 */
export const RETENTION: Readonly<Record<string, string>> = {
  vacuum_max_snapshot_age_seconds: '172800',
  vacuum_min_snapshots_to_keep: '5',
  vacuum_max_metadata_files_to_keep: '20',
};

const propertiesSql = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${textLiteral(name)}=${textLiteral(value)}`)
    .join(', ');

/** Gives a table that is there properties that it lacks. */
export const setPropertiesSql = (database: string, properties: Readonly<Record<string, string>>): string =>
  `ALTER TABLE \`${database}\`.${TABLE} SET TBLPROPERTIES (${propertiesSql(properties)})`;

export const createDatabaseSql = (database: string): string =>
  `CREATE DATABASE IF NOT EXISTS \`${database}\``;

/** DML is quoted as Trino does it. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const tableOf = (database: string): string => `${quoted(database)}.${quoted(TABLE)}`;

/** A backtick, which would be taken for a quote of DDL, comes by its number; half characters are replaced. */
const textLiteral = (text: string): string => {
  const parts = text
    .replace(/[\p{Surrogate}\0]/gu, '\u{FFFD}')
    .replaceAll("'", "''")
    .split('`');
  const literal = parts.map((part) => `'${part}'`).join(' || chr(96) || ');
  return parts.length === 1 ? literal : `(${literal})`;
};

/** With an exponent: Trino takes `0.1` for a decimal, `1E-1` for a double. */
const numberLiteral = (value: number): string => {
  if (!Number.isFinite(value)) throw new Error(`${value} cannot be written as SQL`);
  return value.toExponential().replace('e+', 'E').replace('e', 'E');
};

const nullable = <T>(value: T | null, literal: (value: T) => string): string =>
  value === null ? 'NULL' : literal(value);

const cut = (text: string): string =>
  text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;

const cutLiteral = (text: string): string => textLiteral(cut(text));

/** `2026-01-31 14:00:05.123`, UTC. */
const timeText = (timestamp: string): string => timestamp.replace('T', ' ').replace('Z', '');

const positionsLiteral = (positions: ResultRow['capture_positions']): string =>
  `ARRAY[${positions
    .map(({ pan, tilt, zoom }) => `ROW(${[pan, tilt, zoom].map(numberLiteral).join(',')})`)
    .join(',')}]`;

const rowLiteral = (row: ResultRow): string =>
  `(${[
    cutLiteral(row.deployment_name),
    cutLiteral(row.device_id),
    textLiteral(timeText(row.timestamp)),
    nullable(row.pitch_offset, numberLiteral),
    nullable(row.yaw_offset, numberLiteral),
    nullable(row.roll_offset, numberLiteral),
    textLiteral(row.mode),
    positionsLiteral(row.capture_positions),
    cutLiteral(row.files_location),
    String(row.success),
    nullable(row.failure_log, cutLiteral),
  ].join(',')})`;

const names = (prefix = ''): string => COLUMNS.map(({ name }) => `${prefix}${quoted(name)}`).join(', ');

/** Types are given once for all rows; the span of time keeps the search to the days concerned. */
const mergeSql = (database: string, literals: readonly string[], times: readonly string[]): string => {
  const same = IDENTITY.map((name) => `kept.${quoted(name)} = incoming.${quoted(name)}`).join(' AND ');
  const span = [times.reduce((a, b) => (a < b ? a : b)), times.reduce((a, b) => (a > b ? a : b))];
  const differs = VALUES.map((name) => `kept.${quoted(name)} IS DISTINCT FROM incoming.${quoted(name)}`);
  return `MERGE INTO ${tableOf(database)} AS kept USING (
SELECT ${COLUMNS.map(({ name, dml }) => `CAST(${quoted(name)} AS ${dml}) AS ${quoted(name)}`).join(', ')}
FROM (VALUES
${literals.join(',\n')}
) AS given (${names()})
) AS incoming
ON ${same}
AND kept."timestamp" BETWEEN TIMESTAMP '${timeText(span[0] ?? '')}' AND TIMESTAMP '${timeText(span[1] ?? '')}'
WHEN MATCHED AND (${differs.join(' OR ')})
THEN UPDATE SET ${VALUES.map((name) => `${quoted(name)} = incoming.${quoted(name)}`).join(', ')}
WHEN NOT MATCHED THEN INSERT (${names()})
VALUES (${names('incoming.')})`;
};

/** One statement and the rows that it brings. */
interface MergeStatement {
  readonly sql: string;
  readonly rows: readonly ResultRow[];
}

/**
 * As few statements as Athena's limit allows. Run again they change nothing. The rows must be of different checks and hold
 * finite numbers.
 */
export const mergeStatements = (database: string, rows: readonly ResultRow[]): MergeStatement[] => {
  const anyTime = '2026-01-01T00:00:00.000Z';
  const room = MAX_STATEMENT_BYTES - Buffer.byteLength(mergeSql(database, [], [anyTime]));
  const batches: { literals: string[]; rows: ResultRow[]; bytes: number }[] = [];
  for (const row of rows) {
    const literal = rowLiteral(row);
    const bytes = Buffer.byteLength(literal) + 2;
    let batch = batches.at(-1);
    if (batch === undefined || batch.bytes + bytes > room)
      batches.push((batch = { literals: [], rows: [], bytes: 0 }));
    batch.literals.push(literal);
    batch.rows.push(row);
    batch.bytes += bytes;
  }
  return batches.map(({ literals, rows: brought }) => ({
    sql: mergeSql(
      database,
      literals,
      brought.map(({ timestamp }) => timestamp),
    ),
    rows: brought,
  }));
};

export interface HistoryQuery {
  readonly deploymentName?: string;
  readonly deviceId?: string;
  readonly sinceMs: number;
}

const HISTORY_COLUMNS = COLUMNS.map(({ name }) => {
  if (name === 'timestamp') return 'CAST("timestamp" AS varchar) AS "timestamp"';
  if (name !== 'capture_positions') return quoted(name);
  const numbers = 'transform(capture_positions, p -> ARRAY[p.pan, p.tilt, p.zoom])';
  return `json_format(CAST(${numbers} AS json)) AS capture_positions`;
}).join(', ');

/** The question with its parameters, each a literal as Athena wants them. */
export const historySql = (
  database: string,
  { deploymentName, deviceId, sinceMs }: HistoryQuery,
): { sql: string; parameters: string[] } => {
  const since = timeText(new Date(sinceMs).toISOString());
  const conditions = [
    { text: '"timestamp" >= CAST(? AS timestamp(6))', value: since },
    { text: '"deployment_name" = ?', value: deploymentName },
    { text: '"device_id" = ?', value: deviceId },
  ].flatMap(({ text, value }) => (value === undefined ? [] : [{ text, value }]));
  return {
    sql: `SELECT ${HISTORY_COLUMNS}
FROM ${tableOf(database)}
WHERE ${conditions.map(({ text }) => text).join(' AND ')}
ORDER BY "timestamp", "deployment_name", "device_id"`,
    parameters: conditions.map(({ value }) => textLiteral(value)),
  };
};

const DAY_MS = 86_400_000;

/**
 * Joins the small files of whole days: a condition that splits a day, which is a partition, is refused. Neither this nor
 * VACUUM takes a quoted database: the statement runs in it instead.
 */
export const optimizeSql = (sinceMs: number): string => {
  const midnight = new Date(Math.floor(sinceMs / DAY_MS) * DAY_MS).toISOString();
  return `OPTIMIZE ${TABLE} REWRITE DATA USING BIN_PACK WHERE "timestamp" >= TIMESTAMP '${timeText(midnight)}'`;
};

/** Deletes what no snapshot needs any more. */
export const VACUUM_SQL = `VACUUM ${TABLE}`;
