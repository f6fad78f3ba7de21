import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createStoreWorkQueue } from '../../src/adapters/local/object-store-queue.js';
import { WaitingResults } from '../../src/adapters/aws/pending-rows.js';
import { createProduct } from '../../src/monitor/create-product.js';
import type { Dependencies } from '../../src/monitor/record/dependencies.js';
import { IncidentStore } from '../../src/monitor/record/incident-store.js';
import { SummaryStore } from '../../src/slack/state/sweep-summary-state.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import type { ResultsTable } from '../../src/ports/results-table.js';
import { SlackSandbox, type SlackSandboxOptions } from '../../src/sandbox/slack/sandbox.js';
import { createSlackApp, type SlackApp } from '../../src/slack/slack-app.js';
import { fakeAlerts } from '../fakes/fake-settings.js';
import { createMemoryResultsTable } from '../fakes/memory-results-table.js';
import { isOver, mortal, type Life, type Step } from '../fakes/mortal.js';
import { createMonitorRig, device, measured, START_MS, type MonitorRig } from '../monitor/monitor-rig.js';
import { CHANNEL, JPEG, MANIFEST, QUICK, textOf } from './slack-rig.js';

const never = new AbortController().signal;
const cameras = [device('site-a', 'cam-1'), device('site-a', 'cam-2')];
const SLOT_MS = Math.floor(START_MS / 3_600_000) * 3_600_000;

interface Program {
  readonly life: Life;
  readonly app: SlackApp;
  readonly stopping: AbortController;
  readonly serving: Promise<void>;
}

let rig: MonitorRig;
let sandbox: SlackSandbox;
let table: ResultsTable;
let programs: Program[];
/** Cameras away from their home position, and the runs that must put them back. */
let away: Map<string, string>;

const begin = async (options: Partial<SlackSandboxOptions> = {}): Promise<void> => {
  rig = await createMonitorRig(cameras, 1);
  for (const each of cameras) await rig.product.scanReference(each, () => undefined, never);
  rig.script.solve = (dir) => measured(dir.includes('cam-1') ? 0.9 : 0.1);
  sandbox = new SlackSandbox({ manifest: MANIFEST, clock: rig.clock, fileReadyAfterMs: 0, ...options });
  await sandbox.start();
  sandbox.countCalls(false);
  [table, programs] = [createMemoryResultsTable(), []];
  away = new Map<string, string>();
};
afterEach(async () => {
  for (const { stopping } of programs) stopping.abort(new Error('stop'));
  await Promise.all(
    programs.map(async ({ app, life, serving }) => {
      const closing = Promise.allSettled([app.close(), serving]);
      // A killed program never settles; its socket closes in a moment.
      await (isOver(life) ? Promise.race([closing, new Promise((end) => setTimeout(end, 200))]) : closing);
    }),
  );
  await sandbox.close();
  await rig.close();
});

/** Rows are objects in the store first, as with Athena. */
const resultsOn = (store: ObjectStore): ResultsTable => {
  const waiting = new WaitingResults(store, rig.clock);
  return {
    ...table,
    merge: (rows) => waiting.add(rows),
    settle: async () => {
      const { waiting: found } = await waiting.read();
      await table.merge(found.flatMap(({ rows }) => rows));
      await waiting.remove(found.map(({ key }) => key));
      return found.length;
    },
  };
};

/** A camera that moves away and back; when this run is killed meanwhile, the next one on the spool puts it back. */
const drivenBy = (spool: string, life: Life): Pick<Dependencies, 'capture' | 'restoreCameras'> => ({
  capture: {
    ...rig.deps.capture,
    capture: async (of, options, signal) => {
      away.set(of.deviceId, spool);
      const there = mortal({ away: async () => undefined }, life);
      await there.away();
      const manifest = await rig.deps.capture.capture(of, options, signal);
      away.delete(of.deviceId);
      const back = mortal({ captured: async () => undefined }, life);
      await back.captured();
      return manifest;
    },
  },
  restoreCameras: async () => {
    for (const [camera, by] of away) if (by === spool) away.delete(camera);
    return [];
  },
});

