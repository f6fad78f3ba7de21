import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.js';

/** The machine's own clock. */
export const createSystemClock = (): Clock => ({
  nowMs: () => Date.now(),
  async sleep(durationMs, signal) {
    signal.throwIfAborted();
    try {
      await delay(durationMs, undefined, { signal });
    } catch (fault) {
      signal.throwIfAborted();
      throw fault;
    }
  },
});
