import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { phaseOf } from '../../src/monitor/record/incident.js';
import type { DeviceSettings } from '../../src/config/settings.js';
import type { Message } from '../../src/sandbox/slack/workspace/workspace-model.js';
import type { SlackUser } from '../../src/sandbox/slack/user.js';
import { device, measured } from '../monitor/monitor-rig.js';
import {
  ANNA,
  BEN,
  CHANNEL,
  createSlackRig,
  scanned,
  textOf,
  type Replica,
  type SlackRig,
} from './slack-rig.js';

const cameras = Array.from({ length: 8 }, (_, index) =>
  device('site-a', `cam-${index}`, {
    activeStops: [{ panDeg: 5, tiltDeg: 0, zoom: 1 }],
    ...(index === 5 ? { mayMove: [BEN], mayReplaceReference: ['S0OPERATORS'] } : {}),
  }),
);

let rig: SlackRig;
let run: Replica;
let anna: SlackUser;
let ben: SlackUser;
/** By how much each camera is off, degrees, by its name in the path of its pictures. */
const offBy = new Map<string, number>();
let solving: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  rig = await createSlackRig(cameras, {
    userGroups: [{ id: 'S0OPERATORS', handle: 'operators', users: [BEN] }],
  });
  rig.monitor.script.solve = (dir) =>
    measured([...offBy].find(([name]) => dir.includes(`/${name}-mast/`))?.[1] ?? 0);
  rig.monitor.script.capture = async () => {
    await solving();
    return null;
  };
  run = await rig.replica();
  await scanned(run.product, cameras);
  [anna, ben] = [rig.sandbox.user(ANNA), rig.sandbox.user(BEN)];
});
afterAll(() => rig.close());

const raise = async (camera: DeviceSettings): Promise<Message> => {
  offBy.set(camera.deviceId, 0.9);
  await anna.slash(`/calib check ${camera.deviceId}`);
  return rig.message(new RegExp(`${camera.cameraName} has drifted.*slack_file`));
};
const now = (message: Message): Message =>
  rig.sandbox.messages(CHANNEL).find(({ ts }) => ts === message.ts) ?? message;
const says = (message: Message, text: string | RegExp): Promise<boolean> =>
  rig.sandbox.waitFor(() => textOf(now(message)).match(text) !== null);
const phase = async (camera: DeviceSettings) => {
  const state = await rig.incidents.of(camera);
  return phaseOf(state, state.incident!, Date.now());
};

