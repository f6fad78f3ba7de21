import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDuckdbResults } from '../../../src/adapters/local/duckdb-results.js';
import { resultsTableContract } from '../../contracts/results-table.js';
import { createMemoryResultsTable } from '../../fakes/memory-results-table.js';
import { startOwnProcess } from '../../support/own-process.js';
import { resultRow } from '../../support/result-row.js';

const made: string[] = [];
const newFile = async (): Promise<string> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'results-'));
  made.push(dir);
  return path.join(dir, 'inner', 'results.duckdb');
};
afterAll(() => Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true }))));

resultsTableContract('memory', async () => createMemoryResultsTable());
resultsTableContract('DuckDB', async () => createDuckdbResults({ file: await newFile() }));

const OTHER = new URL('../../support/results-process.js', import.meta.url);

describe('DuckDB results', () => {
  it("has exactly the contract's columns", async () => {
    const file = await newFile();
    await createDuckdbResults({ file }).merge([resultRow()]);
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    const described = await connection.runAndReadAll('DESCRIBE calibration_monitoring');
    expect(described.getRowObjects().map((row) => [row['column_name'], row['column_type']])).toEqual([
      ['deployment_name', 'VARCHAR'],
      ['device_id', 'VARCHAR'],
      ['timestamp', 'TIMESTAMP'],
      ['pitch_offset', 'DOUBLE'],
      ['yaw_offset', 'DOUBLE'],
      ['roll_offset', 'DOUBLE'],
      ['mode', 'VARCHAR'],
      ['capture_positions', 'STRUCT(pan DOUBLE, tilt DOUBLE, zoom DOUBLE)[]'],
      ['files_location', 'VARCHAR'],
      ['success', 'BOOLEAN'],
      ['failure_log', 'VARCHAR'],
    ]);
    const read = await connection.runAndReadAll(
      'SELECT "timestamp"::VARCHAR AS at FROM calibration_monitoring',
    );
    expect(read.getRowObjects()).toEqual([{ at: '2026-01-31 14:00:05.123' }]);
    connection.closeSync();
    instance.closeSync();
  });

  it('loses no row while two processes write and one reads', async () => {
    const file = await newFile();
    const all = await Promise.all(
      [
        ['merge', 'cam-1', '6'],
        ['merge', 'cam-2', '6'],
        ['history', '6'],
      ].map((args) => startOwnProcess(OTHER, [file, ...args]).ended),
    );
    expect(all.map(({ stderr }) => stderr)).toEqual(['', '', '']);
    const rows = await createDuckdbResults({ file }).history({ sinceMs: 0 });
    expect(rows.filter(({ device_id }) => device_id === 'cam-1')).toHaveLength(6);
    expect(rows.filter(({ device_id }) => device_id === 'cam-2')).toHaveLength(6);
    expect(await readdir(path.dirname(file))).toEqual(['results.duckdb']);
  });

  it('waits for a process that has the file open, and keeps what that one committed before it was killed', async () => {
    const file = await newFile();
    const table = createDuckdbResults({ file });
    await table.merge([resultRow()]);
    const holder = startOwnProcess(OTHER, [file, 'hold']);
    await holder.line(/holding/);
    const reading = table.history({ sinceMs: 0 });
    const early = await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))]);
    expect(early).toBe('waits');
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect((await reading).map(({ device_id }) => device_id)).toEqual(['cam-1', 'committed']);
  });

  it('serves two tables on one file within a process', async () => {
    const file = await newFile();
    const tables = [createDuckdbResults({ file }), createDuckdbResults({ file })];
    await Promise.all(
      tables.flatMap((table, index) =>
        [0, 1, 2].map((write) => table.merge([resultRow({ device_id: `cam-${index}-${write}` })])),
      ),
    );
    expect(await tables[0]!.history({ sinceMs: 0 })).toHaveLength(6);
  });

  it.each([
    ['no database', (): Buffer => Buffer.from('not a database '.repeat(900))],
    ['empty', (): Buffer => Buffer.alloc(0)],
    ['cut off', (whole: Buffer): Buffer => whole.subarray(0, 6000)],
    ['overwritten in its midst', (whole: Buffer): Buffer => Buffer.from(whole).fill(0x5a, 4096)],
  ])('leaves a file that is %s as it was and says what to do', async (_, damage) => {
    const file = await newFile();
    const table = createDuckdbResults({ file });
    await table.merge([resultRow()]);
    const damaged = damage(await readFile(file));
    await writeFile(file, damaged);
    const fault = {
      name: 'AppError',
      code: 'results_unreadable',
      remedy: expect.stringContaining('move it'),
    };
    await expect(table.history({ sinceMs: 0 })).rejects.toMatchObject(fault);
    await expect(table.merge([resultRow()])).rejects.toMatchObject(fault);
    expect((await readFile(file)).equals(damaged)).toBe(true);
    expect(await readdir(path.dirname(file))).toEqual(['results.duckdb']);
  });

  it('says when it may not write', async () => {
    const table = createDuckdbResults({ file: '/sys/calibration/results.duckdb' });
    await expect(table.merge([resultRow()])).rejects.toMatchObject({ code: 'results_forbidden' });
  });

  it('merges and reads two thousand rows at once', async () => {
    const table = createDuckdbResults({ file: await newFile() });
    const rows = Array.from({ length: 2000 }, (_, index) =>
      resultRow({ timestamp: new Date(Date.UTC(2025, 0, 1, index)).toISOString() }),
    );
    await table.merge(rows);
    await table.merge(rows);
    expect(await table.history({ sinceMs: 0 })).toEqual(rows);
  });
});
