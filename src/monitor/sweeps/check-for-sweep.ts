import type { CameraName } from '../../ports/camera-name.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { WorkQueue } from '../../ports/work-queue.js';
import { withLease, type Claimed } from '../../state/lease.js';
import { defaultMode, runCheck, type CheckRequest } from '../check/run-check.js';
import { type DeploymentFaults } from '../record/deployment-faults.js';
import { confirmed, type IsLast } from '../check/drift-confirmation.js';
import type { Dependencies } from '../record/dependencies.js';
import { outcomeOf } from '../check/finish-check.js';
import type { IncidentStore } from '../record/incident-store.js';
import type { LocalReferences } from '../references/reference-cache.js';
import { sweptLeaseKey } from '../../state/object-layout.js';
import type { CheckOutcome } from '../record/outcome.js';
import { noteOf, type CheckNote, type SweepStore } from './sweep-store.js';

interface SweepCheckDeps {
  readonly deps: Dependencies;
  readonly references: LocalReferences;
  readonly incidents: IncidentStore;
  readonly sweeps: SweepStore;
  /** Resolves when it is sure to be told. */
  readonly tell: (outcome: CheckOutcome) => Promise<void>;
  readonly outlasting: NonNullable<CheckRequest['outlasting']>;
  /** Brings a check of this program that the store did not take to its end; false when there is none. */
  readonly finishOwn: (camera: CameraName, signal: AbortSignal) => Promise<boolean>;
}

/**
 * A camera as far as sweeps go; whoever drives it has another lease on it besides. The claim of a dead program ends before its
 * message comes to another one, which would otherwise find the camera busy and wait as long again.
 */
export const sweptCamera = (
  camera: CameraName,
  { visibilityMs }: Pick<WorkQueue, 'visibilityMs'>,
): Claimed => ({
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
 * The check of one camera for one sweep; false when another one stands for it. Its note in the store makes it the only one:
 * it is written before the row, and only the first of several checks writes it. Of checks that confirm a drift the last one
 * is noted.
 */
const measure = async (
  { deps, references, incidents, sweeps, tell, outlasting }: SweepCheckDeps,
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
      ...{ device, faults, commit, outlasting },
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

/** Takes up a check that somebody noted and did not bring to its end: the row is written, which changes nothing when it was. */
const finishNoted = async (
  { deps, tell }: SweepCheckDeps,
  { scheduledAt, device }: SweptCamera,
  note: CheckNote,
): Promise<void> => {
  await deps.results.merge([note.record.row]);
  await tell(outcomeOf(deps, { ...note, device, sweepAt: scheduledAt }, true));
};

/**
 * Brings one camera of a sweep to its end: checked once, one row, told. Nothing is done when it is there already. AppErrors:
 * `sweep_camera_busy` when another program is at it, and those of store and table; the same call later goes on.
 */
export const checkForSweep = async (
  about: SweepCheckDeps,
  camera: SweptCamera,
  signal: AbortSignal,
): Promise<void> => {
  const { deps, sweeps } = about;
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
        !isNoted && ((await about.finishOwn(device, leased)) || (await measure(about, camera, leased)));
      const note = isTold ? null : await sweeps.committed(scheduledAt, device);
      if (note !== null) await finishNoted(about, camera, note);
      await sweeps.markDone(scheduledAt, device);
    },
  );
};
