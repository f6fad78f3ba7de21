import { afterEach, describe, expect, it } from '@jest/globals';
import { createChildPool } from '../../../src/adapters/process/child-pool.js';

const entry = new URL('../../support/telling-child.js', import.meta.url);
const pool = createChildPool<{ ms: number }, number>({ entry, size: 2 });
const signal = new AbortController().signal;
const run = (subject: string, ms = 0): Promise<number> => pool.run({ ms }, signal, subject);

afterEach(() => pool.close());

describe('child pool', () => {
  it('gives a job to the child that was at the same subject, and does not wait for it when it is busy', async () => {
    const [first, second] = await Promise.all([run('first', 200), run('second', 200)]);
    expect(first).not.toBe(second);
    for (const [subject, child] of [
      ['first', first],
      ['second', second],
      ['first', first],
    ] as const)
      expect(await run(subject)).toBe(child);
    const busy = run('first', 500);
    expect(await run('first')).toBe(second);
    expect(await busy).toBe(first);
  });
});
