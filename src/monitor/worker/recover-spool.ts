import {
  clearRemovedCaptures,
  removeCapture,
  unfinishedCaptures,
  type UnfinishedCapture,
} from '../../capture/spool/spool-folders.js';
import type { RestoreOptions } from '../../capture/restore-after-crash.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import { withCameraLease, withLease } from '../../state/lease.js';
import { withCheckLog } from '../record/check-log.js';
import {
  readManifest,
  readRecord,
  readTicket,
  writeRecord,
  type CheckTicket,
} from '../record/check-folder.js';
import type { Dependencies } from '../record/dependencies.js';
import { finishCheck } from '../check/finish-check.js';
import type { ReferenceCache } from '../references/reference-cache.js';
import { failed, measureCapture, recordOf } from '../check/measure.js';
import type { CheckOutcome } from '../record/outcome.js';
import type { MaybeAsync } from '../record/sweep-watch.js';
import { publishFinishedLayers } from '../layers/layer-job.js';
import { publishFinishedScan } from '../references/scan-reference.js';
import { sweptCamera } from '../sweeps/check-for-sweep.js';
import { sweptBy } from '../sweeps/finish-own-check.js';
import { SweepStore } from '../sweeps/sweep-store.js';
import { cameraPath } from '../text/wording.js';
import { allDevices, deviceNamed } from '../text/device-selection.js';

const brokenOff = (): AppError =>
  new AppError(
    'interrupted',
    'The program stopped while it was capturing the camera.',
    'No action needed: the next check measures the camera again.',
  );

const RESTORED = {
  restored: 'returned to where an earlier run had moved it from',
  already_there: 'already back where an earlier run had moved it from',
  taken_over: 'left in place: someone has moved it since an earlier run drove it',
} as const;

const logStranger = (deps: Dependencies, { dir }: UnfinishedCapture, why: string): void =>
  deps.log({ level: 'warn', event: 'spool_stranger', message: `${dir} ${why}, so it is left alone.` });

/** Resumes one check where an earlier run left it: at its result, its manifest, or nothing at all. */
const finishInterrupted = async (
  deps: Dependencies,
  references: ReferenceCache,
  left: UnfinishedCapture,
  ticket: CheckTicket,
  device: DeviceSettings,
  tell: (outcome: CheckOutcome) => MaybeAsync,
  signal: AbortSignal,
): Promise<boolean> => {
  const { dir } = left;
  const sweeps = new SweepStore(deps.store);
  // The notes of a private sweep died with its program: finish its checks like any others.
  const isShared = ticket.sweepAt !== undefined && (await sweeps.of(ticket.sweepAt)).total > 0;
  const sweepAt = isShared ? ticket.sweepAt : undefined;
  const manifest = await readManifest(dir);
  let record = await readRecord(dir);
  if (record === null && manifest === null && sweepAt !== undefined) {
    await removeCapture(dir); // the queue delivers the camera again
    return false;
  }
  if (record === null) {
    const measured =
      manifest === null ? failed(brokenOff()) : await measureCapture(deps, references, device, dir, signal);
    // The time of the check itself, so that finishing it twice leaves one row.
    record = recordOf(deps, ticket, manifest, measured, ticket.startedAtMs);
    await writeRecord(dir, record);
  }
  const told = ticket.wasTold === true ? () => undefined : tell;
  const check = { device, dir, manifest, record, repeated: false, ...sweptBy(sweeps, sweepAt) };
  if (sweepAt === undefined) return (await finishCheck(deps, references, check, told, signal)).recorded;
  return withLease(sweptCamera(device, deps.queue), deps, 0, signal, async (leased) => {
    const { recorded } = await finishCheck(deps, references, check, told, leased);
    await sweeps.markDone(sweepAt, device);
    return recorded;
  });
};

/** A check that is just starting has a folder before its first file. */
const YOUNG_MS = 60_000;

