import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nextSlotMs } from '../../../src/monitor/worker/scheduler.js';
import { createMonitorRig, device, fault, type MonitorRig } from '../monitor-rig.js';

const HOUR_MS = 3_600_000;
const north = device('site-a', 'cam-1');

let rig: MonitorRig;
beforeEach(async () => {
  rig = await createMonitorRig([north]);
  await rig.product.scanReference(north, () => undefined, new AbortController().signal);
});
afterEach(() => rig.close());

const sweepsTold = (lines: string[]): number => lines.filter((line) => line.startsWith('Sweep of')).length;

/** Advances until something is reported (files are written in between) or patience runs out. */
const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 200 && !condition(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('the embedded scheduler', () => {
  it('plans full hours', () => {
    expect(new Date(nextSlotMs(Date.parse('2026-01-31T14:00:05Z'), HOUR_MS)).toISOString()).toBe(
      '2026-01-31T15:00:00.000Z',
    );
    expect(new Date(nextSlotMs(Date.parse('2026-01-31T15:00:00Z'), HOUR_MS)).toISOString()).toBe(
      '2026-01-31T16:00:00.000Z',
    );
  });

  it('sweeps at once when overdue, then every hour, and stops with its signal', async () => {
    const abort = new AbortController();
    const lines: string[] = [];
    // Whichever program sweeps, and whenever it began: the sweep is named by its scheduled time.
    const named: string[] = [];
    const name = (what: string, atMs: number): void =>
      void named.push(`${what} ${new Date(atMs).toISOString()}`);
    const serving = rig.product.serve((line) => lines.push(line), abort.signal, {
      started: (atMs) => name('started', atMs),
      outcome: (_, atMs) => name('outcome', atMs),
      finished: (_, __, atMs) => name('finished', atMs),
    });
    await until(() => sweepsTold(lines) === 1);
    expect(lines[0]).toMatch(/^✅ site-a\/cam-1-mast/);
    await until(() => rig.clock.sleeping() > 0);
    await rig.clock.advance(HOUR_MS);
    await until(() => sweepsTold(lines) === 2);
    expect(sweepsTold(lines)).toBe(2);
    expect(named).toEqual(
      ['2026-01-31T14:00:00.000Z', '2026-01-31T15:00:00.000Z'].flatMap((at) => [
        `started ${at}`,
        `outcome ${at}`,
        `finished ${at}`,
      ]),
    );
    abort.abort(new Error('stop'));
    await expect(serving).rejects.toThrow('stop');
  });

  it('reports a fault shared by a site once, with the number of cameras', async () => {
    const south = device('site-a', 'cam-2');
    await rig.close();
    rig = await createMonitorRig([north, south], 1);
    for (const of of [north, south])
      await rig.product.scanReference(of, () => undefined, new AbortController().signal);
    rig.script.capture = async () => fault('cluster_unreachable');
    const abort = new AbortController();
    const lines: string[] = [];
    const serving = rig.product.serve((line) => lines.push(line), abort.signal);
    await until(() => sweepsTold(lines) === 1);
    expect(lines).toEqual([
      expect.stringMatching(/^⚠️ site-a: 2 cameras not measured: /),
      expect.stringMatching(/^Sweep of 2 /),
    ]);
    abort.abort(new Error('stop'));
    await expect(serving).rejects.toThrow('stop');
  });
});
