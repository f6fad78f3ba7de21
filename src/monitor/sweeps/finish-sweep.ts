import { AppError } from '../../ports/app-error.js';
import type { CheckOutcome } from '../record/outcome.js';
import { outcomeOf } from '../check/finish-check.js';
import { countOf } from '../record/severity-ranking.js';
import { sharedFaultsOf } from '../record/shared-faults.js';
import { flushResults } from '../results/flush-results.js';
import { withLease, type LeaseTarget } from '../../state/lease.js';
import { SWEEP_END_KEY } from '../../state/object-layout.js';
import type { SweepNote } from './sweep-store.js';
import { allDevices } from '../text/device-selection.js';
import { cameraPath, listed } from '../text/wording.js';
import { announce, MS_PER_MINUTE, report, type SweepContext } from './sweep-context.js';

const summary = (outcomes: readonly CheckOutcome[], tookMs: number): string =>
  `Sweep of ${outcomes.length} in ${Math.round(tookMs / 1000)} s: ` +
  `🚨 ${countOf(outcomes, 'drifted')} ✅ ${countOf(outcomes, 'ok')} ⚠️ ${countOf(outcomes, 'unmeasured')}`;

/** The outcomes of all programs, in the order of the settings. */
const outcomesOf = async ({ deps, sweeps }: SweepContext, scheduledAt: string): Promise<CheckOutcome[]> => {
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
  { deps, sweeps }: SweepContext,
  scheduledAt: string,
  total: number,
): Promise<AppError> => {
  const missing = await sweeps.missing(scheduledAt, allDevices(deps.settings));
  return new AppError(
    'sweep_incomplete',
    `${missing.length} of ${total} cameras were not checked in the sweep of ${scheduledAt}: ${listed(missing.map(cameraPath))}.`,
    'Their messages were lost or came too late: check whether the queue was purged and whether enough workers are running.',
  );
};

/** One program at a time reports the end of a sweep. */
const ENDING: LeaseTarget = { key: SWEEP_END_KEY, name: 'the end of a sweep', busyCode: 'sweep_end_busy' };

const orBusy = (fault: unknown): false => {
  if (fault instanceof AppError && fault.code === ENDING.busyCode) return false;
  throw fault;
};

/** Reports have keys, so that whoever continues after a kill repeats none. */
const reportEnd = async (
  context: SweepContext,
  { scheduledAt, total, startedAtMs }: SweepNote,
  missing: number,
): Promise<void> => {
  const { deps, sweeps, tell, watch } = context;
  const outcomes = await outcomesOf(context, scheduledAt);
  const tookMs = deps.clock.nowMs() - startedAtMs;
  await watch.finished?.(outcomes, tookMs, Date.parse(scheduledAt));
  if (missing > 0) await report(context, await notChecked(context, scheduledAt, total), scheduledAt);
  await sweeps.markFinished(scheduledAt);
  deps.metrics.swept({ endedAtMs: deps.clock.nowMs(), tookMs, cameras: total });
  for (const { line } of sharedFaultsOf(outcomes)) tell(line);
  tell(summary(outcomes, tookMs));
  const { everyMinutes } = deps.settings.schedule;
  if (missing === 0 && tookMs > everyMinutes * MS_PER_MINUTE)
    tell(`⚠️ The sweep took longer than the ${everyMinutes} minutes between sweeps.`);
};

/**
 * Reports the end of a sweep once all its cameras are done, whoever checked them. One program does; another continues if
 * that one is killed. True when the sweep has ended and is reported. `isGivenUp`: it ends with cameras missing, which is
 * reported.
 */
export const finishSweep = async (
  context: SweepContext,
  scheduledAt: string,
  signal: AbortSignal,
  { isGivenUp = false } = {},
): Promise<boolean> => {
  const { deps, sweeps } = context;
  const { total, isFinished } = await sweeps.of(scheduledAt);
  if (isFinished || total === 0) return isFinished;
  const missing = total - (await sweeps.doneCount(scheduledAt));
  if (missing > 0 && !isGivenUp) return false;
  const isOver = await withLease(ENDING, deps, 0, signal, async () => {
    const note = await sweeps.of(scheduledAt);
    if (!note.isFinished) await reportEnd(context, note, missing);
    return true;
  }).catch(orBusy);
  if (isOver) await flushResults(deps, signal, (line, key) => announce(context, line, key));
  return isOver;
};
