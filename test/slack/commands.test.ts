import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SlackUser } from '../../src/sandbox/slack/user.js';
import { AppError } from '../../src/ports/app-error.js';
import { goodReport, measured } from '../monitor/monitor-rig.js';
import {
  ANNA,
  CHANNEL,
  createSlackRig,
  far,
  north,
  scanned,
  south,
  textOf,
  type Replica,
  type SlackRig,
} from './slack-rig.js';

let rig: SlackRig;
let anna: SlackUser;
let run: Replica;
beforeAll(async () => {
  rig = await createSlackRig([north, south, far]);
  run = await rig.replica();
  await scanned(run.product, [north, south]);
  anna = rig.sandbox.user(ANNA);
});
afterAll(() => rig.close());

/** Types a command and waits for what only Anna sees. */
const whispered = async (command: string): Promise<string> => {
  const before = anna.ephemerals.length;
  const delivery = await anna.slash(command);
  expect(delivery.outcome).toBe('acked');
  return textOf(await rig.sandbox.waitFor(() => anna.ephemerals[before]));
};

describe('/calib check', () => {
  it('edits one message from progress to result, with the picture', async () => {
    await anna.slash('/calib check cam-1');
    const message = await rig.message(/Checked site-a\/cam-1-mast/);
    expect(textOf(message)).toContain('✅ site-a/cam-1-mast: yaw 0.00° ± 0.010°');
    await rig.message('slack_file');
    expect(rig.sandbox.messages(CHANNEL)).toHaveLength(1);
    expect(anna.ephemerals).toEqual([]);
  });

  it('answers the user privately where the app may not post', async () => {
    const before = anna.ephemerals.length;
    await anna.slash('/calib check cam-1', 'general');
    await rig.sandbox.waitFor(() => anna.ephemerals[before]);
    await run.app.settled();
    expect(anna.ephemerals.slice(before).map(textOf)).toEqual([
      expect.stringContaining('Checked site-a/cam-1-mast'),
    ]);
  });

  it('takes deployments, globs, and all cameras; a camera without reference gets a button', async () => {
    await anna.slash('/calib check site-a');
    expect(textOf(await rig.message('Checked 2 cameras'))).toContain('cam-2-mast');
    await anna.slash('/calib check */cam-2*');
    await rig.message('Checked site-a/cam-2-mast');
    await anna.slash('/calib check');
    const all = textOf(await rig.message('Checked 3 cameras'));
    expect(all).toContain('site-b/cam-3-mast has no reference yet.');
    expect(all).toContain('camera_scan_reference');
  });

  it('moves to the given stops', async () => {
    const driven: unknown[] = [];
    rig.monitor.script.capture = async (of) => {
      driven.push(of.activeStops);
      return null;
    };
    await anna.slash('/calib check cam-2 active 10,-3,1 90,0,2');
    await rig.message('Checked site-a/cam-2-mast at active stops');
    expect(driven).toEqual([
      [
        { panDeg: 10, tiltDeg: -3, zoom: 1 },
        { panDeg: 90, tiltDeg: 0, zoom: 2 },
      ],
    ]);
  });

  it.each([
    ['/calib check cam-9', /No camera is named cam-9.*Did you mean/],
    ['/calib chekc cam-1', /Unknown command: \/calib chekc\. Did you mean \/calib check\?/],
    ['/calib check cam-2 active', /cam-2-mast has no active stops/],
    ['/calib check cam-2 active 1;2', /1;2.* is not a stop/],
    ['/calib history cam-1 yesterday', /The time yesterday is neither/],
    ['/calib reference', /The camera is missing/],
    ['/calib silence cam-1 long', /long.* is not a period/],
  ])('%s is answered to the user only', async (command, answer) => {
    const before = rig.sandbox.messages(CHANNEL).length;
    expect(await whispered(command)).toMatch(answer);
    expect(rig.sandbox.messages(CHANNEL)).toHaveLength(before);
  });
});

