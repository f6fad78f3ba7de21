import { afterEach, describe, expect, it } from '@jest/globals';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import { phaseOf } from '../../src/monitor/record/incident.js';
import type { CheckOutcome } from '../../src/monitor/product.js';
import { SweepsStore } from '../../src/slack/state/outage-state.js';
import { checkMessage } from '../../src/monitor/sweeps/sweep-messages.js';
import type { Clock } from '../../src/ports/clock.js';
import { AppError } from '../../src/ports/app-error.js';
import { fakeOutcome } from '../fakes/fake-product.js';
import { device, measured } from '../monitor/monitor-rig.js';
import {
  ANNA,
  CHANNEL,
  createSlackRig,
  eventually,
  never,
  scanned,
  textOf,
  type Replica,
  type SlackRig,
} from './slack-rig.js';

let rig: SlackRig;
afterEach(() => rig.close());

const fleet = (size: number) =>
  Array.from({ length: size }, (_, index) =>
    device(index % 2 === 0 ? 'site-a' : 'site-b', `cam-${String(index).padStart(3, '0')}`),
  );
const texts = () => rig.sandbox.messages(CHANNEL).map(textOf);
const SLOT_MS = Date.parse('2026-01-31T14:00:00Z');
let slotsMs = SLOT_MS;
/** One sweep as `serve` reports it. */
const sweep = async ({ product, app }: Replica, slotMs = (slotsMs += 3_600_000)): Promise<CheckOutcome[]> => {
  void app.watch.started?.(slotMs);
  const outcomes = await product.sweep((outcome) => void app.watch.outcome?.(outcome, slotMs), never);
  void app.watch.finished?.(outcomes, 61_000, slotMs);
  await app.settled();
  return outcomes;
};

