import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Deliveries } from '../../../src/slack/api/delivery-dedup.js';
import type { SlackUser } from '../../../src/sandbox/slack/user.js';
import { createDrivenClock } from '../../fakes/driven-clock.js';
import { createMemoryObjectStore } from '../../../src/adapters/local/memory-object-store.js';
import { device, measured } from '../../monitor/monitor-rig.js';
import { ANNA, CHANNEL, createSlackRig, scanned, textOf, type Replica, type SlackRig } from '../slack-rig.js';

const cameras = Array.from({ length: 4 }, (_, index) => device('site-a', `cam-${index}`));
let rig: SlackRig;
let anna: SlackUser;
let runs: Replica[];

beforeAll(async () => {
  rig = await createSlackRig(cameras);
  runs = [await rig.replica(), await rig.replica()];
  await scanned(runs[0]!.product, cameras);
  anna = rig.sandbox.user(ANNA);
});
afterAll(() => rig.close());
beforeEach(() => {
  captures = 0;
});

let captures = 0;
const settled = () => Promise.all(runs.map(({ app }) => app.settled()));
const texts = () => rig.sandbox.messages(CHANNEL).map(textOf);
const claimed = () =>
  rig.monitor.deps.store.list('_state/slack/deliveries/').then((keys: readonly string[]) => keys.length);

/** Does it, then hands the same envelope to the other program and, after a reconnect, to whichever is next. */
const thrice = async (act: () => Promise<unknown>): Promise<void> => {
  const before = rig.sandbox.sockets.ackLatenciesMs.length;
  await act();
  rig.sandbox.sockets.redeliver();
  await settled();
  const opened = () => rig.sandbox.calls.filter(({ method }) => method === 'apps.connections.open').length;
  const known = opened();
  rig.sandbox.sockets.drop();
  await rig.sandbox.waitFor(() => opened() >= known + 2 && rig.sandbox.sockets.connections === 2, 20_000);
  rig.sandbox.sockets.redeliver();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await settled();
  expect(rig.sandbox.sockets.ackLatenciesMs.length).toBe(before + 1);
};

describe('a repeated delivery of Slack', () => {
  it('runs a command once, in the first program', async () => {
    rig.monitor.script.capture = async () => {
      captures += 1;
      return null;
    };
    await thrice(() => anna.slash('/calib check cam-0'));
    expect(captures).toBe(1);
    expect(texts().filter((text) => text.includes('cam-0-mast'))).toHaveLength(1);
    expect(anna.ephemerals).toEqual([]);
    expect(await claimed()).toBe(1);
  }, 40_000);

  it('handles a button once', async () => {
    rig.monitor.script.solve = (dir) => measured(dir.includes('cam-1') ? 0.9 : 0);
    await anna.slash('/calib check cam-1');
    const message = await rig.message('cam-1-mast has drifted');
    await settled();
    await thrice(() => anna.click(message, 'incident_acknowledge'));
    expect(textOf(rig.sandbox.messages(CHANNEL).find(({ ts }) => ts === message.ts)!)).toContain(
      `Acknowledged by <@${ANNA}>`,
    );
    // The second of two who acknowledge gets an answer; here nobody pressed twice.
    expect(anna.ephemerals).toEqual([]);
    await anna.click(message, 'camera_history');
    rig.sandbox.sockets.redeliver();
    await settled();
    expect(rig.sandbox.thread(message).filter((reply) => /History of/.test(textOf(reply)))).toHaveLength(1);
  }, 40_000);

  it('handles a form once', async () => {
    await anna.slash('/calib');
    await rig.sandbox.waitFor(() => anna.modals.length === 1);
    rig.sandbox.sockets.redeliver();
    await settled();
    expect(anna.modals).toHaveLength(1);
    captures = 0;
    await anna.submitView({ mode: { mode: 'passive' }, cameras: { cameras: ['site-a/cam-2-mast'] } });
    rig.sandbox.sockets.redeliver();
    await rig.message('Checked site-a/cam-2-mast');
    await settled();
    expect(captures).toBe(1);
    expect(texts().filter((text) => text.includes('cam-2-mast'))).toHaveLength(1);
  });
});

describe('the record of deliveries', () => {
  it('lasts into the next hour and is deleted after that', async () => {
    const store = createMemoryObjectStore();
    const clock = createDrivenClock(Date.parse('2026-01-31T14:59:00Z'));
    const [one, other] = [new Deliveries(store, clock), new Deliveries(store, clock)];
    expect(await one.claim('a')).toBe(true);
    expect(await other.claim('a')).toBe(false);
    await clock.advance(120_000);
    expect(await other.claim('a')).toBe(false);
    await one.prune();
    expect(await store.list('_state/slack/deliveries/')).toHaveLength(1);
    await clock.advance(3_600_000);
    await one.prune();
    expect(await store.list('_state/slack/deliveries/')).toEqual([]);
  });
});
