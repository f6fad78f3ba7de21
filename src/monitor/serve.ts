import { AppError } from '../ports/app-error.js';
import type { Dependencies } from './dependencies.js';
import type { LocalReferences } from './local-reference.js';
import type { CheckOutcome } from './outcome.js';
import { recoverSpool } from './recover.js';
import { runSweep } from './sweep.js';

const MS_PER_MINUTE = 60_000;

/** The next time that is a whole number of periods since midnight UTC of 1970: for an hour, the full hours. */
export const nextSlotMs = (nowMs: number, periodMs: number): number =>
  (Math.floor(nowMs / periodMs) + 1) * periodMs;

/** Whether a whole period has passed without a row, as after a start or a standstill. */
const isOverdue = async (deps: Dependencies, periodMs: number): Promise<boolean> => {
  const recent = await deps.results.history({ sinceMs: deps.clock.nowMs() - periodMs });
  return recent.length === 0;
};

const summary = (outcomes: readonly CheckOutcome[], tookMs: number): string => {
  const count = (verdict: CheckOutcome['verdict']): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length;
  return `Sweep of ${outcomes.length} in ${Math.round(tookMs / 1000)} s: 🚨 ${count('drifted')} ✅ ${count('ok')} ⚠️ ${count('unmeasured')}`;
};

/** The embedded scheduler: sweeps at every full period, and at once when one is overdue, until the signal aborts. */
export const runServe = async (
  deps: Dependencies,
  references: LocalReferences,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, settings } = deps;
  const periodMs = settings.schedule.everyMinutes * MS_PER_MINUTE;
  const tellOutcome = (outcome: CheckOutcome): void => {
    if (!outcome.repeated) tell(outcome.line);
  };
  const once = async (): Promise<void> => {
    await recoverSpool(deps, references, tellOutcome, signal);
    const startedMs = clock.nowMs();
    const outcomes = await runSweep(deps, references, tellOutcome, signal);
    const tookMs = clock.nowMs() - startedMs;
    tell(summary(outcomes, tookMs));
    if (tookMs > periodMs)
      tell(`⚠️ The sweep took longer than the ${settings.schedule.everyMinutes} minutes between sweeps.`);
  };
  if (await isOverdue(deps, periodMs)) await once();
  for (;;) {
    await clock.sleep(nextSlotMs(clock.nowMs(), periodMs) - clock.nowMs(), signal);
    await once().catch((fault: unknown) => {
      signal.throwIfAborted();
      if (!(fault instanceof AppError)) throw fault;
      deps.log({ level: 'error', event: 'sweep_failed', message: fault.message, cause: fault });
      tell(`⚠️ The sweep failed: ${fault.message} ${fault.remedy}`);
    });
  }
};
