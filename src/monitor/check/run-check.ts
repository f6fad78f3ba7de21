import type { CaptureManifest } from '../../capture/spool/manifest.js';
import { removeCapture } from '../../capture/spool/spool-folders.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { DeploymentFaults } from '../record/deployment-faults.js';
import { withCameraLease } from '../../state/lease.js';
import { withCheckLog } from '../record/check-log.js';
import { openCheck, ticketOf, writeRecord } from '../record/check-folder.js';
import type { Dependencies } from '../record/dependencies.js';
import { finishCheck, type FinishedCheck } from './finish-check.js';
import type { ReferenceCache } from '../references/reference-cache.js';
import { failed, measureCapture, recordOf, type Measured } from './measure.js';
import type { CheckOutcome } from '../record/outcome.js';

/** Longest wait for another check or scan of the same camera. */
const LEASE_WAIT_MS = 120_000;

export const defaultMode = (device: DeviceSettings): 'passive' | 'active' =>
  device.activeStops.length > 0 ? 'active' : 'passive';

export interface CheckRequest {
  readonly device: DeviceSettings;
  readonly mode: 'passive' | 'active';
  readonly faults: DeploymentFaults;
  readonly tell: (outcome: CheckOutcome) => void;
  readonly isRoutine?: FinishedCheck['isRoutine'];
  readonly sweepAt?: string;
  readonly commit?: FinishedCheck['commit'];
  /** Retries work that needs the store while the store does not respond: the camera is not to blame. */
  readonly retrying?: <T>(work: () => Promise<T>) => Promise<T>;
}

interface Captured {
  readonly manifest: CaptureManifest | null;
  readonly measured: Measured;
}

const captureAndMeasure = async (
  deps: Dependencies,
  references: ReferenceCache,
  { device, mode, retrying = (work) => work() }: CheckRequest,
  dir: string,
  signal: AbortSignal,
): Promise<Captured> => {
  // First: without a reference there is nothing to capture for.
  await retrying(() => references.of(device, signal));
  const manifest = await withCameraLease(device, deps, LEASE_WAIT_MS, signal, (leased) =>
    deps.capture.capture(device, { mode, dir }, leased),
  );
  const measured = await retrying(() => measureCapture(deps, references, device, dir, signal));
  return { manifest, measured };
};

/** Captures and measures; every operating failure becomes part of the result. */
const attempt = async (
  deps: Dependencies,
  references: ReferenceCache,
  request: CheckRequest,
  dir: string,
  signal: AbortSignal,
): Promise<Captured & { repeated: boolean }> => {
  const { device, faults } = request;
  const known = faults.of(device.deploymentName);
  if (known !== null) return { manifest: null, measured: failed(known), repeated: true };
  try {
    return { ...(await captureAndMeasure(deps, references, request, dir, signal)), repeated: false };
  } catch (fault) {
    signal.throwIfAborted();
    if (!(fault instanceof AppError)) throw fault;
    const repeated = faults.of(device.deploymentName) !== null;
    faults.note(device.deploymentName, fault);
    return { manifest: null, measured: failed(fault), repeated };
  }
};

/** A check that cannot even start on disk: still tries to write its row and report it. */
const withoutSpool = async (
  deps: Dependencies,
  request: CheckRequest,
  startedAtMs: number,
  fault: AppError,
): Promise<CheckOutcome> => {
  const { device, mode } = request;
  const { deviceId } = device;
  const ticket = ticketOf(device, { owner: deps.identity.self, mode, startedAtMs });
  const record = recordOf(deps, ticket, null, failed(fault), startedAtMs);
  const recorded = await deps.results.merge([record.row]).then(
    () => true,
    (cause: unknown) => {
      deps.log({ level: 'error', event: 'record_lost', message: record.line, device: deviceId, cause });
      return false;
    },
  );
  const outcome: CheckOutcome = {
    ...{ device, recorded, row: record.row, line: record.line, verdict: record.verdict_told },
    ...{ answer: null, pictureLocation: null, repeated: false },
    ...(request.sweepAt === undefined ? {} : { sweepAt: request.sweepAt }),
    filesLocation: record.row.files_location,
    failureCode: fault.code,
  };
  request.tell(outcome);
  return outcome;
};

/** Creates the spool folder, captures and measures; afterwards the result is in the spool. */
const takeCheck = async (
  deps: Dependencies,
  references: ReferenceCache,
  request: CheckRequest,
  startedAtMs: number,
  signal: AbortSignal,
): Promise<FinishedCheck> => {
  const { device, mode, isRoutine = false, sweepAt, commit } = request;
  const swept = sweepAt === undefined ? {} : { sweepAt };
  const ticket = ticketOf(device, { owner: deps.identity.self, mode, startedAtMs, ...swept });
  const dir = await openCheck(deps.settings.spoolDir, ticket);
  try {
    const { manifest, measured, repeated } = await attempt(deps, references, request, dir, signal);
    const record = recordOf(deps, ticket, manifest, measured, deps.clock.nowMs());
    await writeRecord(dir, record);
    const { reference } = measured;
    const found = { manifest, record, repeated, reference };
    return { ...{ device, dir, isRoutine }, ...found, ...swept, ...(commit && { commit }) };
  } catch (fault) {
    if (signal.aborted || fault instanceof AppError) await removeCapture(dir);
    throw fault;
  }
};

const noted = (
  { clock, metrics, log }: Dependencies,
  outcome: CheckOutcome,
  startedAtMs: number,
): CheckOutcome => {
  const { verdict, row, line, failureCode, recorded } = outcome;
  const tookMs = clock.nowMs() - startedAtMs;
  metrics.checked({ verdict, mode: row.mode, tookMs });
  const end = `${line} (${(tookMs / 1000).toFixed(1)} s${failureCode === null ? '' : `, ${failureCode}`}${recorded ? '' : ', not recorded'})`;
  log({ level: 'debug', event: 'check_finished', message: end });
  return outcome;
};

/** The check is in the spool, or another one replaced it: nothing to report now. */
const SWEEP_FAULTS: ReadonlySet<string> = new Set(['sweep_unwritable', 'check_superseded']);

/**
 * One check of one camera, from spool folder to report. A camera that cannot be measured is an outcome; only an aborted
 * signal (which leaves nothing behind) and programming errors reject, and with `commit` the AppErrors of {@link
 * finishCheck}.
 */
export const runCheck = async (
  deps: Dependencies,
  references: ReferenceCache,
  request: CheckRequest,
  signal: AbortSignal,
): Promise<CheckOutcome> => {
  signal.throwIfAborted();
  const startedAtMs = deps.clock.nowMs();
  const own = withCheckLog(deps, { ...request.device, sweepAt: request.sweepAt, startedAtMs });
  let check: FinishedCheck | null = null;
  try {
    own.log({ level: 'debug', event: 'check_started', message: `Starting a ${request.mode} check.` });
    check = await takeCheck(own, references, request, startedAtMs, signal);
    return noted(own, await finishCheck(own, references, check, request.tell, signal), startedAtMs);
  } catch (fault) {
    const isLeft = !signal.aborted && (!(fault instanceof AppError) || SWEEP_FAULTS.has(fault.code));
    if (isLeft) throw fault;
    if (check !== null) await removeCapture(check.dir);
    signal.throwIfAborted();
    if (!(fault instanceof AppError)) throw fault;
    return noted(own, await withoutSpool(own, request, startedAtMs, fault), startedAtMs);
  }
};
