import { afterEach, describe, expect, it } from '@jest/globals';
import { createSlackApp } from '../../src/slack/slack-app.js';
import { AppError } from '../../src/ports/app-error.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import { fakeOutcome } from '../fakes/fake-product.js';
import { device, measured } from '../monitor/monitor-rig.js';
import { ANNA, CHANNEL, createSlackRig, MANIFEST, scanned, textOf, type SlackRig } from './slack-rig.js';

const camera = device('site-a', 'cam-1');
const SLOT_MS = Date.parse('2026-01-31T14:00:00Z');
let rig: SlackRig;
afterEach(() => rig.close());

const texts = () => rig.sandbox.messages(CHANNEL).map(textOf);

describe('the connection to Slack', () => {
  it('reports a wrong token', async () => {
    rig = await createSlackRig([camera]);
    await expect(rig.replica({ slack: { botToken: 'xoxb-wrong' } })).rejects.toMatchObject({
      code: 'slack_token',
      message: 'Slack rejected the token.',
    });
    await expect(rig.replica({ slack: { appToken: 'xapp-wrong' } })).rejects.toMatchObject({
      code: 'slack_token',
    });
  });

  it('survives the hourly refresh and a broken line', async () => {
    rig = await createSlackRig([camera]);
    const { product } = await rig.replica();
    await scanned(product, [camera]);
    const opened = () => rig.sandbox.calls.filter(({ method }) => method === 'apps.connections.open').length;
    const reconnected = (times: number) =>
      rig.sandbox.waitFor(() => opened() === times && rig.sandbox.sockets.connections === 1, 15_000);
    rig.sandbox.sockets.refresh();
    await reconnected(2);
    expect((await rig.sandbox.user(ANNA).slash('/calib help')).outcome).toBe('acked');
    rig.sandbox.sockets.drop();
    await reconnected(3);
    expect((await rig.sandbox.user(ANNA).slash('/calib check cam-1')).outcome).toBe('acked');
    await rig.message('Checked site-a/cam-1-mast');
  }, 40_000);

  it('retries while Slack cannot be reached, and ends on close', async () => {
    rig = await createSlackRig([camera]);
    const { product } = await rig.replica();
    const logged: string[] = [];
    const app = createSlackApp({
      product,
      store: rig.monitor.deps.store,
      clock: createSystemClock(),
      log: ({ event }) => logged.push(event),
      identity: { self: 'x', isAlive: async () => null },
      slack: { channel: 'x', botToken: 'xoxb-1', appToken: 'xapp-1', apiUrl: 'http://127.0.0.1:9/api/' },
    });
    const starting = app.start(new AbortController().signal).catch((fault: Error) => fault.message);
    await rig.sandbox.waitFor(() => logged.includes('slack_unreachable'), 15_000);
    await app.close();
    expect(await starting).toBe('the Slack app ends');
  }, 30_000);

  it('a channel without the app is logged, and users get their answers privately', async () => {
    rig = await createSlackRig([camera]);
    const run = await rig.replica();
    await scanned(run.product, [camera]);
    rig.sandbox.setAppMembership(CHANNEL, false);
    void run.app.watch.outcome?.(fakeOutcome(camera, 0.9), SLOT_MS);
    await run.app.settled();
    expect(run.logged.find(({ event }) => event === 'slack_untold')?.message).toMatch(
      /The app is not in #calibration_monitoring\. Invite it there/,
    );
    const anna = rig.sandbox.user(ANNA);
    await anna.slash('/calib check cam-1');
    await rig.sandbox.waitFor(() =>
      anna.ephemerals.some((message) => /Checked site-a\/cam-1-mast/.test(textOf(message))),
    );
    rig.sandbox.setAppMembership(CHANNEL, true);
    rig.monitor.script.solve = () => measured(0.9);
    await anna.slash('/calib check cam-1');
    await rig.message('cam-1-mast has drifted');
    await run.app.settled();
    rig.sandbox.archiveChannel(CHANNEL);
    void run.app.watch.failed?.(
      new AppError('store_unreachable', 'The store does not answer.', 'Look at it.'),
      SLOT_MS,
    );
    await run.app.settled();
    expect(run.logged.at(-1)?.message).toMatch(/is archived\. Unarchive it/);
  });

  it('missing scopes are logged at the start; everything else works', async () => {
    const manifest = structuredClone(MANIFEST) as { oauth_config: { scopes: { bot: string[] } } };
    manifest.oauth_config.scopes.bot = ['chat:write', 'commands'];
    rig = await createSlackRig([camera], { manifest });
    const run = await rig.replica();
    await rig.sandbox.waitFor(() => run.logged.some(({ event }) => event === 'slack_scope'));
    expect(run.logged.find(({ event }) => event === 'slack_scope')?.message).toBe(
      'The Slack app lacks the scope files:write, usergroups:read. Update the app from manifest.json and reinstall it.',
    );
    await scanned(run.product, [camera]);
    rig.monitor.script.solve = () => measured(0.9);
    await rig.sandbox.user(ANNA).slash('/calib check cam-1');
    await rig.message('cam-1-mast has drifted');
    await run.app.settled();
    expect(texts().filter((text) => text.includes('slack_file'))).toEqual([]);
    expect(run.logged.find(({ event }) => event === 'slack_picture')?.cause).toMatchObject({
      message: 'The Slack app lacks the scope files:write.',
    });
  });

  it('a channel that does not exist is logged', async () => {
    rig = await createSlackRig([camera]);
    const { app, logged } = await rig.replica({ slack: { channel: '#nowhere' } });
    void app.watch.started?.(SLOT_MS);
    await app.settled();
    expect(logged.find(({ event }) => event === 'slack_untold')?.message).toMatch(
      /The app cannot see a channel #nowhere\. Correct slack\.channel in devices\.yaml/,
    );
  });

  it('a burst of 429s loses and duplicates nothing', async () => {
    const cameras = Array.from({ length: 6 }, (_, index) => device('site-a', `cam-${index}`));
    rig = await createSlackRig(cameras);
    const run = await rig.replica();
    rig.sandbox.rateLimit('chat.postMessage', 1, 2);
    rig.sandbox.rateLimit('chat.update', 1, 1);
    void run.app.watch.started?.(SLOT_MS);
    const outcomes = cameras.map((each) => fakeOutcome(each, 0.9));
    for (const outcome of outcomes) void run.app.watch.outcome?.(outcome, SLOT_MS);
    void run.app.watch.finished?.(outcomes, 1_000, SLOT_MS);
    await run.app.settled();
    for (const { cameraName } of cameras)
      expect(texts().filter((text) => text.includes(`${cameraName} has drifted`))).toHaveLength(1);
    expect(texts()).toHaveLength(7);
    expect(rig.sandbox.calls.filter(({ error }) => error === 'ratelimited')).toHaveLength(3);
  });
});

