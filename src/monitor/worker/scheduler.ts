import { AppError } from '../../ports/app-error.js';
import type { Dependencies } from '../record/dependencies.js';
import { MS_PER_MINUTE, type WorkerDeps } from '../sweeps/sweep-context.js';
import { sweepMessage } from '../sweeps/sweep-messages.js';

/** The next time that is a whole number of periods since midnight UTC of 1970: for an hour, the full hours. */
export const nextSlotMs = (nowMs: number, periodMs: number): number =>
  (Math.floor(nowMs / periodMs) + 1) * periodMs;

/** A sweep that cannot be sent is tried again after so long, until its time is over. */
const AGAIN_MS = 15_000;

/** Whether a whole period has passed without a row, as after a start or a standstill; where nobody knows, it is taken to have. */
const isOverdue = async ({ results, clock, log }: Dependencies, periodMs: number): Promise<boolean> => {
  try {
    return (await results.history({ sinceMs: clock.nowMs() - periodMs })).length === 0;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    log({ level: 'warn', event: 'last_results_unknown', message: cause.message, cause });
    return true;
  }
};

/** Sends the sweep of one time; however many programs do, it is one sweep. */
const sendSweep = async (
  { deps, tell, watch }: WorkerDeps,
  slotMs: number,
  periodMs: number,
  signal: AbortSignal,
): Promise<void> => {
  for (let isTold = false; ; isTold = true) {
    try {
      await deps.queue.send([sweepMessage(new Date(slotMs).toISOString())], signal);
      return;
    } catch (fault) {
      signal.throwIfAborted();
      if (!(fault instanceof AppError)) throw fault;
      deps.log({ level: 'error', event: 'sweep_failed', message: fault.message, cause: fault });
      if (!isTold) await watch.failed?.(fault, slotMs);
      if (!isTold) tell(`⚠️ The sweep failed: ${fault.message} ${fault.remedy}`);
      if (deps.clock.nowMs() + AGAIN_MS >= slotMs + periodMs) return;
    }
    await deps.clock.sleep(AGAIN_MS, signal);
  }
};

/** The embedded scheduler: a sweep at every full period, and at once when one is overdue. */
export const runScheduler = async (about: WorkerDeps, signal: AbortSignal): Promise<void> => {
  const { deps } = about;
  const { clock, settings } = deps;
  const periodMs = settings.schedule.everyMinutes * MS_PER_MINUTE;
  if (await isOverdue(deps, periodMs))
    await sendSweep(about, nextSlotMs(clock.nowMs(), periodMs) - periodMs, periodMs, signal);
  for (;;) {
    const slotMs = nextSlotMs(clock.nowMs(), periodMs);
    await clock.sleep(slotMs - clock.nowMs(), signal);
    await sendSweep(about, slotMs, periodMs, signal);
  }
};
