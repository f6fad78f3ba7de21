import { AppError } from '../../ports/app-error.js';
import type { Dependencies } from '../record/dependencies.js';
import { orLogged } from '../record/or-logged.js';
import { MS_PER_MINUTE, type SweepContext } from '../sweeps/sweep-context.js';
import { sweepMessage } from '../sweeps/sweep-messages.js';

/** The next whole multiple of the period since the epoch: for an hour, the full hours UTC. */
export const nextSlotMs = (nowMs: number, periodMs: number): number =>
  (Math.floor(nowMs / periodMs) + 1) * periodMs;

/** Delay before sending a sweep is retried, until the next one is due. */
const RETRY_MS = 15_000;

/** Whether a whole period has passed without a row, as after a start or an outage; true when unknown. */
const isOverdue = async (deps: Dependencies, periodMs: number): Promise<boolean> => {
  const sinceMs = deps.clock.nowMs() - periodMs;
  const entry = { level: 'warn', event: 'last_results_unknown' } as const;
  const rows = await orLogged(deps, entry, () => deps.results.history({ sinceMs }));
  return rows === null || rows.length === 0;
};

/** Sends the sweep of one scheduled time; sent by several programs it is still one sweep. */
const sendSweep = async (
  { deps, tell, watch }: SweepContext,
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
      if (deps.clock.nowMs() + RETRY_MS >= slotMs + periodMs) return;
    }
    await deps.clock.sleep(RETRY_MS, signal);
  }
};

/** The embedded scheduler: starts a sweep every period, and at once when one is overdue. */
export const runScheduler = async (context: SweepContext, signal: AbortSignal): Promise<void> => {
  const { deps } = context;
  const { clock, settings } = deps;
  const periodMs = settings.schedule.everyMinutes * MS_PER_MINUTE;
  if (await isOverdue(deps, periodMs))
    await sendSweep(context, nextSlotMs(clock.nowMs(), periodMs) - periodMs, periodMs, signal);
  for (;;) {
    const slotMs = nextSlotMs(clock.nowMs(), periodMs);
    await clock.sleep(slotMs - clock.nowMs(), signal);
    await sendSweep(context, slotMs, periodMs, signal);
  }
};