/** A program of the fleet with its Slack shell, on a spool of its own. */
const start = async (self: string, spool: string, endsAt?: Step): Promise<Program> => {
  const { deps, clock } = rig;
  const life: Life = { steps: 0, limit: Infinity, ...(endsAt && { endsAt }) };
  const spoolDir = path.join(rig.spoolDir, spool);
  await mkdir(spoolDir, { recursive: true });
  const store = mortal(deps.store, life);
  const identity = {
    self,
    isAlive: async (other: string) => (other === self ? true : other === 'killed' ? false : null),
  };
  const alerts = { ...fakeAlerts, confirm: { found: 1, of: 1 } };
  const product = createProduct({
    ...{ ...deps, store, identity, ...drivenBy(spool, life) },
    settings: { ...deps.settings, spoolDir, alerts },
    queue: createStoreWorkQueue({ store, clock, visibilityMs: 120_000, maxAttempts: 5 }),
    results: resultsOn(store),
    pictures: { ...deps.pictures, overlay: async () => JPEG },
    solver: mortal(deps.solver, life),
  });
  const { botToken, appToken, apiUrl } = sandbox;
  const app = createSlackApp({
    ...{ product, store, clock, identity, pace: { ...QUICK, pollMs: 5_000 }, log: () => undefined },
    slack: { channel: `#${CHANNEL}`, botToken, appToken, apiUrl },
  });
  await app.start(never);
  const stopping = new AbortController();
  const serving = product
    .serve(() => undefined, stopping.signal, app.watch)
    .catch((reason: unknown) => {
      if (!stopping.signal.aborted) throw reason;
    });
  const program = { life, app, stopping, serving };
  programs.push(program);
  return program;
};

/** How long to wait in real time for Slack when the clock must not advance any more. */
const PATIENCE_MS = 30_000;

/** Advances the clock until a condition holds, up to a limit; Slack answers and is retried in real time. */
const until = async (what: string, isSo: () => boolean | Promise<boolean>, withinMs = 420_000) => {
  const untilMs = rig.clock.nowMs() + withinMs;
  const patientUntilMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > patientUntilMs) throw new Error(`not in time: ${what}; ${texts().join(' | ')}`);
    await new Promise((resolve) => setTimeout(resolve, 8));
    if (rig.clock.nowMs() < untilMs) await rig.clock.advance(2_000);
  }
};
const pass = async (durationMs: number): Promise<void> => {
  const untilMs = rig.clock.nowMs() + durationMs;
  await until('time', () => rig.clock.nowMs() >= untilMs, durationMs);
};

const texts = (): string[] => sandbox.messages(CHANNEL).map(textOf);
const says = (text: RegExp): boolean => texts().some((each) => text.test(each));
const keys = (prefix: string): Promise<string[]> => rig.deps.store.list(prefix);

const isAllPosted = async (): Promise<boolean> => {
  const { incident } = await new IncidentStore(rig.deps.store).of(cameras[0]!);
  const summary = await new SummaryStore(rig.deps.store).of(SLOT_MS);
  const isSummed = summary !== null && summary.shownStep >= 1_000;
  return incident?.message != null && incident.picture !== null && isSummed;
};

/** One row, all pictures and one message for each camera; every camera back home, nothing left over. */
const expectOnce = async (): Promise<void> => {
  const rows = await table.history({ sinceMs: 0 });
  expect(rows.map((row) => row.device_id).sort()).toEqual(['cam-1', 'cam-2']);
  for (const row of rows) {
    const prefix = row.files_location.replace('memory://store/', '');
    const files = (await keys(`${prefix}/`)).map((key) => key.slice(prefix.length + 1));
    const drawn = row.device_id === 'cam-1' ? ['overlay.jpg'] : [];
    expect(files).toEqual(['0000.jpg', 'manifest.json', ...drawn, 'result.json']);
  }
  expect(
    texts().filter((text) => text.includes('cam-1-mast has drifted') && text.includes('slack_file')),
  ).toHaveLength(1);
  expect(texts().filter((text) => /Sweep of 2 cameras in .*🚨 1 drifted {3}✅ 1 ok/.test(text))).toHaveLength(
    1,
  );
  expect(texts()).toHaveLength(2);
  expect(sandbox.messages(CHANNEL).flatMap((message) => sandbox.thread(message))).toEqual([]);
  expect([...away]).toEqual([]);
  expect(await keys('_state/queue/')).toEqual([]);
  expect(await keys('_state/results/waiting/')).toEqual([]);
};

