import { Recurring, TaskSet } from '../../async/task-set.js';
import { AppError } from '../../ports/app-error.js';
import { Housekeeping } from './state-cleanup.js';
import { recoverSpool } from './recover-spool.js';
import { settleResults } from '../results/flush-results.js';
import { tendResults } from '../results/table-maintenance.js';
import { tellDeadWork } from './dead-letters.js';
import { LostWork } from './lost-messages.js';
import { Standstill } from './outage-alert.js';
import { SweepWorker } from './message-handler.js';
import { announce, type WorkerDeps } from '../sweeps/sweep-context.js';

/** Longest wait for a message; shorter while a sweep is under way, whose end is to be told. */
const WAIT_MS = 20_000;
const SWEEPING_WAIT_MS = 2_000;
/** After a failure of the queue. */
const PAUSE_MS = 10_000;
/** Each statement makes a file of the table: rows wait for others so long, or for the end of their sweep. */
const ROWS_PATIENCE_MS = 600_000;

/** Runs a step again and again is no use when it fails: what is wrong is logged, the next round tries anew. */
const orLogged = async (
  { deps }: WorkerDeps,
  event: string,
  signal: AbortSignal,
  step: () => Promise<unknown>,
  standstill?: Standstill,
): Promise<boolean> => {
  try {
    await step();
    await standstill?.passed();
    return true;
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    deps.log({ level: 'error', event, message: `${cause.message} ${cause.remedy}`, cause });
    await standstill?.met(cause, null);
    return false;
  }
};

/** What is done from time to time besides checking cameras. */
const chores = async (
  about: WorkerDeps,
  worker: SweepWorker,
  { lost, house }: { lost: LostWork; house: Housekeeping },
  signal: AbortSignal,
): Promise<void> => {
  const { deps, references, tell, watch } = about;
  await orLogged(about, 'recovery_failed', signal, () =>
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
  await orLogged(about, 'sweep_end_unknown', signal, () => worker.takeNote());
  await orLogged(about, 'queue_failed', signal, () => tellDeadWork(about, signal));
  await orLogged(about, 'housekeeping_failed', signal, () => house.look());
  await settleResults(deps, signal, (line, key) => announce(about, line, key), ROWS_PATIENCE_MS);
  await orLogged(about, 'queue_failed', signal, async () => {
    const depth = await deps.queue.depth(signal);
    deps.metrics.queued(depth);
    await lost.lookAfter(depth, signal);
  });
};

/** Takes messages and does what they ask for, as many at once as the settings say, until the signal aborts. */
export const runWorker = async (about: WorkerDeps, signal: AbortSignal): Promise<void> => {
  const { clock, queue, settings } = about.deps;
  const worker = new SweepWorker(about);
  const keepers = { lost: new LostWork(about), house: new Housekeeping(about.deps) };
  const failures: unknown[] = [];
  const onFailure = (reason: unknown): void => void failures.push(reason);
  const checks = new TaskSet(onFailure);
  const others = new Recurring(clock, () => chores(about, worker, keepers, signal), onFailure);
  // Apart from the chores, among which rows come into the table: it may take an hour.
  const upkeep = new Recurring(clock, () => tendResults(about.deps, signal), onFailure);
  const round = async (): Promise<void> => {
    about.beat?.();
    if (failures.length > 0) throw failures[0];
    for (const recurring of [others, upkeep]) recurring.startIfDue();
    if (checks.size >= settings.concurrency) return checks.one();
    if (worker.isWaiting) return clock.sleep(PAUSE_MS, signal);
    const waitMs = worker.isSweeping ? SWEEPING_WAIT_MS : WAIT_MS;
    const taken = await queue.take(settings.concurrency - checks.size, waitMs, signal);
    for (const work of taken) checks.add(worker.handle(work, signal));
    if (taken.length === 0) await worker.lookForEnds(signal);
  };
  try {
    // What an earlier run left is brought to its end before anything new begins.
    others.startIfDue();
    await others.settled();
    const standstill = new Standstill(about);
    for (;;) {
      const isWell = await orLogged(about, 'queue_failed', signal, round, standstill);
      if (!isWell) await clock.sleep(PAUSE_MS, signal);
    }
  } finally {
    await Promise.all([checks, others, upkeep].map((tasks) => tasks.settled()));
  }
};