describe('a sweep in Slack', () => {
  it('of 200 cameras costs at most 12 calls and no 429, and clicks are acknowledged meanwhile', async () => {
    const cameras = fleet(200);
    rig = await createSlackRig(cameras);
    const { app } = await rig.replica();
    rig.sandbox.countCalls(true);
    const before = rig.sandbox.calls.length;
    void app.watch.started?.(SLOT_MS);
    const outcomes = cameras.map((camera) => fakeOutcome(camera, 0.1));
    const ackMs: number[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      void app.watch.outcome?.(outcome, SLOT_MS);
      if (index % 10 !== 0) continue;
      const startedMs = performance.now();
      await rig.sandbox.user(ANNA).slash('/calib help');
      ackMs.push(performance.now() - startedMs);
    }
    void app.watch.finished?.(outcomes, 600_000, SLOT_MS);
    await app.settled();
    const calls = rig.sandbox.calls.slice(before).filter(({ method }) => method.includes('.'));
    expect(calls.length).toBeLessThanOrEqual(12);
    expect(calls.filter(({ error }) => error !== null)).toEqual([]);
    expect(Math.max(...ackMs)).toBeLessThan(1_000);
    const [summary, ...others] = rig.sandbox.messages(CHANNEL);
    expect(others).toEqual([]);
    const all = [summary!, ...rig.sandbox.thread(summary!)].map(textOf).join('');
    for (const { cameraName } of cameras) expect(all).toContain(`✅ ${cameraName} `);
    expect(all).toMatch(/Sweep of 200 cameras in 10 min/);
  });

  it('lists the worst first, an incident in its own message, and an unreachable site once', async () => {
    const cameras = fleet(6);
    rig = await createSlackRig(cameras);
    const run = await rig.replica();
    await scanned(run.product, cameras);
    rig.monitor.script.solve = (dir) => measured(dir.includes('cam-002') ? 0.9 : 0);
    let isDown = true;
    rig.monitor.script.capture = async ({ deploymentName }) =>
      isDown && deploymentName === 'site-b'
        ? new AppError('cluster_unreachable', 'The cluster prod-b does not answer.', 'Look at the VPN.')
        : null;
    await sweep(run);
    const [summary] = texts();
    expect(summary).toMatch(/🚨 1 drifted {3}✅ 2 ok {3}⚠️ 3 not measured/);
    expect(summary).toMatch(/site-a.*🚨 cam-002-mast.*✅ cam-00\d-mast.*site-b.*⚠️ cam-001-mast/s);
    expect(summary).toContain('the same for 2 more cameras');
    expect(texts().filter((text) => text.includes('site-b cannot be reached'))).toHaveLength(1);
    expect(texts().filter((text) => text.includes('cam-002-mast has drifted'))).toHaveLength(1);
    await sweep(run);
    expect(texts().filter((text) => text.includes('site-b cannot be reached'))).toHaveLength(1);
    isDown = false;
    await sweep(run);
    expect(texts().filter((text) => text.includes('site-b can be reached again'))).toHaveLength(1);
    expect(texts().filter((text) => text.includes('cannot be reached'))).toEqual([]);
    expect(texts().filter((text) => text.includes('Sweep of 6'))).toHaveLength(3);
    expect(texts()).toHaveLength(5);
  });

  it('that was killed goes on in the same message', async () => {
    const cameras = fleet(4);
    rig = await createSlackRig(cameras);
    const first = await rig.replica();
    await scanned(first.product, cameras);
    void first.app.watch.started?.(SLOT_MS);
    void first.app.watch.outcome?.(fakeOutcome(cameras[0]!, 0.1), SLOT_MS);
    await first.app.settled();
    await first.app.close();
    await sweep(await rig.replica(), SLOT_MS);
    expect(texts().filter((text) => /Sweep/.test(text))).toHaveLength(1);
  });

  it('that fails or does not come is reported', async () => {
    rig = await createSlackRig(fleet(2));
    const { app } = await rig.replica();
    void app.watch.failed?.(
      new AppError('store_unreachable', 'The store does not answer.', 'Look at it.'),
      SLOT_MS,
    );
    await rig.message(/The sweep failed: The store does not answer\. Look at it\./);
    const system = createSystemClock();
    const ended = { finishedAtMs: system.nowMs() };
    await new SweepsStore(rig.monitor.deps.store).update((state) => ({ ...state, ...ended }));
    await rig.replica({ clock: hoursLater() });
    await rig.message(/No sweep has ended since .* one is due every 60 minutes/);
    await rig.replica({ clock: hoursLater() });
    expect(texts().filter((text) => text.includes('No sweep has ended'))).toHaveLength(1);
  });
});

