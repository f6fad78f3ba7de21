import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { historySql, MAX_STATEMENT_BYTES, mergeStatements } from '../../../src/adapters/aws/athena-sql.js';
import type { ResultRow } from '../../../src/ports/results-table.js';
import { createDuckdbAsAthena, type DuckdbAsAthena } from '../../support/duckdb-as-athena.js';
import { resultRow } from '../../support/result-row.js';

const refused = resultRow({
  device_id: 'cam-2',
  yaw_offset: null,
  pitch_offset: null,
  roll_offset: null,
  capture_positions: [],
  success: false,
  failure_log: "it`s a 'test'; DROP TABLE x; --\n🚨 ?",
});

const only = (rows: readonly ResultRow[]): string => {
  const statements = mergeStatements('monitoring', rows);
  expect(statements).toHaveLength(1);
  return statements[0]!.sql;
};

describe('SQL for Athena', () => {
  let table: DuckdbAsAthena;
  beforeEach(async () => {
    table = await createDuckdbAsAthena('monitoring');
  });
  afterEach(() => table.close());

  const all = async (): Promise<(string | null)[][]> => {
    const { sql, parameters } = historySql('monitoring', { sinceMs: 0 });
    return (await table.run(sql, parameters)).rows;
  };

  it('merges the same rows twice into one each, and a later version over the earlier', async () => {
    const sql = only([resultRow(), refused]);
    await table.run(sql);
    const once = await all();
    await table.run(sql);
    expect(await all()).toEqual(once);
    expect(once.map((row) => row[1])).toEqual(['cam-1', 'cam-2']);
    expect(once[1]?.slice(3, 7)).toEqual([null, null, null, 'active']);
    expect(once[1]?.at(-1)).toBe(refused.failure_log);
    await table.run(only([resultRow({ yaw_offset: 2, capture_positions: [] })]));
    expect((await all())[0]?.slice(3, 8)).toEqual(['-0.004', '2', '0.001', 'active', '[]']);
  });

  it('brings 10,000 rows of 13 positions in at most 30 statements, each within the limit', () => {
    const rows = Array.from({ length: 10_000 }, (_, index) =>
      resultRow({
        device_id: `cam-${index}`,
        yaw_offset: 0.012345678901 + index / 1e7,
        pitch_offset: -0.0123456789 - index / 1e7,
        roll_offset: 0.00123456789 + index / 1e7,
        capture_positions: Array.from({ length: 13 }, (_, stop) => ({
          pan: stop * 27.69 + 0.01,
          tilt: -12.34,
          zoom: 1,
        })).map(({ pan, tilt, zoom }) => ({ pan: Math.round(pan * 100) / 100, tilt, zoom })),
      }),
    );
    const statements = mergeStatements('monitoring', rows);
    expect(statements.length).toBeLessThanOrEqual(30);
    expect(statements.flatMap((statement) => statement.rows)).toEqual(rows);
    expect(Math.max(...statements.map(({ sql }) => Buffer.byteLength(sql)))).toBeLessThanOrEqual(
      MAX_STATEMENT_BYTES,
    );
  });

  it('cuts a reason that no statement could hold', () => {
    const sql = only([resultRow({ failure_log: '🚨'.repeat(200_000) })]);
    expect(Buffer.byteLength(sql)).toBeLessThanOrEqual(MAX_STATEMENT_BYTES);
  });

  it('refuses what is no number', () => {
    expect(() => mergeStatements('monitoring', [resultRow({ yaw_offset: Number.NaN })])).toThrow(/NaN/);
  });

  it('gives back any text and any number as it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        async (text, number) => {
          await table.run(only([resultRow({ failure_log: text, yaw_offset: number })]));
          const row = (await all())[0];
          expect(row?.at(-1)).toBe(text.replaceAll('\0', '\u{FFFD}'));
          expect(Number(row?.[4])).toBe(number + 0);
        },
      ),
      { seed: 7, numRuns: 40 },
    );
  });
});
