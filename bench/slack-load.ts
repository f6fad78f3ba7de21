import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDuckdbResults } from '../src/adapters/local/duckdb-results.js';
import { createFileObjectStore } from '../src/adapters/local/file-object-store.js';
import { SLACK_PACE } from '../src/slack/api/message-queue.js';
import { findingOf, observe } from '../src/monitor/record/incident.js';
import { fakeOutcome, fakeRow } from '../test/fakes/fake-product.js';
import { device } from '../test/monitor/monitor-rig.js';
import { openBrowser } from '../test/servers/browser.js';
import { ANNA, BEN, createSlackRig, type Replica, type SlackRig } from '../test/slack/slack-rig.js';

// The Slack app at the paces of the real one, against the sandbox with its limits counted, files and DuckDB below it.
const SWEEP = 200;
const SWEEP_MS = 60_000;
const FLEET = 1_000;
const HOURS = 24;

const fleet = (size: number) =>
  Array.from({ length: size }, (_, index) =>
    device(`site-${index % 20}`, `cam-${String(index).padStart(4, '0')}`),
  );

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? NaN;

const opened = async (size: number, dir: string): Promise<{ rig: SlackRig; run: Replica }> => {
  const results = createDuckdbResults({ file: path.join(dir, 'results.duckdb') });
  const store = createFileObjectStore({ rootDir: path.join(dir, 'store') });
  const cameras = fleet(size);
  const nowMs = Date.now();
  for (let hour = HOURS - 1; hour >= 0; hour -= 1) {
    const at = new Date(nowMs - hour * 3_600_000).toISOString();
    await results.merge(cameras.map((camera, index) => fakeRow(camera, index % 50 === 0 ? null : 0.1, at)));
  }
  const rig = await createSlackRig(cameras, { dependencies: { results, store } });
  const run = await rig.replica({ pace: SLACK_PACE });
  rig.sandbox.countCalls(true);
  return { rig, run };
};

const inFolder = async (work: (dir: string) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'slack-load-'));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/** Two people click and type all the time while the results of a sweep come in. */
const sweep = async (dir: string): Promise<string[]> => {
  const { rig, run } = await opened(SWEEP, dir);
  const { sandbox } = rig;
  const cameras = fleet(SWEEP);
  const before = sandbox.calls.length;
  const ending = new AbortController();
  const people = [ANNA, BEN].map(async (id) => {
    for (let turn = 0; !ending.signal.aborted; turn += 1) {
      await sandbox.user(id).slash(['/calib help', '/calib status', '/calib devices'][turn % 3]!);
      await sleep(150);
    }
  });
  const slotMs = Date.now();
  void run.app.watch.started?.(slotMs);
  const outcomes = cameras.map((camera) => fakeOutcome(camera, 0.1));
  for (const outcome of outcomes) {
    void run.app.watch.outcome?.(outcome, slotMs);
    await sleep(SWEEP_MS / SWEEP);
  }
  void run.app.watch.finished?.(outcomes, SWEEP_MS, slotMs);
  ending.abort();
  await Promise.all(people);
  await run.app.settled();
  const calls = sandbox.calls.slice(before).filter(({ method }) => /^(chat|files)\./.test(method));
  const refused = sandbox.calls.slice(before).filter(({ error }) => error === 'ratelimited');
  const acks = sandbox.sockets.ackLatenciesMs;
  await rig.close();
  return [
    `sweep of ${SWEEP} in ${SWEEP_MS / 1000} s, ${acks.length} commands meanwhile`,
    `  acknowledged: p50 ${percentile(acks, 0.5)} ms, p99 ${percentile(acks, 0.99)} ms, max ${percentile(acks, 1)} ms (target p99 200)`,
    `  calls: ${calls.length} (target 12), answered 429: ${refused.length} (target 0)`,
  ];
};

const home = async (dir: string): Promise<string[]> => {
  const { rig, run } = await opened(FLEET, dir);
  // Every camera has a history of trouble: the worst case for what has to be read.
  for (const camera of fleet(FLEET))
    await rig.incidents.update(
      camera,
      (state) => observe(state, findingOf(fakeOutcome(camera, 0.9)), Date.now(), 0.8).state,
    );
  await run.app.settled();
  const anna = rig.sandbox.user(ANNA);
  const tookMs = async (act: () => Promise<unknown>): Promise<number> => {
    const hash = anna.home?.hash;
    const startedMs = performance.now();
    await act();
    await rig.sandbox.waitFor(() => anna.home !== undefined && anna.home?.hash !== hash, 30_000);
    return Math.round(performance.now() - startedMs);
  };
  const first = await tookMs(() => anna.openHome());
  const next = await tookMs(() => anna.click(anna.home!, 'home_next'));
  const again = await tookMs(() => anna.click(anna.home!, 'home_filter', { value: 'unmeasured' }));
  await rig.close();
  return [
    `App Home of ${FLEET} cameras with ${FLEET * HOURS} rows (target 1,000 ms each)`,
    `  first ${first} ms, next page ${next} ms, filter ${again} ms`,
  ];
};

const page = async (dir: string): Promise<string[]> => {
  const { rig } = await opened(10, dir);
  const browser = await openBrowser();
  const usableMs: number[] = [];
  for (let visit = 0; visit < 7; visit += 1) {
    const context = await browser.newContext();
    const tab = await context.newPage();
    const startedMs = performance.now();
    await tab.goto(`${rig.sandbox.url}/page/`);
    await tab.locator('main textarea').waitFor();
    usableMs.push(Math.round(performance.now() - startedMs));
    await context.close();
  }
  await browser.close();
  await rig.close();
  return [`page usable after ${usableMs.join(', ')} ms in fresh profiles (target 1,000)`];
};

for (const part of [sweep, home, page])
  await inFolder(async (dir) => void process.stdout.write(`${(await part(dir)).join('\n')}\n`));
