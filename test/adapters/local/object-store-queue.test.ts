import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFileObjectStore } from '../../../src/adapters/local/file-object-store.js';
import { createStoreWorkQueue } from '../../../src/adapters/local/object-store-queue.js';
import type { ObjectStore } from '../../../src/ports/object-store.js';
import { workQueueContract, type QueueUnderTest } from '../../contracts/work-queue.js';
import { createDrivenClock } from '../../fakes/driven-clock.js';
import { createMemoryObjectStore } from '../../../src/adapters/local/memory-object-store.js';

const made: string[] = [];
afterAll(() => Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true }))));

const queuesOn = (store: ObjectStore): QueueUnderTest => {
  const clock = createDrivenClock(Date.parse('2026-01-31T14:00:00Z'));
  const options = { store, clock, visibilityMs: 1_000, maxAttempts: 2 };
  return {
    queue: createStoreWorkQueue(options),
    other: createStoreWorkQueue(options),
    pass: (durationMs) => clock.advance(durationMs),
  };
};

workQueueContract('objects in memory', async () => queuesOn(createMemoryObjectStore()));
workQueueContract('objects in files', async () => {
  const rootDir = await mkdtemp(path.join(tmpdir(), 'work-queue-'));
  made.push(rootDir);
  return queuesOn(createFileObjectStore({ rootDir }));
});

describe('dead work', () => {
  it('is kept for 14 days, as long as SQS does', async () => {
    const { queue, pass } = queuesOn(createMemoryObjectStore());
    const { signal } = new AbortController();
    const shown = async (): Promise<string[]> => (await queue.dead(signal)).map(({ body }) => body);
    for (const body of ['first', 'second']) {
      await queue.send([body], signal);
      for (const work of await queue.take(1, 0, signal)) await work.bury('It cannot be done.');
      await pass(7 * 86_400_000 - 1_000);
    }
    expect(await shown()).toEqual(['first', 'second']);
    await pass(3_000);
    expect(await shown()).toEqual(['second']);
    expect(await queue.depth(signal)).toEqual({ waiting: 0, taken: 0, dead: 1 });
  });
});
