import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';

/** What the few words that Trino and DuckDB do not share are called in DuckDB. */
const TRANSLATIONS: readonly (readonly [trino: string, duckdb: string])[] = [
  ['array(row(pan double, tilt double, zoom double))', 'STRUCT(pan DOUBLE, tilt DOUBLE, zoom DOUBLE)[]'],
  [
    'json_format(CAST(transform(capture_positions, p -> ARRAY[p.pan, p.tilt, p.zoom]) AS json))',
    'CAST(to_json(list_transform(capture_positions, lambda p: [p.pan, p.tilt, p.zoom])) AS VARCHAR)',
  ],
  ['timestamp(6)', 'TIMESTAMP'],
];

/** The statements of the product, executed: what they do to a table is seen, not believed. */
export interface DuckdbAsAthena {
  /** The columns' names and the rows as text, as Athena answers. */
  run(sql: string, parameters?: readonly string[]): Promise<{ names: string[]; rows: (string | null)[][] }>;
  close(): void;
}

const withParameters = (sql: string, parameters: readonly string[]): string =>
  sql.split('?').reduce((text, part, index) => `${text}${parameters[index - 1] ?? '?'}${part}`);

const translated = (sql: string): string =>
  TRANSLATIONS.reduce((text, [trino, duckdb]) => text.replaceAll(trino, duckdb), sql);

const textOf = (value: DuckDBValue): string | null => (value === null ? null : value.toString());

const runOn = async (connection: DuckDBConnection, sql: string): Promise<[string[], (string | null)[][]]> => {
  const found = await connection.runAndReadAll(sql);
  return [found.columnNames(), found.getRows().map((row) => row.map(textOf))];
};

/** A schema `database` with the table `calibration_monitoring`, empty, in memory. */
export const createDuckdbAsAthena = async (database: string): Promise<DuckdbAsAthena> => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`CREATE SCHEMA "${database}"`);
  await connection.run(`CREATE TABLE "${database}".calibration_monitoring (
    deployment_name VARCHAR, device_id VARCHAR, "timestamp" TIMESTAMP, pitch_offset DOUBLE, yaw_offset DOUBLE,
    roll_offset DOUBLE, mode VARCHAR, capture_positions STRUCT(pan DOUBLE, tilt DOUBLE, zoom DOUBLE)[],
    files_location VARCHAR, success BOOLEAN, failure_log VARCHAR)`);
  return {
    run: async (sql, parameters = []) => {
      if (/^(OPTIMIZE|VACUUM) calibration_monitoring/.test(sql)) return { names: [], rows: [] };
      const [names, rows] = await runOn(connection, translated(withParameters(sql, parameters)));
      return { names, rows };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