describe('the Home tab', () => {
  it('shows the fleet, worst first, filters and pages, also when Slack repeats the event', async () => {
    const cameras = Array.from({ length: 170 }, (_, index) => device(`site-${index % 2}`, `cam-${index}`));
    rig = await createSlackRig(cameras);
    const run = await rig.replica();
    for (const each of cameras)
      void run.app.watch.outcome?.(fakeOutcome(each, each.deviceId === 'cam-7' ? null : 0.1), SLOT_MS);
    await run.app.settled();
    const anna = rig.sandbox.user(ANNA);
    const home = () => JSON.stringify(anna.home?.content ?? {});
    const startedMs = performance.now();
    await anna.openHome();
    await rig.sandbox.waitFor(() => home().includes('page 1 of 3, 170 shown'));
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await anna.openHome();
    expect(home().indexOf('cam-7-mast')).toBeLessThan(home().indexOf('cam-2-mast'));
    await anna.click(anna.home!, 'home_next');
    await rig.sandbox.waitFor(() => home().includes('page 2 of 3'));
    await anna.click(anna.home!, 'home_filter', { value: 'unmeasured' });
    await rig.sandbox.waitFor(() => home().includes('1 shown'));
    await anna.click(anna.home!, 'home_filter', { value: 'all' });
    await rig.sandbox.waitFor(() => home().includes('170 shown'));
    await anna.click(anna.home!, 'home_deployment', { value: 'site-1' });
    await rig.sandbox.waitFor(() => home().includes('85 shown'));
    expect(home()).not.toContain('site-0/cam');
  });
});
