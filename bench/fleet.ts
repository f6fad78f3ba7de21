import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createSqsSetup } from '../src/adapters/sqs-setup.js';
import { sweepMessage } from '../src/monitor/sweeps/sweep-messages.js';
import { drawScenery } from '../src/sandbox/scenery/draw-scenery.js';
import { startAthena } from '../test/servers/athena.js';
import { startMoto } from '../test/servers/moto.js';
import { startOwnProcess, type OwnProcess } from '../test/support/own-process.js';
import { writeCapture } from './capture-writer.js';
import { cpuSecondsOf } from './family.js';
import type { FleetBenchPlan } from './fleet-worker.js';
import { Random } from './random.js';
import { HD, lensOf, SCANS, writeScan } from './scans.js';
import { renderView } from './view.js';

/**
 * Sweeps of a fleet through SQS and S3 as moto plays them, by two workers: everything is real but the cameras, whose captures
 * are recorded frames. `node dist/bench/fleet.js [cameras] [workers]`.
 */
const CAMERAS = Number(process.argv[2] ?? 60);
const WORKERS = Number(process.argv[3] ?? 2);
const SWEEPS = ['references fetched anew', 'references at hand'];
const QUERIES = 10;
const REGION = 'eu-central-1';
const NAME = 'fleet';
const LONGEST_MS = 1_800_000;
const WORKER = new URL('./fleet-worker.js', import.meta.url);
const signal = new AbortController().signal;

/** One place, seen by all cameras; a tenth of the views is of a mount that was knocked. */
const record = async (dir: string): Promise<{ scanDir: string; queryDirs: string[] }> => {
  const panorama = drawScenery({ seed: 7 });
  const scanDir = path.join(dir, 'scan');
  await writeScan(scanDir, SCANS.known, panorama);
  const random = new Random('fleet');
  const queryDirs = Array.from({ length: QUERIES }, (_, index) => path.join(dir, `query-${index}`));
  for (const [index, queryDir] of queryDirs.entries()) {
    const telemetry = { pan: random.between(-180, 180), tilt: random.between(-20, 12), zoom: 1 };
    const offsetDeg = [index === 0 ? 1.2 : 0.1, random.between(-0.2, 0.2), 0.05] as const;
    const pose = { panDeg: telemetry.pan, tiltDeg: telemetry.tilt, zoom: 1, offsetDeg };
    const draw = () => renderView(panorama, HD, pose);
    await writeCapture(queryDir, {
      ...{ kind: 'query', frames: [{ draw, telemetry }], lens: lensOf(SCANS.known), jpegQuality: 80 },
    });
  }
  return { scanDir, queryDirs };
};

const makePlaces = async (endpoint: string): Promise<void> => {
  const s3 = new S3Client({ region: REGION, endpoint, forcePathStyle: true });
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  await s3.send(new CreateBucketCommand({ Bucket: NAME, CreateBucketConfiguration }));
  const limits = { visibilityS: 120, maxAttempts: 5, scheduleRoleArn: null };
  for (const { ensure } of createSqsSetup({ kind: 'sqs', name: NAME, region: REGION, endpoint, ...limits }))
    await ensure(signal);
};

const sendSweep = async (endpoint: string): Promise<void> => {
  const client = new SQSClient({ region: REGION, endpoint });
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: NAME }));
  const MessageBody = sweepMessage(new Date().toISOString());
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
};

/** The line that one of the programs says at the end of a sweep. */
const endOfSweep = (programs: readonly OwnProcess[]): Promise<string> =>
  new Promise<string>((resolve, reject) => {
    for (const { child, ended } of programs) {
      child.stdout?.on('data', (chunk: Buffer) => {
        const line = chunk
          .toString()
          .split('\n')
          .find((each) => each.startsWith('finished'));
        if (line !== undefined) resolve(line);
      });
      void ended.then(({ stderr }) => reject(new Error(`a worker ended: ${stderr}`)));
    }
    setTimeout(() => reject(new Error(`no end within ${LONGEST_MS / 60_000} min`)), LONGEST_MS).unref();
  });

type Cpu = readonly [workersS: number, standInsS: number];
const since = (before: Cpu, after: Cpu): Cpu => [after[0] - before[0], after[1] - before[1]];

const told = (what: string, tookMs: number, [workersS, standInsS]: Cpu): void => {
  const perMinute = (CAMERAS / tookMs) * 60_000;
  const figures = [
    `${(tookMs / 1000).toFixed(0)} s`,
    `${perMinute.toFixed(0)} cameras/min`,
    `1,000 in ${(1000 / perMinute).toFixed(1)} min`,
    `${(workersS / CAMERAS).toFixed(2)} s of processor time each (the stand-ins ${(standInsS / CAMERAS).toFixed(2)} s)`,
    `1,000 on 2 cores of their own in ${((1000 * workersS) / CAMERAS / 2 / 60).toFixed(1)} min`,
  ];
  process.stdout.write(`${what.padEnd(26)} ${figures.join('   ')}\n`);
};

const dir = await mkdtemp(path.join(tmpdir(), 'calib-fleet-'));
const moto = await startMoto();
const athena = await startAthena(moto, 'monitoring', REGION);
const programs: OwnProcess[] = [];
try {
  await makePlaces(moto.url);
  const plan = (name: string, isPublisher: boolean): FleetBenchPlan => ({
    ...{ motoUrl: moto.url, athenaUrl: athena.url, region: REGION, bucket: NAME, queue: NAME },
    ...{ database: 'monitoring', cameras: CAMERAS, concurrency: 4, visibilityMs: 120_000, captureMs: 0 },
    ...{ spoolDir: path.join(dir, name), isPublisher, ...recorded },
  });
  const recorded = await record(dir);
  const start = (name: string, isPublisher: boolean): OwnProcess =>
    startOwnProcess(WORKER, ['bench', JSON.stringify(plan(name, isPublisher))]);
  const { code, stderr } = await start('publisher', true).ended;
  if (code !== 0) throw new Error(`no reference: ${stderr}`);
  for (let index = 0; index < WORKERS; index += 1) programs.push(start(`worker-${index}`, false));
  process.stdout.write(`${CAMERAS} cameras, ${WORKERS} workers\n`);
  /** Of the workers with their solvers, and of the services' stand-ins. */
  const cpuNow = (): Cpu => {
    const ofWorkers = programs.reduce((sum, { child }) => sum + cpuSecondsOf(child.pid ?? 0), 0);
    return [ofWorkers, cpuSecondsOf(process.pid) - ofWorkers];
  };
  for (const what of SWEEPS) {
    const before = cpuNow();
    const startedMs = performance.now();
    const finish = endOfSweep(programs);
    await sendSweep(moto.url);
    const line = await finish;
    told(what, performance.now() - startedMs, since(before, cpuNow()));
    process.stdout.write(`  ${line}\n`);
  }
} finally {
  for (const { child } of programs) child.kill('SIGTERM');
  await Promise.all(programs.map(({ ended }) => ended));
  await athena.close();
  await moto.close();
  await rm(dir, { recursive: true, force: true });
}