describe('other commands', () => {
  it('help, status and devices are answered to the user only', async () => {
    expect(await whispered('/calib help')).toContain('/calib check');
    expect(await whispered('/calib devices')).toContain('site-b/cam-3-mast');
    expect(await whispered('/calib status')).toContain('✅ 2 ok   ⚠️ 1 not measured');
  });

  it('history posts text, then the plot', async () => {
    await anna.slash('/calib history cam-1 7d');
    await rig.message(/History of site-a\/cam-1-mast: \d checks?, 0 not measured/);
    await rig.message(/History of site-a\/cam-1-mast.*slack_file/);
  });

  it('reference scans a camera without one, and asks before it replaces one', async () => {
    await anna.slash('/calib reference cam-3');
    await rig.message('site-b/cam-3-mast has a new reference');
    await rig.message(/site-b\/cam-3-mast has a new reference.*slack_file.*what the stops cover/);
    await run.app.settled();
    rig.sandbox.rateLimit('files.getUploadURLExternal', 1);
    expect(await whispered('/calib reference cam-1')).toContain('already has a reference');
    const question = anna.ephemerals.at(-1)!;
    const click = await anna.click(question, 'camera_accept_reference');
    expect(click.outcome).toBe('asked');
    await anna.confirm();
    await rig.sandbox.waitFor(() => run.logged.some(({ message }) => /coverage map of a scan/.test(message)));
    expect(textOf(await rig.message('site-a/cam-1-mast has a new reference'))).not.toContain('slack_file');
  });

  it('the previous reference comes back by a command or a button, after a confirmation', async () => {
    expect(await whispered('/calib reference cam-1 restore')).toContain('its previous reference');
    const question = anna.ephemerals.at(-1)!;
    expect((await anna.click(question, 'camera_restore_reference')).outcome).toBe('asked');
    await anna.confirm();
    const message = await rig.message('site-a/cam-1-mast is measured against its previous reference again');
    expect((await anna.click(message, 'camera_restore_reference')).outcome).toBe('asked');
    await anna.confirm();
    await rig.sandbox.waitFor(() => rig.sandbox.thread(message).length === 1);
    expect(await whispered('/calib reference cam-3 restore')).toContain('its previous reference');
    const before = anna.ephemerals.length;
    await anna.click(anna.ephemerals.at(-1)!, 'camera_restore_reference');
    await anna.confirm();
    const refusal = await rig.sandbox.waitFor(() => anna.ephemerals[before]);
    expect(textOf(refusal)).toContain('cam-3-mast has no previous reference');
  });

  it('a scan that fails says so in its message, and gives the user the reason', async () => {
    rig.monitor.script.report = { ...goodReport, usable: false, faults: ['Stop 1 shows fog.'] };
    expect(await whispered('/calib reference cam-2')).toContain('already has a reference');
    await anna.click(anna.ephemerals.at(-1)!, 'camera_accept_reference');
    await anna.confirm();
    await rig.message('The scan of site-a/cam-2-mast cannot be used.*Stop 1 shows fog.*slack_file');
    rig.monitor.script.report = goodReport;
    rig.failScan = new AppError('camera_unreachable', 'The camera hangs.', 'Restart it.');
    const before = anna.ephemerals.length;
    await anna.click(anna.ephemerals.at(-1)!, 'camera_accept_reference');
    await anna.confirm();
    await rig.message('The scan of site-a/cam-2-mast .* failed');
    expect(textOf(await rig.sandbox.waitFor(() => anna.ephemerals[before]))).toContain(
      'The camera hangs. Restart it.',
    );
    rig.failScan = null;
  });

  it('alone opens a form that checks what was picked', async () => {
    const before = rig.sandbox.messages(CHANNEL).length;
    await anna.slash('/calib');
    await rig.sandbox.waitFor(() => anna.modals.length === 1);
    const faults = await anna.submitView({
      mode: { mode: 'passive' },
      cameras: { cameras: ['site-a/cam-2-mast'] },
    });
    expect(faults).toEqual({});
    await rig.sandbox.waitFor(() =>
      JSON.stringify(rig.sandbox.messages(CHANNEL)[before] ?? '').includes('Checked site-a/cam-2'),
    );
  });

  it('silence records an incident without an alert', async () => {
    expect(await whispered('/calib silence cam-1 2h')).toContain('site-a/cam-1-mast is silenced until');
    rig.monitor.script.solve = () => measured(0.9);
    await anna.slash('/calib check cam-1');
    await rig.message('Checked site-a/cam-1-mast.*0.90°');
    expect((await rig.incidents.of(north)).incident).toMatchObject({ message: null, resolvedAtMs: null });
    expect(
      rig.sandbox.messages(CHANNEL).filter((message) => /cam-1-mast has drifted/.test(textOf(message))),
    ).toEqual([]);
    expect(await whispered('/calib silence site-a off')).toContain('Alerts for site-a are on again');
  });
});
