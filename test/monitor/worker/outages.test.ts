import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createStoreWorkQueue } from '../../../src/adapters/local/object-store-queue.js';
import { WaitingResults } from '../../../src/adapters/aws/pending-rows.js';
import { createProduct } from '../../../src/monitor/create-product.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { ObjectStore } from '../../../src/ports/object-store.js';
import type { ResultRow, ResultsTable } from '../../../src/ports/results-table.js';
import type { WorkQueue } from '../../../src/ports/work-queue.js';
import { createMemoryResultsTable } from '../../fakes/memory-results-table.js';
import { createMonitorRig, device, fault, START_MS, type MonitorRig } from '../monitor-rig.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CAPTURE_MS = 10_000;
const WORK = '_state/queue/work/';
const never = new AbortController().signal;
const devices = ['cam-1', 'cam-2', 'cam-3', 'cam-4'].map((id) => device('site-a', id));

let rig: MonitorRig;
let programs: AbortController[];
let servings: Promise<void>[];
/** What all programs reported together, and the number of cameras of each finished sweep. */
let lines: string[];
let finished: number[];
beforeEach(async () => {
  rig = await createMonitorRig(devices, 1);
  for (const each of devices) await rig.product.scanReference(each, () => undefined, never);
  rig.script.capture = async (_of, _dir, signal) => {
    await rig.clock.sleep(CAPTURE_MS, signal);
    return null;
  };
  [programs, servings, lines, finished] = [[], [], [], []];
});
afterEach(async () => {
  for (const program of programs) program.abort(new Error('stop'));
  await Promise.allSettled(servings);
  await rig.close();
});

/** A program of the fleet, with a spool of its own. */
const start = async (
  name: string,
  {
    store = rig.deps.store,
    queueStore = store,
    results = rig.deps.results,
    queue = createStoreWorkQueue({
      ...{ store: queueStore, clock: rig.clock, visibilityMs: 120_000, maxAttempts: 5 },
    }),
  }: { store?: ObjectStore; queueStore?: ObjectStore; results?: ResultsTable; queue?: WorkQueue } = {},
): Promise<void> => {
  const { deps } = rig;
  const spoolDir = path.join(rig.spoolDir, name);
  await mkdir(spoolDir, { recursive: true });
  const product = createProduct({
    ...{ ...deps, store, results, queue, settings: { ...deps.settings, spoolDir } },
    identity: { self: name, isAlive: async (other) => (other === name ? true : null) },
  });
  const program = new AbortController();
  programs.push(program);
  const watch = {
    notice: (line: string) => void lines.push(line),
    stalled: (line: string) => void lines.push(line),
    finished: (all: readonly unknown[]) => void finished.push(all.length),
  };
  const serving = product
    .serve(() => undefined, program.signal, watch)
    .catch((reason: unknown) => {
      if (!program.signal.aborted) throw reason;
    });
  servings.push(serving);
};

const pass = async (durationMs: number, isEnough = (): boolean => false): Promise<void> => {
  for (let passedMs = 0; passedMs < durationMs && !isEnough(); passedMs += 5_000) {
    for (let tries = 0; tries < 3; tries += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    await rig.clock.advance(5_000);
  }
};

const checked = (rows: readonly ResultRow[]): string[] => rows.map((row) => row.device_id).sort();
const rowsOf = async (results = rig.deps.results): Promise<string[]> =>
  checked(await results.history({ sinceMs: 0 }));
const EACH_ONCE = devices.map(({ deviceId }) => deviceId);

/** The store, with calls that can be made to fail. */
const failing = (faultOf: (call: string, key: string) => AppError | null): ObjectStore =>
  new Proxy(rig.deps.store, {
    get: (store, call: keyof ObjectStore): unknown => {
      const step: unknown = Reflect.get(store, call);
      if (typeof step !== 'function' || call === 'locationOf') return step;
      return async (...given: [string, ...unknown[]]): Promise<unknown> => {
        const reason = faultOf(call, given[0]);
        if (reason !== null) throw reason;
        return Reflect.apply(step, store, given) as unknown;
      };
    },
  });

describe('work that always fails', () => {
  it('is reported once by all programs together, and the sweep ends without it', async () => {
    const store = failing((call, key) =>
      call === 'put' && key.includes('/checks/site-a/cam-2') ? fault('aws_forbidden') : null,
    );
    await start('one', { store });
    await start('two', { store });
    await pass(20 * MINUTE_MS);
    expect(lines).toEqual([
      expect.stringMatching(
        /^⚠️ Gave up on the check of site-a\/cam-2-mast for 2026-01-31T14:00:00.000Z\. .*next sweep checks these cameras again.*work_deferred/,
      ),
    ]);
    expect(finished).toEqual([3]);
    expect(await rowsOf()).toEqual(['cam-1', 'cam-3', 'cam-4']);
    await start('three', { store });
    await pass(5 * MINUTE_MS);
    expect(lines).toHaveLength(1);
  });

  it('is reported in one line when there is much of it', async () => {
    await rig.deps.queue.send(
      Array.from({ length: 30 }, (_, index) => `rubbish ${index}`),
      never,
    );
    for (const work of await rig.deps.queue.take(30, 0, never)) await work.bury('It is no message.');
    await start('one');
    await start('two');
    await pass(5 * MINUTE_MS);
    expect(lines).toEqual([expect.stringMatching(/rubbish 0\).* and 20 more\. It is no message\. /)]);
  });
});

