import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TakenWork, WorkQueue } from '../../src/ports/work-queue.js';

export interface QueueUnderTest {
  /** Hides taken work for a second or so and gives it up after two attempts. */
  readonly queue: WorkQueue;
  /** The same queue, opened by another program. */
  readonly other: WorkQueue;
  /** Lets the visibility timeout pass. */
  pass(durationMs: number): Promise<void>;
}

const WAIT_MS = 0;

/** The contract of every queue; `create` returns an empty one. */
export const workQueueContract = (name: string, create: () => Promise<QueueUnderTest>): void => {
  describe(`work queue: ${name}`, () => {
    const signal = new AbortController().signal;
    let under: QueueUnderTest;
    beforeEach(async () => {
      under = await create();
    });
    afterEach(async () => {
      await under.queue.close();
      await under.other.close();
    });
    const takeAll = async (queue: WorkQueue): Promise<TakenWork[]> => {
      const all: TakenWork[] = [];
      for (;;) {
        const some = await queue.take(10, WAIT_MS, signal);
        if (some.length === 0) return all;
        all.push(...some);
      }
    };
    const bodies = (works: readonly { body: string }[]): string[] => works.map(({ body }) => body).sort();

    it('delivers each message to one taker', async () => {
      const sent = Array.from({ length: 23 }, (_, index) => `work ${index} 🚨`);
      await under.queue.send(sent, signal);
      const [mine, others] = await Promise.all([takeAll(under.queue), takeAll(under.other)]);
      expect(bodies([...mine, ...others])).toEqual([...sent].sort());
      expect(new Set([...mine, ...others].map(({ id }) => id)).size).toBe(23);
      expect([...mine, ...others].every(({ attempts }) => attempts === 1)).toBe(true);
    });

    it('delivers no more than requested, and none when empty', async () => {
      expect(await under.queue.take(5, WAIT_MS, signal)).toEqual([]);
      await under.queue.send(['a', 'b', 'c'], signal);
      expect((await under.queue.take(2, WAIT_MS, signal)).length).toBeLessThanOrEqual(2);
    });

    it('never delivers a finished message again, and lets it be finished twice', async () => {
      await under.queue.send(['a'], signal);
      const [work] = await takeAll(under.queue);
      await work!.done();
      await work!.done();
      await under.pass(1.5 * under.queue.visibilityMs);
      expect(await takeAll(under.other)).toEqual([]);
      expect(await under.queue.depth(signal)).toEqual({ waiting: 0, taken: 0, dead: 0 });
    });

    it('delivers an unfinished message again after its time, and counts attempts', async () => {
      await under.queue.send(['a'], signal);
      await takeAll(under.queue);
      expect(await takeAll(under.other)).toEqual([]);
      await under.pass(1.5 * under.queue.visibilityMs);
      expect(await takeAll(under.other)).toMatchObject([{ body: 'a', attempts: 2 }]);
    });

    it('hides a message as long as it is extended', async () => {
      await under.queue.send(['a'], signal);
      const [work] = await takeAll(under.queue);
      await work!.extend(5 * under.queue.visibilityMs, signal);
      await under.pass(1.5 * under.queue.visibilityMs);
      expect(await takeAll(under.other)).toEqual([]);
    });

    it('delivers a released message at once', async () => {
      await under.queue.send(['a'], signal);
      const [work] = await takeAll(under.queue);
      await work!.release(0);
      expect(bodies(await takeAll(under.other))).toEqual(['a']);
    });

    it('moves buried messages, and those taken too often, to the dead letters', async () => {
      await under.queue.send(['poison', 'crash'], signal);
      const works = await takeAll(under.queue);
      await works.find(({ body }) => body === 'poison')!.bury('No such camera.');
      await under.pass(1.5 * under.queue.visibilityMs);
      await takeAll(under.queue);
      await under.pass(1.5 * under.queue.visibilityMs);
      expect(await takeAll(under.queue)).toEqual([]);
      const dead = await under.other.dead(signal);
      expect(bodies(dead)).toEqual(['crash', 'poison']);
      expect(dead.find(({ body }) => body === 'poison')?.reason).toBe('No such camera.');
      expect((await under.queue.depth(signal)).dead).toBe(2);
    });

    it('lists all dead letters of a bad hour, and keeps listing them', async () => {
      const sent = Array.from({ length: 23 }, (_, index) => `work ${index}`);
      await under.queue.send(sent, signal);
      for (const work of await takeAll(under.queue)) await work.bury('No such camera.');
      // Work that comes again while others are buried is buried twice.
      expect([...new Set(bodies(await under.other.dead(signal)))]).toEqual([...sent].sort());
    });

    it('does nothing once the signal is aborted', async () => {
      const stopped = AbortSignal.abort(new Error('stop'));
      await expect(under.queue.send(['a'], stopped)).rejects.toThrow('stop');
      await expect(under.queue.take(1, WAIT_MS, stopped)).rejects.toThrow('stop');
      expect(await takeAll(under.queue)).toEqual([]);
    });
  });
};
