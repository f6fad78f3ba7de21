import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSqsSetup } from '../../src/adapters/aws/sqs-setup.js';
import { sweepMessage } from '../../src/monitor/sweeps/sweep-messages.js';
import { startAthena, type AthenaServer } from '../servers/athena.js';
import { startMoto, type Moto } from '../servers/moto.js';
import { fleetProduct, type FleetLine, type FleetPlan } from '../support/fleet-worker.js';
import { startOwnProcess, type OwnProcess } from '../support/own-process.js';

const REGION = 'eu-central-1';
const WORKER = new URL('../support/fleet-worker.js', import.meta.url);
const signal = new AbortController().signal;
const CAMERAS = 16;

let moto: Moto;
let athena: AthenaServer;
let dir: string;
beforeAll(async () => {
  moto = await startMoto();
  athena = await startAthena(moto, 'monitoring', REGION);
  dir = await mkdtemp(path.join(tmpdir(), 'fleet-'));
});
afterAll(async () => {
  await athena.close();
  await moto.close();
  await rm(dir, { recursive: true, force: true });
});

const planOf = (spool: string): FleetPlan => ({
  ...{ motoUrl: moto.url, athenaUrl: athena.url, region: REGION, bucket: 'fleet', queue: 'fleet' },
  ...{ database: 'monitoring', cameras: CAMERAS, concurrency: 3, visibilityMs: 4_000, captureMs: 400 },
  spoolDir: path.join(dir, spool),
});

const makePlaces = async (): Promise<void> => {
  const s3 = new S3Client({ region: REGION, endpoint: moto.url, forcePathStyle: true });
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  await s3.send(new CreateBucketCommand({ Bucket: 'fleet', CreateBucketConfiguration }));
  const limits = { visibilityS: 4, maxAttempts: 10, scheduleRoleArn: null };
  const queues = createSqsSetup({
    kind: 'sqs',
    name: 'fleet',
    region: REGION,
    endpoint: moto.url,
    ...limits,
  });
  for (const { ensure } of queues) await ensure(signal);
};

/** As EventBridge does it: at least once. */
const sendSweepTwice = async (): Promise<void> => {
  const client = new SQSClient({ region: REGION, endpoint: moto.url });
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'fleet' }));
  const MessageBody = sweepMessage(new Date().toISOString());
  for (let times = 0; times < 2; times += 1)
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
};

const picturesLeft = (): string[] =>
  ['a', 'b']
    .flatMap((spool) => readdirSync(path.join(dir, spool), { recursive: true, encoding: 'utf8' }))

    .filter((name) => name.endsWith('.jpg') && !name.startsWith('.cache'));

/** All workers that ever ran, and what they said. */
class Fleet {
  private readonly programs: { program: OwnProcess; spool: string; lines: FleetLine[] }[] = [];

  start(spool: string): void {
    const program = startOwnProcess(WORKER, [JSON.stringify(planOf(spool))]);
    const lines: FleetLine[] = [];
    let rest = '';
    program.child.stdout?.on('data', (chunk: Buffer) => {
      const parts = `${rest}${chunk.toString()}`.split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map((line) => JSON.parse(line) as FleetLine));
    });
    this.programs.push({ program, spool, lines });
  }

  /** Kills the program that uses the spool now, and starts another one on it. */
  async killAndRestart(spool: string): Promise<void> {
    const running = this.programs.filter((each) => each.spool === spool).at(-1);
    running?.program.child.kill('SIGKILL');
    await running?.program.ended;
    this.start(spool);
  }

  get lines(): FleetLine[] {
    return this.programs.flatMap(({ lines }) => lines);
  }

  get told(): Map<string, Set<string>> {
    const told = new Map<string, Set<string>>();
    for (const line of this.lines)
      if ('device' in line) told.set(line.device, (told.get(line.device) ?? new Set()).add(line.at));
    return told;
  }

  async until(condition: () => boolean, withinMs = 45_000): Promise<void> {
    for (let waitedMs = 0; !condition(); waitedMs += 20) {
      if (waitedMs > withinMs) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(this.lines)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<string> {
    for (const { program } of this.programs) program.child.kill('SIGTERM');
    const ended = await Promise.all(this.programs.map(({ program }) => program.ended));
    return ended.map(({ stderr }) => stderr).join('');
  }
}

describe('a fleet of two workers on S3, SQS and Athena', () => {
  it('checks each camera once, whoever is killed meanwhile: one row, one message, no picture lost', async () => {
    await makePlaces();
    const { product, rig } = await fleetProduct(planOf('reader'));
    for (const device of rig.deps.settings.deployments.flatMap(({ devices }) => devices))
      await product.scanReference(device, () => undefined, signal);
    const fleet = new Fleet();
    try {
      fleet.start('a');
      fleet.start('b');
      await sendSweepTwice();
      for (const [told, spool] of [
        [3, 'a'],
        [7, 'b'],
        [11, 'a'],
        [13, 'b'],
      ] as const) {
        await fleet.until(() => fleet.told.size >= told);
        await fleet.killAndRestart(spool);
      }
      await fleet.until(() => fleet.lines.some((line) => 'finished' in line));
      expect(fleet.lines.flatMap((line) => ('finished' in line ? [line.finished] : []))).toEqual([CAMERAS]);
      // What the killed ones had left is cleared by who comes after them.
      for (const spool of ['a', 'b']) await fleet.killAndRestart(spool);
      await fleet.until(() => picturesLeft().length === 0);
    } finally {
      const errors = await fleet.stop();
      expect(errors).toBe('');
    }
    await rig.deps.results.settle?.(signal);
    const rows = await product.history({ sinceMs: 0 });
    expect(rows.map((row) => row.device_id).sort()).toEqual([...fleet.told.keys()].sort());
    expect(rows).toHaveLength(CAMERAS);
    for (const row of rows) {
      expect([...(fleet.told.get(row.device_id) ?? [])]).toEqual([row.timestamp]);
      const prefix = row.files_location.replace('s3://fleet/', '');
      const files = (await rig.deps.store.list(`${prefix}/`)).map((key) => key.slice(prefix.length + 1));
      expect(files).toEqual(['0000.jpg', 'manifest.json', 'result.json']);
    }
    // Rows came in few statements.
    expect(athena.statements.filter((sql) => sql.startsWith('MERGE')).length).toBeLessThan(12);
    await rig.close();
  });
});