/** Rows wait in the store until the service behind the table runs statements again. */
const tableBehind = (isDown: () => boolean): ResultsTable & { inTable: ResultsTable } => {
  const inTable = createMemoryResultsTable();
  const waiting = new WaitingResults(rig.deps.store, rig.clock);
  return {
    ...{ inTable, close: inTable.close },
    merge: (rows) => waiting.add(rows),
    history: (query) => (isDown() ? Promise.reject(fault('aws_unreachable')) : inTable.history(query)),
    settle: async () => {
      if (isDown()) throw fault('aws_unreachable');
      const { waiting: found } = await waiting.read();
      await inTable.merge(found.flatMap(({ rows }) => rows));
      await waiting.remove(found.map(({ key }) => key));
      return found.length;
    },
  };
};

describe('a table that takes no rows', () => {
  it('for an hour is reported once, as is its end, and gets every row', async () => {
    const isDown = (): boolean => rig.clock.nowMs() < START_MS + HOUR_MS + MINUTE_MS;
    const results = tableBehind(isDown);
    await start('one', { results });
    await start('two', { results });
    await pass(HOUR_MS);
    expect(lines).toEqual([
      expect.stringMatching(
        /^⚠️ Results have been waiting in the store since 2026-01-31 14:00:\d\d UTC. None is lost.*It is aws_unreachable\. Mend it\./,
      ),
    ]);
    expect(await rowsOf(results.inTable)).toEqual([]);
    await pass(20 * MINUTE_MS);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(
        /^✅ [4-8] rows, waiting in the store since 2026-01-31 14:00:\d\d UTC, reached the table/,
      ),
    ]);
    expect(await rowsOf(results.inTable)).toEqual([...EACH_ONCE, ...EACH_ONCE].sort());
    expect(finished).toEqual([4, 4]);
  });

  it('still takes rows during an hour of maintenance', async () => {
    let tended = 0;
    const tend = async (signal: AbortSignal): Promise<void> => {
      tended += 1;
      await rig.clock.sleep(HOUR_MS, signal);
    };
    const results = { ...tableBehind(() => false), tend };
    await start('one', { results });
    await start('two', { results });
    await pass(20 * MINUTE_MS);
    expect(tended).toBe(1);
    expect(await rowsOf(results.inTable)).toEqual(EACH_ONCE);
    expect(finished).toEqual([4]);
  });

  it('for a moment is not reported', async () => {
    const results = tableBehind(() => rig.clock.nowMs() < START_MS + 4 * MINUTE_MS);
    await start('one', { results });
    await pass(20 * MINUTE_MS);
    expect(lines).toEqual([]);
    expect(await rowsOf(results.inTable)).toEqual(EACH_ONCE);
  });
});

describe('a queue that is purged in the middle of a sweep', () => {
  const purge = async (): Promise<void> => {
    for (const key of await rig.deps.store.list(WORK)) await rig.deps.store.delete(key);
  };
  const untilCheck = async (nth: number): Promise<void> => {
    let captures = 0;
    rig.script.capture = async (_of, _dir, signal) => {
      captures += 1;
      await rig.clock.sleep(CAPTURE_MS, signal);
      return null;
    };
    await pass(20 * MINUTE_MS, () => captures >= nth);
    expect(captures).toBe(nth);
  };

  it('is refilled, reported once, and each camera is checked once', async () => {
    await start('one');
    await untilCheck(1);
    await start('two');
    await purge();
    await pass(20 * MINUTE_MS);
    expect(lines).toEqual([
      expect.stringMatching(/^⚠️ The queue lost the messages for [23] cameras of the sweep of .* sent again/),
    ]);
    expect(await rowsOf()).toEqual(EACH_ONCE);
    expect(finished).toEqual([4]);
  });

  it('twice ends the sweep, with the names of what was not checked', async () => {
    await start('one');
    await untilCheck(1);
    await purge();
    await untilCheck(1);
    await purge();
    await pass(20 * MINUTE_MS);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(
        /^⚠️ 2 of 4 cameras were not checked in the sweep of .*: site-a\/cam-\d-mast, site-a\/cam-\d-mast\. .*purged/,
      ),
    ]);
    expect(await rowsOf()).toHaveLength(2);
    expect(finished).toEqual([2]);
  });
});