describe('an incident in Slack', () => {
  it('lives in one message from alert to resolution, its repeats in the thread', async () => {
    const camera = cameras[0]!;
    const message = await raise(camera);
    expect(textOf(message)).toMatch(/yaw \+0\.90° ± 0\.010°.*turn the mount 0\.9° to the left/);
    await anna.click(message, 'incident_acknowledge');
    await says(message, `Acknowledged by <@${ANNA}>`);
    await run.app.settled();
    await anna.click(now(message), 'camera_rescan');
    await rig.sandbox.waitFor(() =>
      rig.sandbox.thread(message).some((reply) => /Seen again/.test(textOf(reply))),
    );
    await says(message, /seen again 1×/);
    await anna.click(now(message), 'incident_unacknowledge');
    await says(message, '"incident_acknowledge"');
    await run.app.settled();
    offBy.set(camera.deviceId, 0.45);
    await anna.click(now(message), 'camera_rescan_active');
    await says(message, /seen again 2×/);
    await run.app.settled();
    offBy.set(camera.deviceId, 0.1);
    await anna.click(now(message), 'camera_rescan');
    await says(message, /is back within its threshold/);
    await rig.sandbox.waitFor(() => rig.sandbox.thread(message).length === 3);
    expect(await phase(camera)).toBe('resolved');
  });

  it('the second of two who acknowledge at once learns who was first', async () => {
    const message = await raise(cameras[1]!);
    await Promise.all([
      anna.click(message, 'incident_acknowledge'),
      ben.click(message, 'incident_acknowledge'),
    ]);
    await says(message, 'Acknowledged by');
    const answer = await rig.sandbox.waitFor(() => [...anna.ephemerals, ...ben.ephemerals].at(-1));
    const owner = (await rig.incidents.of(cameras[1]!)).incident!.acknowledged!.by;
    expect(answer.onlyFor).toBe(owner === ANNA ? BEN : ANNA);
    expect(textOf(answer)).toContain(`<@${owner}> already acknowledged site-a/cam-1-mast`);
  });

  it('two presses of Rescan start one job, and the message shows it while it runs', async () => {
    const message = await raise(cameras[2]!);
    await run.app.settled();
    let release = (): void => undefined;
    let captures = 0;
    solving = () =>
      new Promise((resolve) => {
        captures += 1;
        release = resolve;
      });
    await anna.click(message, 'camera_rescan');
    await says(message, /is being measured again/);
    await rig.sandbox.waitFor(() => captures === 1);
    const before = ben.ephemerals.length;
    await ben.click(message, 'camera_rescan').catch(() => undefined);
    await ben.slash('/calib check cam-2');
    await rig.message(/cam-2-mast is already being checked for/);
    solving = async () => undefined;
    release();
    await says(message, /seen again 1×/);
    await run.app.settled();
    expect(captures).toBe(1);
    expect(ben.ephemerals.length - before).toBeLessThanOrEqual(1);
  });

  it('whose message was deleted gets a new one', async () => {
    const message = await raise(cameras[3]!);
    await run.app.settled();
    rig.sandbox.deleteMessage(now(message));
    offBy.set('cam-3', 1.2);
    await anna.slash('/calib check cam-3');
    const fresh = await rig.message(/cam-3-mast has drifted.*1\.20°/);
    expect(fresh.ts).not.toBe(message.ts);
  });

  it('is posted without a picture when the upload fails', async () => {
    await run.app.settled();
    rig.sandbox.rateLimit('files.getUploadURLExternal', 1);
    offBy.set('cam-4', 0.9);
    await anna.slash('/calib check cam-4');
    const message = await rig.message(/cam-4-mast has drifted/);
    await run.app.settled();
    expect(textOf(now(message))).not.toContain('slack_file');
    expect(run.logged.filter(({ event }) => event === 'slack_picture').length).toBeGreaterThan(0);
  });

  it('needs permission to move the camera and to replace its reference', async () => {
    const message = await raise(cameras[5]!);
    await run.app.settled();
    const before = anna.ephemerals.length;
    await anna.click(now(message), 'camera_rescan_active');
    const refusal = await rig.sandbox.waitFor(() => anna.ephemerals[before]);
    expect(textOf(refusal)).toMatch(new RegExp(`You may not move site-a/cam-5-mast.*<@${BEN}>`));
    expect((await ben.click(now(message), 'camera_accept_reference')).outcome).toBe('asked');
    await ben.confirm();
    await says(message, /has a new reference/);
    await rig.sandbox.waitFor(() =>
      rig.sandbox
        .thread(message)
        .some((reply) => /site-a\/cam-5-mast has a new reference/.test(textOf(reply))),
    );
  });

  it('is silenced by a button and its form, takes notes, and shows its history', async () => {
    const message = await raise(cameras[6]!);
    await run.app.settled();
    await anna.click(now(message), 'camera_silence');
    await rig.sandbox.waitFor(() => anna.modals.length === 1);
    await anna.submitView({ period: { period: '1h' }, scope: { scope: 'camera' } });
    await says(message, `Silenced by <@${ANNA}>`);
    await ben.shortcut(now(message), 'add_note');
    await rig.sandbox.waitFor(() => ben.modals.length === 1);
    await ben.submitView({ note: { note: 'A crane <hit> it' } });
    await says(message, /📝 <@U0BEN000001>: A crane &lt;hit&gt; it/);
    await anna.click(now(message), 'camera_history');
    await rig.sandbox.waitFor(() =>
      rig.sandbox
        .thread(message)
        .some((reply) => /History of site-a\/cam-6-mast.*slack_file/.test(textOf(reply))),
    );
  });
});
