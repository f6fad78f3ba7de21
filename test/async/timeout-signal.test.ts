import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { timeoutSignal } from '../../src/async/timeout-signal.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Nobody but the listener keeps the composed signal. */
const composed = (own: AbortSignal, onAbort: (reason: unknown) => void): void => {
  const both = AbortSignal.any([own, timeoutSignal(200)]);
  both.addEventListener('abort', () => onAbort(both.reason), { once: true });
};

it('a deadline within another signal comes, though garbage is collected meanwhile', async () => {
  const reasons: unknown[] = [];
  composed(new AbortController().signal, (reason) => reasons.push(reason));
  for (let round = 0; round < 30 && reasons.length === 0; round += 1) {
    collectGarbage();
    await sleep(50);
  }
  expect(reasons).toMatchObject([{ name: 'TimeoutError' }]);
});
