import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAthenaResults } from '../src/adapters/aws/athena-results.js';
import { createSystemClock } from '../src/adapters/runtime/system-clock.js';
import type { ResultRow } from '../src/ports/results-table.js';
import { camerasOf, record, settingsText } from './fleet/cameras.js';
import { callsIn } from './fleet/calls.js';
import { formatFleet, type Lateness } from './fleet/report.js';
import { judgeRows } from './fleet/rows.js';
import { publishReferences, startServices, type FleetServices } from './fleet/services.js';
import { servicesCpuSeconds } from './fleet/usage.js';
import { Workers, type Worker } from './fleet/workers.js';

export interface FleetOptions {
  readonly cameras: number;
  readonly workers: number;
  /** One worker is killed when a third of the cameras is done, and another one started. */
  readonly kill: boolean;
  readonly visibilityS: number;
  /** Where pictures are kept for another run; null: nowhere. */
  readonly keepDir: string | null;
}

const LONGEST_MS = 3_600_000;
const TABLE_MS = 120_000;
const WAITING = '_state/results/waiting/';

const note = (text: string): void => void process.stderr.write(`${text}\n`);

const doneOf = (worker: Pick<Workers, 'lines'>): Map<string, number> => {
  const done = new Map<string, number>();
  for (const line of worker.lines) if ('done' in line && !done.has(line.done)) done.set(line.done, line.atMs);
  return done;
};

/** Kills a worker and starts another one; answers what it had in hand. */
const killOne = async (workers: Workers, victim: Worker): Promise<{ atMs: number; inHand: string[] }> => {
  await workers.kill(victim);
  const atMs = Date.now();
  workers.start();
  const taken = victim.lines.flatMap((line) => ('taken' in line ? [line.taken] : []));
  const done = doneOf(victim);
  return { atMs, inHand: [...new Set(taken)].filter((camera) => !done.has(camera)) };
};

/** Rows reach the table a moment after the sweep's end is told. */
const rowsOf = async ({ at, store }: FleetServices): Promise<ResultRow[]> => {
  // moto answers an error when something is written while it lists.
  const areWaiting = (): Promise<boolean> =>
    store.list(WAITING).then(
      (keys) => keys.length > 0,
      () => true,
    );
  for (let waitedMs = 0; await areWaiting(); waitedMs += 500) {
    if (waitedMs > TABLE_MS) throw new Error('rows still wait to be brought into the table');
    await sleep(500);
  }
  const { region, database, athenaUrl: endpoint } = at;
  const outputs = { outputLocation: 's3://answers/', tableLocation: 's3://answers/table/' };
  const settings = { ...{ region, database, endpoint }, ...outputs, workgroup: 'primary' };
  const results = createAthenaResults({
    settings: { ...settings, kind: 'athena' },
    store,
    clock: createSystemClock(),
  });
  return results.history({ sinceMs: 0 });
};

const sweep = async (
  workers: Workers,
  services: FleetServices,
  options: FleetOptions,
): Promise<{ tookMs: number; late: Lateness | null }> => {
  for (let count = 0; count < options.workers; count += 1) workers.start();
  const startedMs = performance.now();
  await services.sendSweep();
  let killed: Awaited<ReturnType<typeof killOne>> | null = null;
  if (options.kill) {
    await workers.until(() => doneOf(workers).size >= options.cameras / 3, LONGEST_MS);
    killed = await killOne(workers, workers.all[0]!);
  }
  await workers.until(() => workers.lines.some((line) => 'finished' in line), LONGEST_MS);
  const tookMs = performance.now() - startedMs;
  if (killed === null) return { tookMs, late: null };
  const { inHand, atMs } = killed;
  const done = doneOf(workers);
  return { tookMs, late: { lateS: inHand.map((camera) => ((done.get(camera) ?? NaN) - atMs) / 1000) } };
};

/** Prints progress, and what runs meanwhile. */
const watched = async <T>(workers: Workers, work: Promise<T>): Promise<T> => {
  const timer = setInterval(() => note(`${doneOf(workers).size} done`), 30_000);
  return work.finally(() => clearInterval(timer));
};

const bench = async (dir: string, services: FleetServices, options: FleetOptions): Promise<void> => {
  const recordedDir = options.keepDir ?? dir;
  const cameras = camerasOf(options.cameras);
  note(`taking pictures of ${cameras.length} cameras`);
  await record(recordedDir, cameras);
  note('publishing their references');
  await publishReferences(services.store, recordedDir, cameras);
  const settingsFile = path.join(dir, 'devices.yaml');
  await writeFile(settingsFile, settingsText(cameras, services.at));
  const workers = new Workers(dir, { settingsFile, recordedDir });
  const before = servicesCpuSeconds([]);
  const loggedBefore = services.moto.log().length;
  try {
    const { tookMs, late } = await watched(workers, sweep(workers, services, options));
    const servicesS = servicesCpuSeconds(workers.pids) - before;
    const calls = callsIn(services.moto.log().slice(loggedBefore));
    const checks = workers.lines.filter((line) => 'taken' in line).length;
    const rows = judgeRows(await rowsOf(services), cameras);
    const statements = services.athena.statements.filter((sql) => sql.startsWith('MERGE')).length;
    const { visibilityS } = options;
    process.stdout.write(
      formatFleet({
        ...{ workers: workers.all, tookMs, servicesS, calls, statements, checks, rows, late, visibilityS },
      }),
    );
  } finally {
    const logged = await workers.stop();
    if (logged !== '') note(`logged:\n${logged.slice(0, 4000)}`);
  }
};

/** A sweep of a fleet through SQS, S3 and Athena's protocol, solves included; only cameras and AWS are stand-ins. */
export const runFleet = async (options: FleetOptions): Promise<void> => {
  if (options.keepDir !== null) await mkdir(options.keepDir, { recursive: true });
  const dir = await mkdtemp(path.join(tmpdir(), 'calib-fleet-'));
  const services = await startServices(options.visibilityS);
  try {
    await bench(dir, services, options);
  } finally {
    await services.close();
    await rm(dir, { recursive: true, force: true });
  }
};
