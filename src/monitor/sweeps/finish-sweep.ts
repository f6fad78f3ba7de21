import { AppError } from '../../ports/app-error.js';
import type { CheckOutcome } from '../record/outcome.js';
import { outcomeOf } from '../check/finish-check.js';
import { countOf } from '../record/severity-ranking.js';
import { sharedFaultsOf } from '../record/shared-faults.js';
import { settleResults } from '../results/flush-results.js';
import { withLease, type Claimed } from '../../state/lease.js';
import { SWEEP_END_KEY } from '../../state/object-layout.js';
import type { SweepNote } from './sweep-store.js';
import { allDevices } from '../text/device-selection.js';
import { cameraPath, listed } from '../text/wording.js';
import { announce, MS_PER_MINUTE, report, type WorkerDeps } from './sweep-context.js';

const summary = (outcomes: readonly CheckOutcome[], tookMs: number): string =>
  `Sweep of ${outcomes.length} in ${Math.round(tookMs / 1000)} s: ` +
  `🚨 ${countOf(outcomes, 'drifted')} ✅ ${countOf(outcomes, 'ok')} ⚠️ ${countOf(outcomes, 'unmeasured')}`;

/** What all programs found, in the order of the settings. */
const outcomesOf = async ({ deps, sweeps }: WorkerDeps, scheduledAt: string): Promise<CheckOutcome[]> => {
  const devices = allDevices(deps.settings);
  const notes = await Promise.all(devices.map((device) => sweeps.committed(scheduledAt, device)));
  return notes.flatMap((note, index) => {
    const device = devices[index];
    return note === null || device === undefined
      ? []
      : [outcomeOf(deps, { ...note, device, sweepAt: scheduledAt }, true)];
  });
};

const notChecked = async (
  { deps, sweeps }: WorkerDeps,
  scheduledAt: string,
  total: number,
): Promise<AppError> => {
  const missing = await sweeps.missing(scheduledAt, allDevices(deps.settings));
  return new AppError(
    'sweep_incomplete',
    `${missing.length} of ${total} cameras were not checked in the sweep of ${scheduledAt}: ${listed(missing.map(cameraPath))}.`,
    'Their messages were lost or came too late: look whether the queue was purged, and whether enough workers run.',
  );
};

/** The telling of a sweep's end, by one program at a time. */
const ENDING: Claimed = { key: SWEEP_END_KEY, name: 'The end of a sweep', busyCode: 'sweep_end_busy' };

const orBusy = (fault: unknown): false => {
  if (fault instanceof AppError && fault.code === ENDING.busyCode) return false;
  throw fault;
};

/** What is told has a name, so that who comes after one that was killed here tells nothing twice. */
const tellEnd = async (
  about: WorkerDeps,
  { scheduledAt, total, startedAtMs }: SweepNote,
  missing: number,
): Promise<void> => {
  const { deps, sweeps, tell, watch } = about;
  const outcomes = await outcomesOf(about, scheduledAt);
  const tookMs = deps.clock.nowMs() - startedAtMs;
  await watch.finished?.(outcomes, tookMs, Date.parse(scheduledAt));
  if (missing > 0) await report(about, await notChecked(about, scheduledAt, total), scheduledAt);
  await sweeps.markFinished(scheduledAt);
  deps.metrics.swept({ endedAtMs: deps.clock.nowMs(), tookMs, cameras: total });
  for (const { line } of sharedFaultsOf(outcomes)) tell(line);
  tell(summary(outcomes, tookMs));
  const { everyMinutes } = deps.settings.schedule;
  if (missing === 0 && tookMs > everyMinutes * MS_PER_MINUTE)
    tell(`⚠️ The sweep took longer than the ${everyMinutes} minutes between sweeps.`);
};

/**
 * Tells the end of a sweep once all its cameras are done, whoever did them; one program does, and another one goes on where
 * that one was killed at it. True when it has ended and is told.
 * `isGivenUp`: it ends though cameras are missing, which is told.
 */
export const finishSweep = async (
  about: WorkerDeps,
  scheduledAt: string,
  signal: AbortSignal,
  { isGivenUp = false } = {},
): Promise<boolean> => {
  const { deps, sweeps } = about;
  const { total, isFinished } = await sweeps.of(scheduledAt);
  if (isFinished || total === 0) return isFinished;
  const missing = total - (await sweeps.doneCount(scheduledAt));
  if (missing > 0 && !isGivenUp) return false;
  const isOver = await withLease(ENDING, deps, 0, signal, async () => {
    const note = await sweeps.of(scheduledAt);
    if (!note.isFinished) await tellEnd(about, note, missing);
    return true;
  }).catch(orBusy);
  if (isOver) await settleResults(deps, signal, (line, key) => announce(about, line, key));
  return isOver;
};