describe('a store that fails for a minute', () => {
  it.each([
    ['answers every call with 503', 'aws_throttled', () => true],
    ['answers every write with 409', 'store_contended', (call: string) => call === 'put'],
  ])('because it %s: each camera is still checked once', async (_what, code, isMet) => {
    const fromMs = START_MS + CAPTURE_MS + 5_000;
    let refusals = 0;
    const store = failing((call) => {
      const isNow = rig.clock.nowMs() >= fromMs && rig.clock.nowMs() < fromMs + MINUTE_MS && isMet(call);
      refusals += isNow ? 1 : 0;
      return isNow ? fault(code) : null;
    });
    await start('one', { store });
    await start('two', { store });
    await pass(30 * MINUTE_MS);
    expect(refusals).toBeGreaterThan(3);
    expect(await rowsOf()).toEqual(EACH_ONCE);
    expect(finished).toEqual([4]);
    expect(lines).toEqual([]);
  });
});

describe('an outage', () => {
  const AGAIN = '✅ Camera checks have resumed.';
  const untilMs = START_MS + 10 * MINUTE_MS;

  it('because nothing can be written is reported with the forbidden action, and so is its end', async () => {
    const isNow = (): boolean => rig.clock.nowMs() < untilMs;
    const store = failing((call, key) =>
      call === 'put' && /^_state\/swe(pt|eps)\//.test(key) && isNow() ? fault('aws_forbidden') : null,
    );
    await start('one', { store });
    await pass(90 * MINUTE_MS, () => finished.length > 0);
    const [told, ...later] = lines;
    expect(told).toMatch(
      /^⚠️ No camera could be checked since 2026-01-31 14:00:\d\d UTC\. It is aws_forbidden\. Mend it\. Checks resume/,
    );
    expect(later.filter((line) => line === AGAIN)).toHaveLength(1);
    expect(await rowsOf()).toEqual(EACH_ONCE);
  });

  it('because the queue does not respond is reported once, and so is its end', async () => {
    const isNow = (): boolean => rig.clock.nowMs() < untilMs;
    const inner = rig.deps.queue;
    const take: WorkQueue['take'] = (...given) =>
      isNow() ? Promise.reject(fault('queue_missing')) : inner.take(...given);
    const queue = Object.assign(Object.create(inner) as WorkQueue, { take });
    await start('one', { queue });
    await pass(30 * MINUTE_MS, () => finished.length > 0);
    expect(lines).toEqual([
      expect.stringMatching(/^⚠️ No camera could be checked .*It is queue_missing\./),
      AGAIN,
    ]);
    expect(await rowsOf()).toEqual(EACH_ONCE);
    expect(finished).toEqual([4]);
  });
});

describe('a store that is away for twenty minutes while the queue is not', () => {
  it.each([
    ['while cameras are captured', 5_000],
    ['before anything is', 0],
  ])(
    '%s: no message is used up, no picture is taken twice, and all arrives afterwards',
    async (_when, afterMs) => {
      const fromMs = START_MS + afterMs;
      let captures = 0;
      rig.script.capture = async (_of, _dir, signal) => {
        captures += 1;
        await rig.clock.sleep(CAPTURE_MS, signal);
        return null;
      };
      const isOngoing = (): boolean =>
        rig.clock.nowMs() >= fromMs && rig.clock.nowMs() < fromMs + 20 * MINUTE_MS;
      const store = failing(() => (isOngoing() ? fault('aws_unreachable') : null));
      const queueStore = rig.deps.store;
      await start('one', { store, queueStore });
      await start('two', { store, queueStore });
      await pass(19 * MINUTE_MS);
      expect(await rowsOf()).toEqual([]);
      // What is paused was taken once; the rest waits in the queue.
      const attempts = await Promise.all(
        (await queueStore.list(WORK)).map(async (key) => {
          const found = await queueStore.get(key);
          return (JSON.parse(found!.body.toString()) as { attempts: number }).attempts;
        }),
      );
      expect(Math.max(...attempts)).toBe(1);
      await pass(15 * MINUTE_MS);
      expect(await rowsOf()).toEqual(EACH_ONCE);
      const rows = await rig.deps.results.history({ sinceMs: 0 });
      expect(rows.filter(({ success }) => success)).toHaveLength(EACH_ONCE.length);
      expect(captures).toBe(EACH_ONCE.length);
      expect(finished).toEqual([4]);
      // Only the outage and its end are reported.
      expect(lines[0]).toMatch(/^⚠️ No camera could be checked .*It is aws_unreachable\./);
      expect(lines.at(-1)).toBe('✅ Camera checks have resumed.');
      expect(lines.filter((line) => !/be checked since|checks have resumed/.test(line))).toEqual([]);
      expect(await queueStore.list('_state/queue/')).toEqual([]);
    },
  );
});
