import { describe, expect, it } from '@jest/globals';
import { TimeLimit } from '../../src/async/time-limit.js';
import { createDrivenClock } from '../fakes/driven-clock.js';
import { never } from '../capture/site-setup.js';

const late = (): Error => new Error('late');
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('the time limit', () => {
  it('aborts its work, and waits until that has ended', async () => {
    const clock = createDrivenClock(0);
    let isPutBack = false;
    const work = new TimeLimit(clock, 10).run(never(), late, async (signal) => {
      await untilAborted(signal).catch(() => clock.sleep(500, never()));
      isPutBack = true;
    });
    await clock.advance(10_000);
    expect(isPutBack).toBe(false);
    await clock.advance(500);
    await work;
    expect(isPutBack).toBe(true);
    expect(clock.sleeping()).toBe(0);
  });

  it('rejects with whichever reason comes first', async () => {
    const clock = createDrivenClock(0);
    const stop = new AbortController();
    const stopped = new TimeLimit(clock, 10).run(stop.signal, late, untilAborted);
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    const ended = expect(new TimeLimit(clock, 10).run(never(), late, untilAborted)).rejects.toThrow('late');
    await clock.advance(10_000);
    await ended;
  });

  it.each([
    { allowedS: 20, leftMs: 15_000 },
    { allowedS: 300, leftMs: 290_000 },
    { allowedS: null, leftMs: Number.POSITIVE_INFINITY },
  ])('of $allowedS s reserves a part for the return', ({ allowedS, leftMs }) => {
    const limit = new TimeLimit(createDrivenClock(0), allowedS);
    expect(limit.withoutWayBack().leftMs()).toBe(leftMs);
    expect(limit.within(1_000)).toBe(1_000);
  });

  it('leaves no timer behind when the work finishes in time', async () => {
    const clock = createDrivenClock(0);
    const limit = new TimeLimit(clock, 10);
    expect(await limit.run(never(), late, async () => 'done')).toBe('done');
    expect(clock.sleeping()).toBe(0);
    await clock.advance(4_000);
    expect(limit.leftMs()).toBe(6_000);
    await clock.advance(60_000);
    expect(limit.leftMs()).toBe(0);
  });
});
