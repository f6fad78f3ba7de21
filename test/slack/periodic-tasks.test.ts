import { afterEach, describe, expect, it } from '@jest/globals';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { AlertSettings } from '../../src/config/settings.js';
import { SweepsStore } from '../../src/slack/state/outage-state.js';
import { isQuiet, localTime } from '../../src/slack/api/local-time.js';
import type { Clock } from '../../src/ports/clock.js';
import { fakeOutcome } from '../fakes/fake-product.js';
import { fakeAlerts } from '../fakes/fake-settings.js';
import { device } from '../monitor/monitor-rig.js';
import { ANNA, CHANNEL, createSlackRig, eventually, textOf, type SlackRig } from './slack-rig.js';

const SLOT_MS = Date.parse('2026-01-31T14:00:00Z');
let rig: SlackRig;
afterEach(() => rig.close());

const HOUR_MS = 3_600_000;
const texts = () => rig.sandbox.messages(CHANNEL).map(textOf);
const system = createSystemClock();
/** A clock that is ahead of the true time. */
const ahead = (byMs: number): Clock => ({ ...system, nowMs: () => system.nowMs() + byMs });
const cameras = ['cam-1', 'cam-2', 'cam-3'].map((id) => device('site-a', id));

const raised = async (alerts: Partial<AlertSettings> = {}): Promise<void> => {
  rig = await createSlackRig(cameras, { alerts: { ...fakeAlerts, ...alerts } });
  const { app } = await rig.replica();
  for (const camera of cameras) void app.watch.outcome?.(fakeOutcome(camera, 0.9), SLOT_MS);
  await app.settled();
};

describe('an incident that nobody acknowledges', () => {
  it('is in one reminder after its time', async () => {
    await raised();
    await rig.sandbox.user(ANNA).click(await rig.message('cam-2-mast has drifted'), 'incident_acknowledge');
    await rig.message(/Acknowledged by/);
    for (const owner of ['one', 'other']) {
      const { app } = await rig.replica({ owner, clock: ahead(5 * HOUR_MS) });
      await app.settled();
    }
    const message = await rig.message(/Nobody has acknowledged 2 incidents yet.*cam-1-mast.*cam-3-mast/);
    expect(textOf(message)).not.toContain('cam-2-mast');
    const anna = rig.sandbox.user(ANNA);
    await anna.click(message, 'incident_acknowledge', { blockId: message.blocks[1]!['block_id'] as string });
    await rig.message(/cam-1-mast has drifted.*Acknowledged by/);
    const { app } = await rig.replica({ owner: 'later', clock: ahead(10 * HOUR_MS) });
    await rig.message(/Nobody has acknowledged 1 incident yet.*cam-3-mast/);
    await app.settled();
    expect(texts().filter((text) => text.includes('Nobody has acknowledged'))).toHaveLength(2);
  });

  it.each([
    { name: 'reminders are off', alerts: { remindAfterMinutes: null } },
    { name: 'quiet hours last all day', alerts: { quietHours: { fromMinute: 0, untilMinute: 1_440 } } },
  ])('is in no reminder when $name', async ({ alerts }) => {
    await raised({ digestAtMinute: 0, ...alerts });
    const clock = ahead(29 * HOUR_MS);
    const { day } = localTime(clock.nowMs(), fakeAlerts.timeZone);
    await rig.replica({ clock });
    const sweeps = new SweepsStore(rig.monitor.deps.store);
    // The digest comes after the reminders in the same round.
    await eventually(async () => (await sweeps.read()).digestDay === day);
    expect(texts().filter((text) => text.includes('Nobody has acknowledged'))).toEqual([]);
  });
});

describe('a request whose program was killed', () => {
  it('is ended in its message by another program within minutes', async () => {
    rig = await createSlackRig(cameras);
    const dead = await rig.replica({ owner: 'dead' });
    await dead.product.scanReference(cameras[0]!, () => undefined, new AbortController().signal);
    rig.monitor.script.capture = (_device, _dir, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    await rig.sandbox.user(ANNA).slash('/calib check cam-1');
    await rig.message('Checking site-a/cam-1-mast');
    const replies = () => rig.monitor.deps.store.list('_state/slack/replies/');
    await eventually(async () => (await replies()).length === 1);
    await rig.replica({ owner: 'other', clock: ahead(60_000) });
    await eventually(async () => (await rig.monitor.deps.store.list('_state/slack/runs/')).length === 2);
    await rig.message('🔎 Checking site-a/cam-1-mast');
    await rig.replica({ owner: 'next', clock: ahead(10 * 60_000) });
    await rig.message(
      /Interrupted: the program that ran this has ended. Try again.*Checking site-a\/cam-1-mast/,
    );
    await eventually(async () => (await replies()).length === 0);
  });
});

describe('the local time', () => {
  it('follows the time zone and its daylight saving time', () => {
    expect(localTime(Date.parse('2026-01-31T23:30:00Z'), 'Europe/Berlin')).toEqual({
      day: '2026-02-01',
      minute: 30,
    });
    expect(localTime(Date.parse('2026-07-31T06:05:00Z'), 'Europe/Berlin')).toEqual({
      day: '2026-07-31',
      minute: 485,
    });
    expect(localTime(Date.parse('2026-07-31T00:00:00Z'), 'UTC')).toEqual({ day: '2026-07-31', minute: 0 });
  });

  it.each([
    ['21:59', false],
    ['22:00', true],
    ['03:00', true],
    ['06:00', false],
  ])('at %s, quiet hours from 22:00 to 6:00 apply: %s', (time, quiet) => {
    const alerts = { ...fakeAlerts, quietHours: { fromMinute: 1_320, untilMinute: 360 } };
    expect(isQuiet(alerts, Date.parse(`2026-01-31T${time}:00Z`))).toBe(quiet);
    expect(isQuiet(fakeAlerts, Date.parse(`2026-01-31T${time}:00Z`))).toBe(false);
  });
});