const writes =
  (key: RegExp, body = /(?:)/): Step =>
  (call, [to, what]) =>
    call === 'put' && key.test(String(to)) && body.test(String(what)) ? 'after' : false;
const deletes =
  (key: RegExp): Step =>
  (call, [of]) =>
    call === 'delete' && key.test(String(of)) ? 'after' : false;
const ends =
  (name: string): Step =>
  (call) =>
    call === name ? 'after' : false;
/** When Slack shows it, before that is noted in the store. */
const shownUnnoted =
  (text: RegExp, key: RegExp): Step =>
  (call, [of]) =>
    call === 'get' && key.test(String(of)) && says(text) ? 'before' : false;

const STATES: readonly (readonly [string, Step])[] = [
  ['the sweep was begun', writes(/sweeps\/.*Z\.json/)],
  ['its first message was sent', writes(/queue\/work\//, /"check/)],
  ['its messages were sent', writes(/sweeps\/.*Z\.json/, /"isSent":true/)],
  ['a camera was taken from the queue', writes(/queue\/work\//, /check.*"attempts":1/)],
  ['it was claimed', writes(/sweep-leases\//)],
  ['it was driven away', ends('away')],
  ['it was captured', ends('captured')],
  ['it was solved', ends('solve')],
  ['a frame was uploaded', writes(/query_scan\/.*\/0000\.jpg/)],
  ['its result was uploaded', writes(/query_scan\/.*\/result\.json/)],
  ['its manifest was uploaded', writes(/query_scan\/.*\/manifest\.json/)],
  ['its check was noted', writes(/swept\/.*\/checks\//)],
  ['its row waited', writes(/results\/waiting\//)],
  ['its incident was raised', writes(/incidents\//, /"posting":null/)],
  ['the post of its incident was claimed', writes(/incidents\//, /"posting":\{/)],
  ['its incident was posted', shownUnnoted(/has drifted/, /incidents\//)],
  ['its message was noted', writes(/incidents\//, /"message":\{/)],
  ['its picture was noted', writes(/incidents\//, /"picture":\{/)],
  ['the summary was begun', writes(/summaries\//)],
  ['the summary was posted', shownUnnoted(/Sweep/, /summaries\//)],
  ['its result was in the summary', writes(/summaries\//, /"cam-1|site-a\/cam-1/)],
  ['the camera was done', writes(/swept\/.*\/done\//)],
  ['its message was deleted', deletes(/queue\/work\//)],
  ['the end of the sweep was claimed', writes(/leases\/sweep-end/)],
  ['the summary had its end', writes(/summaries\//, /"tookMs":\d/)],
  ['the end was posted', shownUnnoted(/Sweep of 2 cameras in/, /summaries\//)],
  ['the end was noted', writes(/sweeps\/.*Z\.json/, /"isFinished":true/)],
  ['a row came into the table', deletes(/results\/waiting\//)],
];

const finishedByAnother = async (endsAt: Step): Promise<void> => {
  const { life } = await start('killed', 'killed', endsAt);
  await until('the kill', () => isOver(life));
  await start('other', 'other');
  await until('all posted by the other program', isAllPosted);
  await start('back', 'killed');
  await pass(150_000);
  await expectOnce();
};

describe('a program that is killed when', () => {
  it.each(STATES)(
    '%s: another one finishes, and everything happens once',
    async (_what, endsAt) => {
      await begin();
      await finishedByAnother(endsAt);
    },
    90_000,
  );

  it('its incident was posted, where Slack knows a message only by metadata that the app may read', async () => {
    const manifest = structuredClone(MANIFEST) as { oauth_config: { scopes: { bot: string[] } } };
    manifest.oauth_config.scopes.bot.push('channels:history');
    await begin({ manifest, knowsClientIds: false });
    await finishedByAnother(shownUnnoted(/has drifted/, /incidents\//));
  }, 90_000);
});