describe('a sweep that several programs share', () => {
  const summaries = () => texts().filter((text) => text.includes('Sweep'));

  it('is one message with the results of all', async () => {
    const cameras = fleet(9);
    rig = await createSlackRig(cameras);
    const runs = [await rig.replica(), await rig.replica(), await rig.replica()];
    for (const { app } of runs) void app.watch.started?.(SLOT_MS);
    await Promise.all(runs.map(({ app }) => app.settled()));
    expect(summaries()).toHaveLength(1);
    expect(summaries()[0]).toContain('Sweep: 0 of 9 cameras');
    const outcomes = cameras.map((camera, index) => fakeOutcome(camera, index === 4 ? null : 0.1));
    for (const index of cameras.keys()) void runs[index % 3]!.app.watch.outcome?.(outcomes[index]!, SLOT_MS);
    await Promise.all(runs.map(({ app }) => app.settled()));
    void runs[1]!.app.watch.finished?.(outcomes, 61_000, SLOT_MS);
    await rig.message(/Sweep of 9 cameras in .*🚨 0 drifted {3}✅ 8 ok {3}⚠️ 1 not measured/);
    await Promise.all(runs.map(({ app }) => app.settled()));
    expect(summaries()).toHaveLength(1);
    for (const { cameraName } of cameras) expect(summaries()[0]).toContain(cameraName);
    expect((await new SweepsStore(rig.monitor.deps.store).read()).finishedAtMs).not.toBeNull();
  });

  it('counts the measurement of a camera over the result of a program that found it busy', async () => {
    const cameras = fleet(2);
    rig = await createSlackRig(cameras);
    const [one, other] = [await rig.replica(), await rig.replica()];
    const busy = { ...fakeOutcome(cameras[0]!, null), failureCode: 'camera_busy' };
    void one.app.watch.finished?.([busy, fakeOutcome(cameras[1]!, 0.1)], 61_000, SLOT_MS);
    await one.app.settled();
    await rig.message(/✅ 1 ok {3}⚠️ 1 not measured/);
    void other.app.watch.outcome?.(fakeOutcome(cameras[0]!, 0.1), SLOT_MS);
    await other.app.settled();
    await rig.message(/✅ 2 ok {3}⚠️ 0 not measured/);
    expect(summaries()).toHaveLength(1);
  });

  it('that another program ends says what was not checked', async () => {
    const cameras = fleet(3);
    rig = await createSlackRig(cameras);
    const { app } = await rig.replica({ owner: 'dead' });
    void app.watch.started?.(SLOT_MS);
    const checked = fakeOutcome(cameras[0]!, 0.1);
    void app.watch.outcome?.(checked, SLOT_MS);
    await app.settled();
    await rig.message('Sweep: 1 of 3 cameras');
    const clock = { ...createSystemClock(), nowMs: () => Date.now() + 1_200_000 };
    const other = await rig.replica({ clock });
    void other.app.watch.finished?.([checked], 1_200_000, SLOT_MS);
    await rig.message(/Sweep of 3 cameras.*cam-001-mast: not checked: the sweep ended before/);
    expect(summaries()).toHaveLength(1);
  });
});

describe('a dead letter', () => {
  it('is reported in one message, with a remedy', async () => {
    const cameras = fleet(2);
    rig = await createSlackRig(cameras);
    const { queue } = rig.monitor.deps;
    const scheduledAt = new Date(SLOT_MS).toISOString();
    await queue.send([checkMessage(scheduledAt, cameras[1]!)], never);
    const [work] = await queue.take(1, 0, never);
    await work!.bury('It was taken 5 times and never done.');
    const stopping = new AbortController();
    const serve = async ({ product, app }: Replica): Promise<void> =>
      product.serve(() => undefined, stopping.signal, app.watch, 'worker');
    const runs = [await rig.replica(), await rig.replica(), await rig.replica()];
    const serving = runs.map(serve);
    await rig.message(
      /Gave up on the check of site-b\/cam-001-mast for 2026-01-31T14.*taken 5 times.*next sweep checks these cameras again.*dead-letter/,
    );
    // A program that comes later says nothing more.
    const late = await rig.replica();
    serving.push(serve(late));
    await eventually(async () => rig.monitor.clock.sleeping() === 4);
    stopping.abort(new Error('stop'));
    await Promise.allSettled(serving);
    for (const { app } of [...runs, late]) await app.settled();
    expect(texts().filter((text) => text.includes('Gave up'))).toHaveLength(1);
    expect(texts().filter((text) => text.includes('The sweep failed'))).toEqual([]);
  });
});

describe('once a day', () => {
  it('the digest of open incidents is posted by one program', async () => {
    const camera = device('site-a', 'cam-1');
    rig = await createSlackRig([camera]);
    const { app } = await rig.replica();
    void app.watch.outcome?.(fakeOutcome(camera, 0.9), SLOT_MS);
    await app.settled();
    const system = createSystemClock();
    const morningMs = Math.ceil(system.nowMs() / 86_400_000) * 86_400_000 + 8 * 3_600_000;
    const aheadMs = morningMs - system.nowMs();
    await new SweepsStore(rig.monitor.deps.store).update((state) => ({ ...state, digestDay: '2026-01-31' }));
    for (const owner of ['one', 'other'])
      await rig.replica({ owner, clock: { ...system, nowMs: () => system.nowMs() + aheadMs } });
    await rig.message(/1 open incident.*site-a\/cam-1-mast.*nobody yet/);
    expect(texts().filter((text) => text.includes('open incident'))).toHaveLength(1);
  });
});

