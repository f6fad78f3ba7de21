import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createStoreWorkQueue } from '../../../src/adapters/local/object-store-queue.js';
import { createProduct } from '../../../src/monitor/create-product.js';
import type { CheckOutcome } from '../../../src/monitor/product.js';
import { mortal, type Life } from '../../fakes/mortal.js';
import { createMonitorRig, device, measured, type MonitorRig } from '../monitor-rig.js';

const VISIBILITY_MS = 120_000;
const devices = [device('site-a', 'cam-1'), device('site-a', 'cam-2')];

let rig: MonitorRig;
const begin = async (): Promise<void> => {
  rig = await createMonitorRig(devices, 1);
  for (const each of devices)
    await rig.product.scanReference(each, () => undefined, new AbortController().signal);
};
const anew = async (): Promise<void> => {
  await rig.close();
  await begin();
};
beforeEach(begin);
afterEach(() => rig.close());

interface Program {
  readonly outcomes: CheckOutcome[];
  readonly finished: number[];
  stop(): void;
}

const living = (): Life => ({ steps: 0, limit: Infinity });

/** A program of the fleet, with a spool of its own, on the store, the queue and the table that all share. */
const start = async (
  host: string,
  spool: string,
  role: 'all' | 'worker',
  life = living(),
  shared = rig.deps.store,
): Promise<Program> => {
  const { deps, clock } = rig;
  const spoolDir = path.join(rig.spoolDir, spool);
  await mkdir(spoolDir, { recursive: true });
  const store = mortal(shared, life);
  const product = createProduct({
    ...deps,
    settings: { ...deps.settings, spoolDir },
    store,
    queue: createStoreWorkQueue({ store, clock, visibilityMs: VISIBILITY_MS, maxAttempts: 5 }),
    results: mortal(deps.results, life),
    solver: mortal(deps.solver, life),
    capture: mortal(deps.capture, life),
    identity: {
      self: host,
      isAlive: async (other) => (other === host ? true : other === 'killed' ? false : null),
    },
  });
  const outcomes: CheckOutcome[] = [];
  const finished: number[] = [];
  const abort = new AbortController();
  const watch = {
    outcome: (outcome: CheckOutcome) => void outcomes.push(outcome),
    finished: (all: readonly CheckOutcome[]) => void finished.push(all.length),
  };
  // Until it is stopped; a killed one never returns.
  product
    .serve(() => undefined, abort.signal, watch, role)
    .catch((fault: unknown) => {
      if (!abort.signal.aborted) throw fault;
    });
  return { outcomes, finished, stop: () => abort.abort(new Error('stop')) };
};

/** Lets time pass until something is so; false when it is not within half a sweep's period. */
const until = async (condition: () => boolean, withinMs = 1_500_000): Promise<boolean> => {
  for (let passedMs = 0; passedMs < withinMs; passedMs += 5_000) {
    for (let tries = 0; tries < 3 && !condition(); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 1));
    if (condition()) return true;
    await rig.clock.advance(5_000);
  }
  return condition();
};

/** A program that is killed after so many steps, or has finished its sweep before. */
const startAndKill = async (spool: string, limit: number): Promise<Program> => {
  const life: Life = { steps: 0, limit };
  const killed = await start('killed', spool, 'all', life);
  expect(await until(() => life.steps >= limit || killed.finished.length > 0)).toBe(true);
  killed.stop();
  return killed;
};

/** Each camera has one row of this sweep, its pictures are where the row says, and one check of it was reported. */
const expectOnce = async (programs: readonly Program[]): Promise<void> => {
  const rows = await rig.deps.results.history({ sinceMs: 0 });
  expect(rows.map((row) => row.device_id).sort()).toEqual(['cam-1', 'cam-2']);
  for (const row of rows) {
    expect(row.success).toBe(true);
    const prefix = row.files_location.replace('memory://store/', '');
    const files = (await rig.deps.store.list(`${prefix}/`)).map((key) => key.slice(prefix.length + 1));
    expect(files).toEqual(['0000.jpg', 'manifest.json', 'result.json']);
  }
  const told = new Set(
    programs.flatMap(({ outcomes }) => outcomes.map(({ row }) => row.timestamp + row.device_id)),
  );
  expect([...told].sort()).toEqual(rows.map((row) => row.timestamp + row.device_id).sort());
  // Its end is reported twice only when the reporter was killed before recording it.
  const finished = programs.flatMap((program) => program.finished);
  expect([[2], [2, 2]]).toContainEqual(finished);
};

