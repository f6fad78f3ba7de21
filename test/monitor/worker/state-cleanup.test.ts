import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StateCleanup } from '../../../src/monitor/worker/state-cleanup.js';
import { acknowledge, findingOf, observe, CALM } from '../../../src/monitor/record/incident.js';
import { IncidentStore } from '../../../src/monitor/record/incident-store.js';
import { timestampKey } from '../../../src/ports/camera-name.js';
import { fakeOutcome } from '../../fakes/fake-product.js';
import { createMonitorRig, device, START_MS, type MonitorRig } from '../monitor-rig.js';

const DAY_MS = 86_400_000;
const there = device('site-a', 'cam-1');
const removed = device('site-a', 'cam-2');

let rig: MonitorRig;
beforeEach(async () => {
  rig = await createMonitorRig([there]);
});
afterEach(() => rig.close());

const put = (key: string, document: object = {}) =>
  rig.deps.store.put(key, Buffer.from(JSON.stringify(document)));
const ago = (days: number): number => START_MS - days * DAY_MS;
const keys = async (): Promise<string[]> =>
  (await rig.deps.store.list('_state/')).filter((key) => key !== '_state/housekeeping.json');

const raised = async (of: typeof there, days: number): Promise<void> => {
  const finding = { ...findingOf(fakeOutcome(of, 0.9)), at: new Date(ago(days)).toISOString() };
  const { state } = observe(CALM, finding, ago(days), 0.8);
  await new IncidentStore(rig.deps.store).update(of, () => acknowledge(state, { by: 'U1', atMs: ago(days) }));
};

/** Documents of each kind from so many days ago. */
const left = async (days: number): Promise<void> => {
  const at = timestampKey(ago(days));
  await put(`_state/sweeps/${at}.json`);
  await put(`_state/swept/${at}/checks/site-a/cam-1-mast.json`);
  await put(`_state/swept/${at}/done/site-a/cam-1-mast.json`);
  await put(`_state/queue/told/${days}.json`, { batch: 'a', atMs: ago(days), isTold: true });
  await put(`_state/leases/site-a/${days}.json`, { owner: 'a', nonce: 'b', expiresAtMs: ago(days) });
  await put(`_state/sweep-leases/site-a/${days}.json`, { owner: 'a', nonce: 'b', expiresAtMs: ago(days) });
};

describe('state cleanup', () => {
  it('deletes what is obsolete, and nothing else', async () => {
    await left(0.5);
    const useful = await keys();
    await left(22);
    await raised(there, 100);
    await raised(removed, 10);
    await new StateCleanup(rig.deps).runIfDue();
    const incidents = ['_state/incidents/site-a/cam-1-mast.json', '_state/incidents/site-a/cam-2-mast.json'];
    expect(await keys()).toEqual([...useful, ...incidents].sort());
  });

  it('forgets a camera three months after its removal from the settings', async () => {
    await raised(removed, 100);
    await put('_state/layers/site-a/cam-2-mast.json');
    await put('_state/layers/site-a/cam-1-mast.json');
    await new StateCleanup(rig.deps).runIfDue();
    expect(await keys()).toEqual(['_state/layers/site-a/cam-1-mast.json']);
  });

  it('is done once a day, by whichever program comes first', async () => {
    const [one, other] = [new StateCleanup(rig.deps), new StateCleanup(rig.deps)];
    await one.runIfDue();
    await left(22);
    const all = await keys();
    await other.runIfDue();
    await rig.clock.advance(DAY_MS - 1);
    await one.runIfDue();
    expect(await keys()).toEqual(all);
    await rig.clock.advance(2 * 3_600_000);
    await other.runIfDue();
    expect(await keys()).toEqual([]);
  });

  it('is one of the chores of a worker', async () => {
    await left(22);
    const abort = new AbortController();
    const serving = rig.product.serve(() => undefined, abort.signal, {}, 'worker').catch(() => undefined);
    for (let tries = 0; tries < 200 && (await keys()).some((key) => key.includes('told')); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await keys()).toEqual([]);
    abort.abort(new Error('stop'));
    await serving;
  });
});
