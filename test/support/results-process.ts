/** A process that uses a DuckDB table: `FILE merge DEVICE COUNT`, `FILE history COUNT`, or `FILE hold` until killed. */
import { DuckDBInstance } from '@duckdb/node-api';
import process from 'node:process';
import { createDuckdbResults } from '../../src/adapters/local/duckdb-results.js';
import { resultRow } from './result-row.js';

const [file = '', task = '', ...rest] = process.argv.slice(2);
const table = createDuckdbResults({ file });

const merge = async (device_id = '', count = '0'): Promise<void> => {
  for (let index = 0; index < Number(count); index++) {
    const timestamp = new Date(Date.UTC(2026, 0, 1, index)).toISOString();
    await table.merge([resultRow({ device_id, timestamp })]);
  }
  console.log('merged');
};

const history = async (count = '0'): Promise<void> => {
  for (let index = 0; index < Number(count); index++) await table.history({ sinceMs: 0 });
  console.log('read');
};

/** Leaves rows in the write-ahead log, uncommitted ones too, with the file open. */
const hold = async (): Promise<void> => {
  const connection = await (await DuckDBInstance.create(file)).connect();
  const add = (device: string): Promise<unknown> =>
    connection.run(
      `INSERT INTO calibration_monitoring BY NAME SELECT * REPLACE ('${device}' AS device_id)
       FROM calibration_monitoring LIMIT 1`,
    );
  await add('committed');
  await connection.run('BEGIN');
  await add('uncommitted');
  console.log('holding');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};

const tasks: Record<string, (...args: string[]) => Promise<void>> = { merge, history, hold };
await tasks[task]?.(...rest);