/** A clock that leaps three hours ahead between two rounds of the periodic tasks. */
const hoursLater = (): Clock => {
  const system = createSystemClock();
  let aheadMs = 0;
  return {
    nowMs: () => system.nowMs() + aheadMs,
    sleep: (durationMs, signal) => {
      const isRound = durationMs === 60_000;
      if (isRound) aheadMs = 3 * 3_600_000;
      return system.sleep(isRound ? 200 : durationMs, signal);
    },
  };
};

describe('restarts and replicas', () => {
  it.each(['alerting', 'acknowledged', 'rescanning', 'resolved'] as const)(
    'a restart while %s neither posts again nor forgets',
    async (wanted) => {
      const camera = device('site-a', 'cam-1');
      rig = await createSlackRig([camera]);
      const first = await rig.replica();
      await scanned(first.product, [camera]);
      rig.monitor.script.solve = () => measured(0.9);
      await sweep(first);
      const message = await rig.message('cam-1-mast has drifted');
      const anna = rig.sandbox.user(ANNA);
      if (wanted === 'acknowledged') await anna.click(message, 'incident_acknowledge');
      if (wanted === 'rescanning') {
        const nowMs = Date.now();
        const job = {
          kind: 'check',
          by: ANNA,
          owner: 'dead',
          startedAtMs: nowMs - 1000,
          untilMs: nowMs - 1,
        } as const;
        await rig.incidents.update(camera, (state) => ({ ...state, job }));
      }
      if (wanted === 'resolved') {
        rig.monitor.script.solve = () => measured(0.1);
        await sweep(first);
      }
      await first.app.settled();
      await first.app.close();
      const incidentMessages = () => texts().filter((text) => /cam-1-mast (has drifted|is back)/.test(text));
      const before = incidentMessages();
      const second = await rig.replica();
      await second.app.settled();
      await eventually(async () => (await rig.incidents.of(camera)).job === null);
      expect(incidentMessages().map((text) => text.replace(/"block_id":"\w+"/g, ''))).toEqual(
        before.map((text) => text.replace(/"block_id":"\w+"/g, '')),
      );
      const repeats = (await rig.incidents.of(camera)).incident!.repeats;
      if (wanted !== 'resolved') {
        await sweep(second);
        expect((await rig.incidents.of(camera)).incident?.repeats).toBe(repeats + 1);
      }
      expect(incidentMessages()).toHaveLength(1);
      const state = await rig.incidents.of(camera);
      expect(phaseOf(state, state.incident!, Date.now())).toBe(wanted === 'rescanning' ? 'alerting' : wanted);
    },
  );

  it('several replicas post an incident once, and each handles its buttons', async () => {
    const camera = device('site-a', 'cam-1');
    rig = await createSlackRig([camera]);
    const runs = [await rig.replica(), await rig.replica(), await rig.replica()];
    await scanned(runs[0]!.product, [camera]);
    const outcomes = runs.map((_, index) => {
      const outcome = fakeOutcome(camera, 0.9);
      return { ...outcome, row: { ...outcome.row, timestamp: `2026-01-31T14:00:0${index}.000Z` } };
    });
    for (const [index, { app }] of runs.entries()) void app.watch.outcome?.(outcomes[index]!, SLOT_MS);
    await Promise.all(runs.map(({ app }) => app.settled()));
    const messages = texts().filter((text) => text.includes('has drifted'));
    expect(messages).toHaveLength(1);
    const message = await rig.message('has drifted');
    await rig.sandbox.user(ANNA).click(message, 'incident_acknowledge');
    await rig.message(`Acknowledged by <@${ANNA}>`);
  });
});
