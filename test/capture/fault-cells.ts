import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { checkAll, startFaultRig, type CellReport, type FaultRig, type Suffering } from './fault-rig.js';
import { until } from './site-setup.js';

/** One fault in one phase of a check, and what the check has to come to. */
export interface Cell extends Suffering {
  readonly name: string;
  /** The failure's code, `ok` for none; several, where it may be any of them, by `|`. */
  readonly code: string;
  /** What the row says of a failure. */
  readonly told: RegExp;
  /** Where the camera stands in the end. */
  readonly home: 'home' | 'operators';
}

export interface CellOptions {
  readonly atOnce: number;
  readonly isBehindCluster?: boolean;
  readonly secrets: readonly string[];
}

/** By how much a machine that does many checks at once may be late. */
const SLACK_MS = 2_000;

const expectCell = (report: CellReport, cell: Cell, secrets: readonly string[]): void => {
  const { code, rows, place, placeAfterwards, left, tookMs } = report;
  expect(cell.code.split('|')).toContain(code);
  expect(rows).toHaveLength(1);
  const { success, failure_log: log, yaw_offset: yaw } = rows[0]!;
  expect({ success, isMeasured: yaw !== null }).toEqual({
    success: code === 'ok',
    isMeasured: code === 'ok',
  });
  if (code !== 'ok') expect(log).toMatch(cell.told);
  for (const secret of secrets) expect(log ?? '').not.toContain(secret);
  expect({ place, placeAfterwards }).toEqual({
    place: code === 'camera_not_restored' ? 'stop' : cell.home,
    placeAfterwards: cell.home,
  });
  expect(left).toEqual([]);
  expect(tookMs).toBeLessThan(cell.timeoutS * 1000 + SLACK_MS);
};

/** A test for each cell, all checked beside each other, and one for what is left open after them. */
export const describeCells = (title: string, cells: readonly Cell[], options: CellOptions): void => {
  const { atOnce, isBehindCluster = false, secrets } = options;
  let reports: Map<Cell, Promise<CellReport>>;
  let rig: FaultRig;
  beforeAll(async () => {
    rig = await startFaultRig(atOnce, isBehindCluster);
    reports = checkAll(rig, cells, atOnce);
  });
  afterAll(() => rig.close());

  describe(title, () => {
    it.each(cells)(
      'struck by $name: $code',
      async (cell) => {
        expectCell((await reports.get(cell))!, cell, secrets);
      },
      150_000,
    );

    it('leaves no socket and no process', async () => {
      await rig.close();
      const open = (): string[] =>
        process.getActiveResourcesInfo().filter((kind) => /TCP|Process/.test(kind));
      await until(() => open().length === 0);
      expect(open()).toEqual([]);
    });
  });
};