const isOld = ({ clock }: Dependencies, { timestamp }: UnfinishedCapture): boolean => {
  const madeAtMs = Date.parse(timestamp.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:'));
  return clock.nowMs() - madeAtMs >= YOUNG_MS;
};

const recoverOne = async (
  deps: Dependencies,
  references: ReferenceCache,
  left: UnfinishedCapture,
  tell: (outcome: CheckOutcome) => MaybeAsync,
  signal: AbortSignal,
): Promise<boolean> => {
  const ticket = await readTicket(left.dir);
  if (ticket === null) {
    if (left.hasManifest) logStranger(deps, left, 'holds a capture that belongs to no known check');
    else if (isOld(deps, left)) await removeCapture(left.dir);
    return false;
  }
  const isOurs = ticket.owner === deps.identity.self;
  // A check of this run is only left here when its files or row could not be stored.
  if (isOurs ? ticket.wasTold !== true : (await deps.identity.isAlive(ticket.owner)) === true) return false;
  const device = deviceNamed(deps.settings, ticket);
  if (device === null) {
    logStranger(
      deps,
      left,
      `belongs to ${ticket.deploymentName}/${ticket.deviceId}, which is no longer in the settings`,
    );
    return false;
  }
  const own = withCheckLog(deps, ticket);
  own.log({ level: 'debug', event: 'check_resumed', message: 'Resuming an interrupted check.' });
  return finishInterrupted(own, references, left, ticket, device, tell, signal);
};

/** Cameras first: an operator may be waiting for one that is away from home. */
const restoreLeft = async (deps: Dependencies, signal: AbortSignal): Promise<void> => {
  const holding: RestoreOptions['holding'] = (camera, work) => withCameraLease(camera, deps, 0, signal, work);
  for (const { camera, outcome } of await deps.restoreCameras(holding, signal)) {
    const name = camera === null ? 'A camera' : cameraPath(camera);
    if (typeof outcome === 'string')
      deps.log({ level: 'info', event: 'camera_restored', message: `${name}: ${RESTORED[outcome]}.` });
    else if (outcome.code !== 'camera_busy')
      deps.log({ level: 'error', event: 'camera_not_restored', message: outcome.message, cause: outcome });
  }
};

/** Another program is handling the camera's check of that sweep, or has finished it. */
const LEFT_TO_OTHERS: ReadonlySet<string> = new Set(['sweep_camera_busy', 'check_superseded']);

/** Logs a failure, so that one item does not block the others or new checks. */
const orLogged = async (
  deps: Dependencies,
  what: string,
  signal: AbortSignal,
  work: () => Promise<boolean>,
): Promise<boolean> => {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    if (LEFT_TO_OTHERS.has(cause.code)) return false;
    const message = `${what} from an earlier run could not be finished: ${cause.message}`;
    deps.log({ level: 'error', event: 'recovery_failed', message, cause });
    return false;
  }
};

/** Finishes what earlier runs left in the spool: scans, checks, rows, files. Returns the number of checks. */
export const recoverSpool = async (
  deps: Dependencies,
  references: ReferenceCache,
  tell: (outcome: CheckOutcome) => MaybeAsync,
  signal: AbortSignal,
): Promise<number> => {
  const { spoolDir } = deps.settings;
  await restoreLeft(deps, signal);
  for (const device of allDevices(deps.settings)) {
    const scan = `The scan of ${cameraPath(device)}`;
    await orLogged(deps, scan, signal, () => publishFinishedScan(deps, device, signal));
    await orLogged(deps, scan, signal, () => publishFinishedLayers(deps, references, device, signal));
  }
  await clearRemovedCaptures(spoolDir);
  let finished = 0;
  for (const left of await unfinishedCaptures(spoolDir))
    if (await orLogged(deps, left.dir, signal, () => recoverOne(deps, references, left, tell, signal)))
      finished += 1;
  return finished;
};
