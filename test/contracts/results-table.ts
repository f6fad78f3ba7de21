import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ResultRow, ResultsTable } from '../../src/ports/results-table.js';
import { resultRow } from '../support/result-row.js';

const failedRow = (differing: Partial<ResultRow> = {}): ResultRow =>
  resultRow({
    yaw_offset: null,
    pitch_offset: null,
    roll_offset: null,
    mode: 'passive',
    capture_positions: [],
    success: false,
    failure_log: "timeout passed; the camera's «position» never held still\nfor 30 s; -- 'quoted' 🚨",
    ...differing,
  });

/** The contract of every results table; `create` returns an empty one. */
export const resultsTableContract = (name: string, create: () => Promise<ResultsTable>): void => {
  describe(`results table: ${name}`, () => {
    let table: ResultsTable;
    const all = (): Promise<ResultRow[]> => table.history({ sinceMs: 0 });
    beforeEach(async () => {
      table = await create();
    });
    afterEach(() => table.close());

    it('is empty before the first check', async () => {
      expect(await all()).toEqual([]);
    });

    it('returns every column as it was written', async () => {
      const later = { device_id: 'cam-2', timestamp: '2026-01-31T14:00:05.270Z' };
      const rows = [resultRow(), failedRow(later)];
      await table.merge(rows);
      expect(await all()).toEqual(rows);
    });

    it('keeps one row of a check written twice, the later one', async () => {
      await table.merge([failedRow()]);
      await table.merge([resultRow()]);
      await table.merge([resultRow({ yaw_offset: 1 }), resultRow({ yaw_offset: 2 })]);
      expect(await all()).toEqual([resultRow({ yaw_offset: 2 })]);
    });

    it('tells checks apart by deployment, device and time', async () => {
      const rows = [
        resultRow(),
        resultRow({ device_id: 'cam-2' }),
        resultRow({ deployment_name: 'site-b' }),
        resultRow({ timestamp: '2026-01-31T14:00:05.124Z' }),
      ];
      await table.merge(rows);
      expect(await all()).toHaveLength(4);
    });

    it('filters by device and time, oldest first', async () => {
      const at = (timestamp: string, differing: Partial<ResultRow> = {}): ResultRow =>
        resultRow({ timestamp, ...differing });
      await table.merge([
        at('2026-03-01T00:00:00.000Z'),
        at('2026-01-01T00:00:00.000Z'),
        at('2026-02-01T00:00:00.000Z'),
        at('2026-02-01T00:00:00.000Z', { device_id: 'cam-2' }),
        at('2026-02-01T00:00:00.000Z', { deployment_name: 'site-b' }),
      ]);
      const sinceMs = Date.parse('2026-02-01T00:00:00.000Z');
      const found = await table.history({ deploymentName: 'site-a', deviceId: 'cam-1', sinceMs });
      expect(found.map((row) => row.timestamp)).toEqual([
        '2026-02-01T00:00:00.000Z',
        '2026-03-01T00:00:00.000Z',
      ]);
      expect(await table.history({ deviceId: 'cam-1', sinceMs })).toHaveLength(3);
      expect(await table.history({ deploymentName: 'site-b', sinceMs: 0 })).toHaveLength(1);
    });

    it('rejects a batch with NaN as a whole', async () => {
      for (const wrong of [
        resultRow({ yaw_offset: Number.NaN }),
        resultRow({ roll_offset: Number.POSITIVE_INFINITY }),
        resultRow({ capture_positions: [{ pan: Number.NaN, tilt: 0, zoom: 1 }] }),
        resultRow({ timestamp: '2026-01-31 14:00' }),
      ]) {
        const merged = table.merge([resultRow({ device_id: 'cam-2' }), wrong]);
        await expect(merged).rejects.toMatchObject({ name: 'AppError', code: 'result_invalid' });
      }
      expect(await all()).toEqual([]);
    });

    it('accepts an empty batch, and concurrent batches', async () => {
      await table.merge([]);
      const devices = Array.from({ length: 6 }, (_, index) => `cam-${index}`);
      await Promise.all(devices.map((device_id) => table.merge([resultRow({ device_id })])));
      expect((await all()).map((row) => row.device_id)).toEqual(devices);
    });
  });
};
