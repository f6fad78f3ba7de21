import { expect, it } from '@jest/globals';
import { Coalescer } from '../../src/async/coalescer.js';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

it('calls during a run share one more run, of the latest task', async () => {
  const coalescer = new Coalescer<string>();
  const ran: string[] = [];
  const task = (name: string) => async () => {
    await tick();
    ran.push(name);
  };
  await Promise.all(['first', 'second', 'third'].map((name) => coalescer.run('a', task(name))));
  expect(ran).toEqual(['first', 'third']);
});

it('keys do not wait for each other, and nothing is left of a run that failed', async () => {
  const coalescer = new Coalescer<string>();
  let release = (): void => undefined;
  const held = coalescer.run('a', () => new Promise((resolve) => (release = resolve)));
  await expect(coalescer.run('b', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  await coalescer.run('b', tick);
  await coalescer.settled('b');
  release();
  await coalescer.settled();
  await held;
});

it('a call right after the end of a run starts another', async () => {
  const coalescer = new Coalescer<string>();
  let runs = 0;
  const task = async (): Promise<void> => void (runs += 1);
  const first = coalescer.run('a', task);
  const later = first.then(() => coalescer.run('a', task));
  await later;
  expect(runs).toBe(2);
});
