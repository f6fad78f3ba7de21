import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findingOf, observe } from '../../../src/monitor/record/incident.js';
import { IncidentStore } from '../../../src/monitor/record/incident-store.js';
import type { CheckOutcome } from '../../../src/monitor/product.js';
import { createMonitorRig, device, fault, measured, type MonitorRig, START_MS } from '../monitor-rig.js';

const signal = new AbortController().signal;
const silent = (): void => undefined;
const north = device('site-a', 'cam-1');
const south = device('site-a', 'cam-2');
const far = device('site-b', 'cam-1');
const PREFIX = 'site-a/cam-1-mast/query_scan/2026-01-31T14-00-05.123Z';

const spooled = async (rig: MonitorRig): Promise<string[]> => {
  const entries = await readdir(rig.spoolDir, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => path.relative(rig.spoolDir, path.join(entry.parentPath, entry.name)))
    .filter((name) => /\d{4}-\d\d-\d\dT/.test(name) && !name.startsWith('.'));
};

let rig: MonitorRig;
beforeEach(async () => {
  rig = await createMonitorRig([north, south, far]);
  for (const of of [north, south, far]) await rig.product.scanReference(of, silent, signal);
});
afterEach(() => rig.close());

const rows = () => rig.deps.results.history({ sinceMs: 0 });