const leftIn = async (spool: string): Promise<string[]> =>
  (await readdir(path.join(rig.spoolDir, spool), { recursive: true })).filter((name) => /Z$/.test(name));

/** How many steps a sweep of two cameras takes from its beginning to its end. */
const stepsOfSweep = async (): Promise<number> => {
  const life = living();
  const program = await start('counted', 'counted', 'all', life);
  expect(await until(() => program.finished.length > 0)).toBe(true);
  program.stop();
  return life.steps;
};

describe('a sweep whose program is killed', () => {
  it('is finished by the program that started it when nothing is killed', async () => {
    const one = await start('one', 'one', 'all');
    const two = await start('two', 'two', 'worker');
    expect(await until(() => one.finished.length + two.finished.length > 0)).toBe(true);
    await expectOnce([one, two]);
    one.stop();
    two.stop();
  });

  it('takes a countable number of steps', async () => {
    expect(await stepsOfSweep()).toBeGreaterThan(50);
  });

  it.each([8, 9, 10, 11])(
    'is finished by another program, and once, whatever the step: from %i',
    async (from) => {
      for (let limit = from; limit < 110; limit += 16) {
        const killed = await startAndKill('killed', limit);
        const other = await start('other', 'other', 'all');
        const isFinished = (): boolean => killed.finished.length + other.finished.length > 0;
        expect({ limit, isFinished: await until(isFinished) }).toEqual({ limit, isFinished: true });
        // The killed one restarts with its spool.
        const back = await start('back', 'killed', 'worker');
        await until(() => false, 150_000);
        await expectOnce([killed, other, back]);
        expect(await leftIn('killed')).toEqual([]);
        for (const program of [other, back]) program.stop();
        await anew();
      }
    },
  );

  it('is finished by the same machine alone after a restart', async () => {
    for (let limit = 12; limit < 110; limit += 9) {
      const killed = await startAndKill('only', limit);
      const back = await start('back', 'only', 'all');
      expect(await until(() => killed.finished.length + back.finished.length > 0)).toBe(true);
      await expectOnce([killed, back]);
      back.stop();
      await anew();
    }
  });

  it('on an unreachable host is late by at most one visibility timeout', async () => {
    const { clock, deps } = rig;
    const taken: string[] = [];
    rig.script.capture = async (of, _dir, signal) => {
      taken.push(of.deviceId);
      await clock.sleep(600_000, signal);
      return null;
    };
    // Taking the lease takes a second, so that the lease is younger than the message.
    const put: typeof deps.store.put = async (key, body, condition, signal) => {
      if (key.startsWith('_state/sweep-leases/')) await clock.sleep(1_000, new AbortController().signal);
      return deps.store.put(key, body, condition, signal);
    };
    const life = { steps: 0, limit: Infinity };
    const far = await start('far', 'far', 'all', life, { ...deps.store, put });
    expect(await until(() => taken.length > 0)).toBe(true);
    const againAtMs = new Map<string, number>();
    rig.script.capture = async (of) => {
      againAtMs.set(of.deviceId, clock.nowMs());
      return null;
    };
    const other = await start('other', 'other', 'worker');
    expect(await until(() => againAtMs.has('cam-2'))).toBe(true);
    life.limit = 0;
    far.stop();
    const killedAtMs = clock.nowMs();
    expect(await until(() => againAtMs.has('cam-1'))).toBe(true);
    // Files are slow beside the driven clock.
    expect(againAtMs.get('cam-1')! - killedAtMs).toBeLessThan(1.4 * VISIBILITY_MS);
    other.stop();
  });

  it('confirms drift before reporting it', async () => {
    rig.script.solve = () => measured(0.9);
    const one = await start('one', 'one', 'all');
    expect(await until(() => one.finished.length > 0)).toBe(true);
    expect(one.outcomes.map(({ verdict }) => verdict)).toEqual(['drifted', 'drifted']);
    expect(await rig.deps.results.history({ sinceMs: 0 })).toHaveLength(4);
    one.stop();
  });
});
