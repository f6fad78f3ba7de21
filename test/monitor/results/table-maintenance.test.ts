import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Dependencies } from '../../../src/monitor/record/dependencies.js';
import { maintainTable } from '../../../src/monitor/results/table-maintenance.js';
import { createMonitorRig, device, fault, type MonitorRig } from '../monitor-rig.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const never = new AbortController().signal;

let rig: MonitorRig;
/** When maintenance ran, in hours from the start. */
let tended: number[];
beforeEach(async () => {
  rig = await createMonitorRig([device('site-a', 'cam-1')]);
  tended = [];
});
afterEach(() => rig.close());

/** A program that shares the store with others. */
const program = (self: string, tend: (signal: AbortSignal) => Promise<void>): Dependencies => {
  const startMs = rig.clock.nowMs();
  const noted = async (signal: AbortSignal): Promise<void> => {
    tended.push((rig.clock.nowMs() - startMs) / HOUR_MS);
    await tend(signal);
  };
  const identity = { self, isAlive: async (other: string) => (other === self ? true : null) };
  return { ...rig.deps, identity, results: { ...rig.deps.results, tend: noted } };
};

/** All of them check once a minute. */
const pass = async (durationMs: number, programs: readonly Dependencies[]): Promise<void> => {
  for (let passedMs = 0; passedMs < durationMs; passedMs += MINUTE_MS) {
    await Promise.all(programs.map((each) => maintainTable(each, never)));
    await rig.clock.advance(MINUTE_MS);
  }
};

describe('table maintenance', () => {
  it('runs once a day in one of many programs, despite restarts', async () => {
    const programs = ['one', 'two', 'three'].map((name) => program(name, async () => undefined));
    await pass(30 * HOUR_MS, programs);
    await pass(24 * HOUR_MS, [...programs, program('four', async () => undefined)]);
    expect(tended).toEqual([0, 24, 48]);
    expect(rig.logged.map(({ event }) => event)).toEqual([
      'results_tended',
      'results_tended',
      'results_tended',
    ]);
  });

  it('that fails is logged with its reason, and retried in an hour', async () => {
    let failures = 2;
    const tend = (): Promise<void> =>
      (failures -= 1) >= 0 ? Promise.reject(fault('aws_forbidden')) : Promise.resolve();
    await pass(DAY_MS, [program('one', tend)]);
    expect(tended).toEqual([0, 1, 2]);
    const [first] = rig.logged;
    expect(first).toMatchObject({ level: 'error', event: 'results_untended' });
    expect(first?.message).toMatch(/rows are still written.* in an hour: It is aws_forbidden\. Mend it\./);
  });

  it('starts once the store responds again', async () => {
    let isOngoing = true;
    const get: typeof rig.deps.store.get = (...given) =>
      isOngoing ? Promise.reject(fault('aws_throttled')) : rig.deps.store.get(...given);
    const one = program('one', async () => undefined);
    const programs = [{ ...one, store: { ...one.store, get } }];
    await pass(5 * MINUTE_MS, programs);
    expect(new Set(rig.logged.map(({ event }) => event))).toEqual(new Set(['results_upkeep_unknown']));
    isOngoing = false;
    await pass(5 * MINUTE_MS, programs);
    expect(tended).toHaveLength(1);
  });

  it('of a killed program is started by another one an hour later', async () => {
    const dying = program('one', () => new Promise(() => undefined));
    void maintainTable(dying, never);
    while (tended.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    // Nobody renews the lease of the dead program any more.
    const late = { ...program('two', async () => undefined), clock: rig.clock };
    await rig.deps.store.delete('_state/leases/results-tender.json');
    await pass(3 * HOUR_MS, [late]);
    expect(tended).toEqual([0, 1]);
  });
});