describe('a check', () => {
  it('stores files, manifest, result and picture, writes one row, and empties the spool', async () => {
    rig.script.solve = () => measured(0.7);
    const outcome = await rig.product.check(north, {}, signal);
    expect(outcome).toMatchObject({ verdict: 'drifted', recorded: true, repeated: false, failureCode: null });
    expect(outcome.pictureLocation).toBe(`memory://store/${PREFIX}/overlay.jpg`);
    expect(await rig.deps.store.list(`${PREFIX}/`)).toEqual(
      ['0000.jpg', 'manifest.json', 'overlay.jpg', 'result.json'].map((name) => `${PREFIX}/${name}`),
    );
    expect(await rows()).toEqual([
      {
        deployment_name: 'site-a',
        device_id: 'cam-1',
        timestamp: '2026-01-31T14:00:05.123Z',
        yaw_offset: 0.7,
        pitch_offset: 0,
        roll_offset: 0,
        mode: 'passive',
        capture_positions: [{ pan: 10, tilt: -3, zoom: 1 }],
        files_location: `memory://store/${PREFIX}`,
        success: true,
        failure_log: null,
      },
    ]);
    expect(await spooled(rig)).toEqual([]);
  });

  it('that gets no frame writes a row with the reason and never a verdict', async () => {
    rig.script.capture = async () => fault('capture_timeout');
    const outcome = await rig.product.check(north, {}, signal);
    expect(outcome).toMatchObject({ verdict: 'unmeasured', failureCode: 'capture_timeout', answer: null });
    expect(outcome.line).toBe('⚠️ site-a/cam-1-mast: not measured: It is capture_timeout. Mend it.');
    expect(await rows()).toMatchObject([
      { success: false, yaw_offset: null, failure_log: 'It is capture_timeout. Mend it.' },
    ]);
    expect(await rig.deps.store.list(`${PREFIX}/`)).toEqual([`${PREFIX}/result.json`]);
  });

  it('of a camera without a reference says what to type', async () => {
    const stranger = device('site-a', 'cam-9');
    const outcome = await rig.product.check(stranger, {}, signal);
    expect(outcome).toMatchObject({ verdict: 'unmeasured', failureCode: 'no_reference' });
    expect(outcome.line).toContain('calib reference site-a/cam-9-mast');
  });

  it('that is aborted leaves nothing behind', async () => {
    const abort = new AbortController();
    rig.script.capture = async () => {
      abort.abort(fault('interrupted'));
      return fault('something else');
    };
    await expect(rig.product.check(north, {}, abort.signal)).rejects.toMatchObject({ code: 'interrupted' });
    expect(await spooled(rig)).toEqual([]);
    expect(await rows()).toEqual([]);
    expect(await rig.deps.store.list('_state/')).toEqual([]);
  });

  it('waits for another check of the same camera', async () => {
    let working = 0;
    let most = 0;
    rig.script.capture = async () => {
      most = Math.max(most, (working += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      working -= 1;
      return null;
    };
    const both = Promise.all([rig.product.check(north, {}, signal), rig.product.check(north, {}, signal)]);
    const ticking = setInterval(() => void rig.clock.advance(500), 5);
    await both;
    clearInterval(ticking);
    expect(most).toBe(1);
  });

  it('keeps everything in the spool while the table cannot be written, and is reported once', async () => {
    const working = rig.deps.results;
    const product = rig.restart({
      results: { ...working, merge: () => Promise.reject(fault('table_unwritable')) },
    });
    const outcome = await product.check(north, {}, signal);
    expect(outcome).toMatchObject({ verdict: 'ok', recorded: false });
    expect(await spooled(rig)).not.toEqual([]);
    expect(rig.logged).toMatchObject([{ event: 'record_deferred' }]);
    const told: CheckOutcome[] = [];
    const mended = rig.restart({ results: working });
    expect(await mended.recover((outcome) => told.push(outcome), signal)).toBe(1);
    expect(await rows()).toHaveLength(1);
    expect(await spooled(rig)).toEqual([]);
    expect(told).toEqual([]);
  });
});

describe('a killed check', () => {
  /** Kills the product at a step: the promise never settles, another run finds the spool. */
  const killedAt = async (step: (die: () => Promise<never>) => void): Promise<void> => {
    const dead = new Promise<void>((resolve) => {
      step(() => {
        resolve();
        return new Promise<never>(() => undefined);
      });
    });
    void rig.restart({ identity: { self: 'host:2:2', isAlive: async () => true } }).check(north, {}, signal);
    await dead;
  };
  const again = async (): Promise<number> => {
    rig.script.capture = async () => null;
    rig.script.solve = () => measured(0.1);
    const alive = { self: 'host:3:3', isAlive: async (identity: string) => identity === 'host:3:3' };
    return rig.restart({ identity: alive }).recover(() => undefined, signal);
  };

  it('while capturing gives one row without an answer', async () => {
    await killedAt((die) => (rig.script.capture = die));
    expect(await again()).toBe(1);
    expect(await again()).toBe(0);
    expect(await rows()).toMatchObject([{ success: false, timestamp: new Date(START_MS).toISOString() }]);
  });

  it('while solving is solved by the next run', async () => {
    const solver = rig.deps.solver;
    await killedAt((die) => {
      rig.restart({ solver: { ...solver, solve: die } });
    });
    rig.restart({ solver });
    expect(await again()).toBe(1);
    expect(await rows()).toMatchObject([{ success: true, yaw_offset: 0.1 }]);
    expect(await spooled(rig)).toEqual([]);
  });

  it('while its row is written ends with one row and all its files', async () => {
    const results = rig.deps.results;
    await killedAt((die) => {
      rig.restart({ results: { ...results, merge: die } });
    });
    rig.restart({ results });
    expect(await again()).toBe(1);
    expect(await rows()).toHaveLength(1);
    expect(await rig.deps.store.list(`${PREFIX}/`)).toHaveLength(4);
    expect(await spooled(rig)).toEqual([]);
  });

  it('of a run that still lives is left to it', async () => {
    await killedAt((die) => (rig.script.capture = die));
    const product = rig.restart({ identity: { self: 'host:3:3', isAlive: async () => true } });
    expect(await product.recover(() => undefined, signal)).toBe(0);
    expect(await spooled(rig)).not.toEqual([]);
  });
});

describe('a sweep', () => {
  it('measures every camera and returns outcomes in the order of the settings', async () => {
    const told: string[] = [];
    const outcomes = await rig.product.sweep((outcome) => void told.push(outcome.line), signal);
    expect(outcomes.map((outcome) => outcome.device)).toEqual([north, south, far]);
    expect(told).toHaveLength(3);
    expect(await rows()).toHaveLength(3);
  });

  it('draws a picture only for drift and for cameras with an open incident', async () => {
    rig.script.solve = (dir) => measured(dir.includes('cam-2') ? 0.7 : 0);
    const [fine, drifted] = await rig.product.sweep(silent, signal);
    expect([fine?.pictureLocation, drifted?.pictureLocation]).toEqual([
      null,
      expect.stringContaining('cam-2-mast'),
    ]);
    const finding = findingOf(drifted!);
    const incidents = new IncidentStore(rig.deps.store);
    await incidents.update(south, (state) => observe(state, finding, rig.clock.nowMs(), 0.8).state);
    await rig.clock.advance(60_000);
    rig.script.solve = () => measured(0);
    const [, mended] = await rig.product.sweep(silent, signal);
    expect(mended).toMatchObject({ verdict: 'ok', pictureLocation: expect.stringContaining('cam-2-mast') });
  });

  it('reports an unreachable deployment once and does not try its other cameras', async () => {
    const tried: string[] = [];
    await rig.close();
    rig = await createMonitorRig([north, south, far], 1);
    for (const of of [north, south, far]) await rig.product.scanReference(of, silent, signal);
    rig.script.capture = async (of) => {
      tried.push(`${of.deploymentName}/${of.deviceId}`);
      return of.deploymentName === 'site-a' ? fault('cluster_unreachable') : null;
    };
    const outcomes = await rig.product.sweep(silent, signal);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['unmeasured', 'unmeasured', 'ok']);
    expect(outcomes.filter(({ repeated }) => repeated)).toHaveLength(1);
    expect(tried).toEqual(['site-a/cam-1', 'site-b/cam-1']);
    expect(await rows()).toHaveLength(3);
  });

  it('that is interrupted leaves nothing for other programs to do', async () => {
    const stopping = new AbortController();
    rig.script.capture = async (_of, _dir, aborted) => {
      stopping.abort(new Error('Ctrl-C'));
      throw aborted.reason;
    };
    await expect(rig.product.sweep(silent, stopping.signal)).rejects.toThrow('Ctrl-C');
    expect(await rig.deps.queue.depth(signal)).toEqual({ waiting: 0, taken: 0, dead: 0 });
    expect(await rows()).toEqual([]);
    expect(await spooled(rig)).toEqual([]);
  });

  it('ends with the fault of the store once an outage has lasted', async () => {
    const { store } = rig.deps;
    const unreachable = async (): Promise<never> => {
      throw fault('store_unreachable');
    };
    const product = rig.restart({ store: { ...store, get: unreachable, put: unreachable } });
    const ticking = setInterval(() => void rig.clock.advance(10_000), 5);
    await expect(product.sweep(silent, signal)).rejects.toMatchObject({ code: 'store_unreachable' });
    clearInterval(ticking);
  });

  it('that is killed is finished camera by camera, as single checks are', async () => {
    const dead = new Promise<void>((resolve) => {
      rig.script.capture = async () => {
        resolve();
        return new Promise<never>(() => undefined);
      };
    });
    const killed = { self: 'host:2:2', isAlive: async () => true };
    void rig.restart({ identity: killed }).sweep(silent, signal);
    await dead;
    const alive = { self: 'host:3:3', isAlive: async (identity: string) => identity === 'host:3:3' };
    const told: CheckOutcome[] = [];
    await rig.restart({ identity: alive }).recover((outcome) => void told.push(outcome), signal);
    expect(told.length).toBeGreaterThan(0);
    expect(told.map(({ failureCode, sweepAt }) => [failureCode, sweepAt])).toContainEqual([
      'interrupted',
      undefined,
    ]);
    expect(await spooled(rig)).toEqual([]);
  });
});
