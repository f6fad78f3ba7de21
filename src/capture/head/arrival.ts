import type { PtzPosition } from '../../ports/telemetry.js';
import type { DeviceWatch } from './device-watch.js';
import { distanceBetween } from './stillness.js';

/** How a head took a command: `unmoved` never started, `elsewhere` came to rest at another place, `left` did not stay. */
export type Arrival = 'arrived' | 'left' | 'elsewhere' | 'unmoved' | 'late';

const POLL_MS = 100;
const UNMOVED_MS = 20_000;
const ELSEWHERE_MS = 5_000;
const STOOD_MS = 400;
const MOVED_DEG = 0.05;

const hasRestedFor = (state: { provenMs: number; stillSinceMs: number }, durationMs: number): boolean =>
  state.provenMs - state.stillSinceMs >= durationMs;

/** Follows a head after a command until its telemetry tells how the head took it. */
export const untilArrived = async (
  watch: DeviceWatch,
  target: PtzPosition,
  { settleMs, timeoutMs }: { settleMs: number; timeoutMs: number },
  signal: AbortSignal,
): Promise<Arrival> => {
  const { clock } = watch.deps;
  const beganMs = clock.nowMs();
  const start = watch.tracker.lastSample();
  let stood = false;
  let moved = false;
  for (;;) {
    await watch.seekProof(signal);
    const state = watch.tracker.state();
    const elapsedMs = clock.nowMs() - beganMs;
    if (state.kind === 'known') {
      const isThere = watch.isNear(state.sample, target);
      if (isThere && hasRestedFor(state, settleMs)) return 'arrived';
      if (stood && !isThere) return 'left';
      stood ||= isThere && hasRestedFor(state, STOOD_MS);
      moved ||= start !== null && distanceBetween(state.sample, start) > MOVED_DEG;
      if (moved && !isThere && hasRestedFor(state, ELSEWHERE_MS)) return 'elsewhere';
      if (!moved && !isThere && elapsedMs >= UNMOVED_MS) return 'unmoved';
    }
    if (elapsedMs >= timeoutMs) return 'late';
    await clock.sleep(POLL_MS, signal);
  }
};
