import type { CameraName } from '../../ports/camera-name.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { WorkQueue } from '../../ports/work-queue.js';
import { withLease, type LeaseTarget } from '../../state/lease.js';
import { defaultMode, runCheck, type CheckRequest } from '../check/run-check.js';
import type { DeploymentFaults } from '../record/deployment-faults.js';
import { confirmed, type IsLast } from '../check/drift-confirmation.js';
import { outcomeOf } from '../check/finish-check.js';
import { sweptLeaseKey } from '../../state/object-layout.js';
import type { CheckOutcome } from '../record/outcome.js';
import { finishOwnCheck } from './finish-own-check.js';
import type { SweepContext } from './sweep-context.js';
import { noteOf, type CheckNote } from './sweep-store.js';

interface SweepCheckContext extends Pick<SweepContext, 'deps' | 'references' | 'incidents' | 'sweeps'> {
  /** Resolves once the report is safe. */
  readonly tell: (outcome: CheckOutcome) => Promise<void>;
  readonly retrying: NonNullable<CheckRequest['retrying']>;
}

/**
 * The lease on a camera's place in sweeps; driving the camera takes another. It expires before the message of a dead
 * program reaches another one, which would otherwise find the camera busy and wait as long again.
 */
export const sweptCamera = (
  camera: CameraName,
  { visibilityMs }: Pick<WorkQueue, 'visibilityMs'>,
): LeaseTarget => ({
  key: sweptLeaseKey(camera),
  name: `${camera.deploymentName}/${camera.cameraName}`,
  busyCode: 'sweep_camera_busy',
  ttlMs: visibilityMs / 2,
});

/** One camera of one sweep. */
export interface SweptCamera {
  readonly scheduledAt: string;
  readonly device: DeviceSettings;
  readonly faults: DeploymentFaults;
}

/**
 * Checks one camera for one sweep; false when another check counts. Its note in the store, written before the row and
 * only by the first of several checks, makes it the only one. Of checks that confirm drift the last one is noted.
 */
const measure = async (
  { deps, references, incidents, sweeps, tell, retrying }: SweepCheckContext,
  { scheduledAt, device, faults }: SweptCamera,
  signal: AbortSignal,
): Promise<boolean> => {
  let last: CheckNote | null = null;
  const check = (isLast: IsLast): Promise<CheckOutcome> => {
    const commit: CheckRequest['commit'] = async (finished, hasPicture) => {
      last = noteOf(finished, hasPicture);
      return !(await isLast(finished.record.verdict_told)) || sweeps.commit(scheduledAt, device, last);
    };
    const request = {
      ...{ device, faults, commit, retrying },
      mode: defaultMode(device),
      tell: () => undefined,
      isRoutine: true,
      sweepAt: scheduledAt,
    };
    return runCheck(deps, references, request, signal);
  };
  const outcome = await confirmed(incidents, device, check, deps.settings.alerts.confirm).catch(
    nullIfSuperseded,
  );
  if (outcome === null || (last !== null && !(await sweeps.commit(scheduledAt, device, last)))) return false;
  await tell(outcome);
  return true;
};

const nullIfSuperseded = (fault: unknown): null => {
  if (fault instanceof AppError && fault.code === 'check_superseded') return null;
  throw fault;
};

/** Finishes a check that was noted but not completed: writing its row again changes nothing. */
const finishNoted = async (
  { deps, tell }: SweepCheckContext,
  { scheduledAt, device }: SweptCamera,
  note: CheckNote,
): Promise<void> => {
  await deps.results.merge([note.record.row]);
  await tell(outcomeOf(deps, { ...note, device, sweepAt: scheduledAt }, true));
};

/**
 * Completes one camera of a sweep: one check, one row, one report. Does nothing if that is already done. AppErrors:
 * `sweep_camera_busy` when another program is working on it, and those of store and table; calling it again resumes.
 */
export const checkForSweep = async (
  context: SweepCheckContext,
  camera: SweptCamera,
  signal: AbortSignal,
): Promise<void> => {
  const { deps, sweeps } = context;
  const { scheduledAt, device } = camera;
  await withLease(
    sweptCamera(device, deps.queue),
    { ...deps, store: sweeps.store },
    0,
    signal,
    async (leased) => {
      if (await sweeps.isDone(scheduledAt, device)) return;
      const isNoted = (await sweeps.committed(scheduledAt, device)) !== null;
      const isTold =
        !isNoted &&
        ((await finishOwnCheck(context, scheduledAt, device, context.tell, leased)) ||
          (await measure(context, camera, leased)));
      const note = isTold ? null : await sweeps.committed(scheduledAt, device);
      if (note !== null) await finishNoted(context, camera, note);
      await sweeps.markDone(scheduledAt, device);
    },
  );
};
