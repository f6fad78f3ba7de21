import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { flushResults } from '../../../src/monitor/results/flush-results.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { Dependencies } from '../../../src/monitor/record/dependencies.js';
import { createMonitorRig, device, type MonitorRig } from '../monitor-rig.js';

const signal = new AbortController().signal;

let rig: MonitorRig;
beforeEach(async () => {
  rig = await createMonitorRig([device('site-a', 'cam-1')]);
});
afterEach(() => rig.close());

const tableWith = (settle: (signal: AbortSignal) => Promise<number>): Dependencies => ({
  ...rig.deps,
  results: { ...rig.deps.results, settle },
});

describe('flushing results', () => {
  it('is done by one program at a time', async () => {
    let end = (): void => undefined;
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const first = flushResults(
      tableWith(() => {
        begun();
        return new Promise((resolve) => (end = () => resolve(3)));
      }),
      signal,
    );
    await hasBegun;
    let settled = 0;
    const count = async (): Promise<number> => (settled += 1);
    await flushResults(tableWith(count), signal, undefined, 600_000);
    expect(settled).toBe(0);
    // At the end of a sweep no row waits: the other writer may have left the last ones.
    const second = flushResults(tableWith(count), signal);
    await rig.clock.advance(10_000);
    expect(settled).toBe(0);
    end();
    await first;
    await rig.clock.advance(1_000);
    await second;
    expect(settled).toBe(1);
    expect(rig.logged.map(({ event }) => event)).toEqual(['results_settled', 'results_settled']);
  });

  it('that fails is logged and delays nothing', async () => {
    const fault = new AppError('table_missing', 'The table is missing.', 'Run calib setup.');
    await flushResults(
      tableWith(async () => Promise.reject(fault)),
      signal,
    );
    expect(rig.logged).toMatchObject([
      { event: 'results_deferred', message: expect.stringMatching(/is missing\. Run calib setup/) },
    ]);
  });

  it('has not recovered while rows only wait for others', async () => {
    const told: string[] = [];
    const tell = async (line: string): Promise<void> => void told.push(line);
    const fault = new AppError('table_missing', 'The table is missing.', 'Run calib setup.');
    const failing = tableWith(async () => Promise.reject(fault));
    await flushResults(failing, signal, tell);
    await rig.clock.advance(300_000);
    await flushResults(failing, signal, tell);
    const idle = tableWith(async () => 0);
    await flushResults(idle, signal, tell, 600_000);
    expect(told).toEqual([expect.stringMatching(/^⚠️ Results have been waiting/)]);
    await flushResults(idle, signal, tell);
    expect(told.slice(1)).toEqual([expect.stringMatching(/^✅ 0 rows/)]);
  });
});
