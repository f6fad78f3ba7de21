import { AppError } from '../../ports/app-error.js';
import type { CheckOutcome } from '../outcome.js';
import { outcomeOf } from '../finish-check.js';
import { countOf } from '../ranking.js';
import { sharedFaultsOf } from '../shared-faults.js';
import { settleResults } from '../settle-results.js';
import type { SweepStore } from './sweep-store.js';
import { allDevices } from '../select-devices.js';
import { cameraPath, listed } from '../words.js';
import { announce, MS_PER_MINUTE, report, type WorkerDeps } from './worker-deps.js';

const summary = (outcomes: readonly CheckOutcome[], tookMs: number): string =>
  `Sweep of ${outcomes.length} in ${Math.round(tookMs / 1000)} s: ` +
  `🚨 ${countOf(outcomes, 'drifted')} ✅ ${countOf(outcomes, 'ok')} ⚠️ ${countOf(outcomes, 'unmeasured')}`;

/** What all programs found, in the order of the settings. */
const outcomesOf = async (
  { deps }: WorkerDeps,
  sweeps: SweepStore,
  scheduledAt: string,
): Promise<CheckOutcome[]> => {
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
  { deps }: WorkerDeps,
  sweeps: SweepStore,
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

/**
 * Tells the end of a sweep once all its cameras are done, whoever did them; one program does, and another one again only when
 * that one was killed at it. True when it has ended and is told.
 * `isGivenUp`: it ends though cameras are missing, which is told.
 */
export const finishSweep = async (
  about: WorkerDeps,
  sweeps: SweepStore,
  scheduledAt: string,
  signal: AbortSignal,
  { isGivenUp = false } = {},
): Promise<boolean> => {
  const { deps, tell, watch } = about;
  const { total, startedAtMs, isFinished } = await sweeps.of(scheduledAt);
  if (isFinished || total === 0) return isFinished;
  const missing = total - (await sweeps.doneCount(scheduledAt));
  if (missing > 0 && !isGivenUp) return false;
  const outcomes = await outcomesOf(about, sweeps, scheduledAt);
  if (!(await sweeps.claimEnd(scheduledAt, deps.clock.nowMs()))) return false;
  const tookMs = deps.clock.nowMs() - startedAtMs;
  deps.metrics.swept({ endedAtMs: deps.clock.nowMs(), tookMs, cameras: total });
  watch.finished?.(outcomes, tookMs, Date.parse(scheduledAt));
  for (const { line } of sharedFaultsOf(outcomes)) tell(line);
  tell(summary(outcomes, tookMs));
  const { everyMinutes } = deps.settings.schedule;
  if (missing > 0) report(about, await notChecked(about, sweeps, scheduledAt, total));
  else if (tookMs > everyMinutes * MS_PER_MINUTE)
    tell(`⚠️ The sweep took longer than the ${everyMinutes} minutes between sweeps.`);
  await sweeps.markFinished(scheduledAt);
  await settleResults(deps, signal, (line) => announce(about, line));
  return true;
};
