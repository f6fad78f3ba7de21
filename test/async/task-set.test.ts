import { describe, expect, it } from '@jest/globals';
import { Recurring, TaskSet } from '../../src/async/task-set.js';
import { createDrivenClock } from '../fakes/driven-clock.js';

const deferred = (): { readonly task: Promise<void>; readonly end: () => void } => {
  let end = (): void => undefined;
  const task = new Promise<void>((resolve) => (end = resolve));
  return { task, end };
};

describe('TaskSet', () => {
  it('settles when all tasks have ended, those added meanwhile included', async () => {
    const tasks = new TaskSet();
    const [first, second] = [deferred(), deferred()];
    tasks.add(first.task.then(() => tasks.add(second.task)));
    let isSettled = false;
    const settled = tasks.settled().then(() => (isSettled = true));
    first.end();
    await tasks.one();
    expect(isSettled).toBe(false);
    second.end();
    await settled;
    expect(tasks.size).toBe(0);
  });

  it('reports failures', async () => {
    const failures: unknown[] = [];
    const tasks = new TaskSet((reason) => failures.push(reason));
    tasks.add(Promise.reject(new Error('broken')));
    await tasks.settled();
    expect(failures).toEqual([new Error('broken')]);
  });
});

describe('Recurring', () => {
  it('starts once a minute, never twice at a time', async () => {
    const clock = createDrivenClock(0);
    const runs: (() => void)[] = [];
    const recurring = new Recurring(clock, () => {
      const { task, end } = deferred();
      runs.push(end);
      return task;
    });
    const startAfter = async (ms: number): Promise<number> => {
      await clock.advance(ms);
      recurring.startIfDue();
      return runs.length;
    };
    expect(await startAfter(0)).toBe(1);
    expect(await startAfter(60_000)).toBe(1);
    runs[0]?.();
    await recurring.settled();
    expect(await startAfter(0)).toBe(2);
    runs[1]?.();
    await recurring.settled();
    expect(await startAfter(59_000)).toBe(2);
    expect(await startAfter(1_000)).toBe(3);
  });
});
