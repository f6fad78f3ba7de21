import type { Clock } from '../../src/ports/clock.js';

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is advanced; sleepers wake in the order of their times. */
export interface DrivenClock extends Clock {
  advance(durationMs: number): Promise<void>;
  /** How many are sleeping. */
  sleeping(): number;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createDrivenClock = (startMs: number): DrivenClock => {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();
  return {
    nowMs: () => nowMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const sleeper: Sleeper = {
          untilMs: nowMs + durationMs,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        const onAbort = (): void => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        sleepers.add(sleeper);
      }),
    advance: async (durationMs) => {
      const untilMs = nowMs + durationMs;
      for (;;) {
        await settle();
        const next = [...sleepers]
          .filter((sleeper) => sleeper.untilMs <= untilMs)
          .sort((a, b) => a.untilMs - b.untilMs)[0];
        if (next === undefined) break;
        nowMs = Math.max(nowMs, next.untilMs);
        next.wake();
      }
      nowMs = untilMs;
      await settle();
    },
    sleeping: () => sleepers.size,
  };
};
