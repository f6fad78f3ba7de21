import { Recurring, TaskSet } from '../../async/task-set.js';
import { AppError } from '../../ports/app-error.js';
import { orLogged } from '../record/or-logged.js';
import { StateCleanup } from './state-cleanup.js';
import { recoverSpool } from './recover-spool.js';
import { flushResults } from '../results/flush-results.js';
import { maintainTable } from '../results/table-maintenance.js';
import { reportDeadLetters } from './dead-letters.js';
import { LostMessages } from './lost-messages.js';
import { OutageAlert } from './outage-alert.js';
import { MessageHandler } from './message-handler.js';
import { announce, type SweepContext } from '../sweeps/sweep-context.js';

/** Longest wait for a message; shorter during a sweep, whose end must be reported. */
const WAIT_MS = 20_000;
const SWEEPING_WAIT_MS = 2_000;
/** After a failure of the queue. */
const PAUSE_MS = 10_000;
/** Each statement creates a file in the table: rows wait this long for others, or for the end of their sweep. */
const ROWS_PATIENCE_MS = 600_000;

/** Runs a step; a failure is logged, and the next round tries again. */
const tried = <T>({ deps }: SweepContext, event: string, signal: AbortSignal, step: () => Promise<T>) => {
  const message = ({ message, remedy }: AppError): string => `${message} ${remedy}`;
  return orLogged(deps, { level: 'error', event, message }, step, signal);
};

/** Periodic work besides checking cameras. */
const runChores = async (
  context: SweepContext,
  worker: MessageHandler,
  { lost, cleanup }: { lost: LostMessages; cleanup: StateCleanup },
  signal: AbortSignal,
): Promise<void> => {
  const { deps, references, tell, watch } = context;
  await tried(context, 'recovery_failed', signal, () =>
    recoverSpool(
      deps,
      references,
      async (outcome) => {
        if (outcome.sweepAt !== undefined) await watch.outcome?.(outcome, Date.parse(outcome.sweepAt));
        tell(outcome.line);
      },
      signal,
    ),
  );
  await tried(context, 'sweep_end_unknown', signal, () => worker.adoptUnfinished());
  await tried(context, 'queue_failed', signal, () => reportDeadLetters(context, signal));
  await tried(context, 'housekeeping_failed', signal, () => cleanup.runIfDue());
  await flushResults(deps, signal, (line, key) => announce(context, line, key), ROWS_PATIENCE_MS);
  await tried(context, 'queue_failed', signal, async () => {
    const depth = await deps.queue.depth(signal);
    deps.metrics.queued(depth);
    await lost.inspect(depth, signal);
  });
};

/** Takes and handles messages, as many at once as the settings allow, until the signal aborts. */
export const runWorker = async (context: SweepContext, signal: AbortSignal): Promise<void> => {
  const { clock, queue, settings } = context.deps;
  const worker = new MessageHandler(context);
  const keepers = { lost: new LostMessages(context), cleanup: new StateCleanup(context.deps) };
  const failures: unknown[] = [];
  const onFailure = (reason: unknown): void => void failures.push(reason);
  const checks = new TaskSet(onFailure);
  const others = new Recurring(clock, () => runChores(context, worker, keepers, signal), onFailure);
  // Separate from the chores, which write rows to the table: it may take an hour.
  const upkeep = new Recurring(clock, () => maintainTable(context.deps, signal), onFailure);
  const round = async (): Promise<void> => {
    context.beat?.();
    if (failures.length > 0) throw failures[0];
    for (const recurring of [others, upkeep]) recurring.startIfDue();
    if (checks.size >= settings.concurrency) return checks.one();
    if (worker.isWaiting) return clock.sleep(PAUSE_MS, signal);
    const waitMs = worker.isSweeping ? SWEEPING_WAIT_MS : WAIT_MS;
    const taken = await queue.take(settings.concurrency - checks.size, waitMs, signal);
    for (const work of taken) checks.add(worker.handle(work, signal));
    if (taken.length === 0) await worker.finishSweeps(signal);
  };
  try {
    // Finish what an earlier run left before anything new starts.
    others.startIfDue();
    await others.settled();
    const outage = new OutageAlert(context);
    const roundOrAlert = async (): Promise<boolean> => {
      try {
        await round();
      } catch (cause) {
        if (cause instanceof AppError && !signal.aborted) await outage.failed(cause, null);
        throw cause;
      }
      await outage.recovered();
      return true;
    };
    for (;;) {
      const isOk = await tried(context, 'queue_failed', signal, roundOrAlert);
      if (isOk === null) await clock.sleep(PAUSE_MS, signal);
    }
  } finally {
    await Promise.all([checks, others, upkeep].map((tasks) => tasks.settled()));
  }
};
