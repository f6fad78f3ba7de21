import { AppError } from '../ports/app-error.js';
import type { Dependencies } from './dependencies.js';
import type { IncidentStore } from './incident-store.js';
import type { LocalReferences } from './local-reference.js';
import type { CheckOutcome } from './outcome.js';
import type { SweepWatch } from './product.js';
import { countOf } from './ranking.js';
import { recoverSpool } from './recover.js';
import { settleResults } from './settle-results.js';
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

const summary = (outcomes: readonly CheckOutcome[], tookMs: number): string =>
  `Sweep of ${outcomes.length} in ${Math.round(tookMs / 1000)} s: ` +
  `🚨 ${countOf(outcomes, 'drifted')} ✅ ${countOf(outcomes, 'ok')} ⚠️ ${countOf(outcomes, 'unmeasured')}`;

/** The embedded scheduler: sweeps at every full period, and at once when one is overdue, until the signal aborts. */
export const runServe = async (
  deps: Dependencies,
  references: LocalReferences,
  incidents: IncidentStore,
  tell: (line: string) => void,
  watch: SweepWatch,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, settings } = deps;
  const periodMs = settings.schedule.everyMinutes * MS_PER_MINUTE;
  const tellOutcome = (outcome: CheckOutcome): void => {
    if (!outcome.repeated) tell(outcome.line);
  };
  const once = async (scheduledForMs: number): Promise<void> => {
    await recoverSpool(deps, references, tellOutcome, signal);
    const startedMs = clock.nowMs();
    watch.started?.(scheduledForMs);
    const onOutcome = (outcome: CheckOutcome): void => {
      tellOutcome(outcome);
      watch.outcome?.(outcome, scheduledForMs);
    };
    const outcomes = await runSweep(deps, references, incidents, onOutcome, signal);
    const tookMs = clock.nowMs() - startedMs;
    watch.finished?.(outcomes, tookMs, scheduledForMs);
    tell(summary(outcomes, tookMs));
    await settleResults(deps, signal);
    if (tookMs > periodMs)
      tell(`⚠️ The sweep took longer than the ${settings.schedule.everyMinutes} minutes between sweeps.`);
  };
  const nextMs = (): number => nextSlotMs(clock.nowMs(), periodMs);
  if (await isOverdue(deps, periodMs)) await once(nextMs() - periodMs);
  for (;;) {
    const scheduledForMs = nextMs();
    await clock.sleep(scheduledForMs - clock.nowMs(), signal);
    await once(scheduledForMs).catch((fault: unknown) => {
      signal.throwIfAborted();
      if (!(fault instanceof AppError)) throw fault;
      deps.log({ level: 'error', event: 'sweep_failed', message: fault.message, cause: fault });
      watch.failed?.(fault, scheduledForMs);
      tell(`⚠️ The sweep failed: ${fault.message} ${fault.remedy}`);
    });
  }
};
