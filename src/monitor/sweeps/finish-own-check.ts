import { unfinishedCaptures } from '../../capture/spool/spool-folders.js';
import type { DeviceSettings } from '../../config/settings.js';
import { finishCheck, type FinishedCheck } from '../check/finish-check.js';
import { readManifest, readRecord, readTicket } from '../record/check-folder.js';
import type { CheckOutcome } from '../record/outcome.js';
import type { MaybeAsync } from '../record/sweep-watch.js';
import type { SweepContext } from './sweep-context.js';
import { noteOf, type SweepStore } from './sweep-store.js';

/** What a check of a sweep needs to be finished. */
export const sweptBy = (
  sweeps: SweepStore,
  sweepAt: string | undefined,
): Pick<FinishedCheck, 'isRoutine' | 'sweepAt' | 'commit'> => {
  if (sweepAt === undefined) return {};
  const commit: FinishedCheck['commit'] = (check, hasPicture) =>
    sweeps.commit(sweepAt, check.device, noteOf(check, hasPicture));
  return { isRoutine: true, sweepAt, commit };
};

/**
 * Finishes a check that this run made for a sweep and the store rejected, without capturing again; the caller holds the
 * camera's sweep lease. False when there is none. AppErrors as {@link finishCheck}.
 */
export const finishOwnCheck = async (
  { deps, references, sweeps }: Pick<SweepContext, 'deps' | 'references' | 'sweeps'>,
  scheduledAt: string,
  device: DeviceSettings,
  tell: (outcome: CheckOutcome) => MaybeAsync,
  signal: AbortSignal,
): Promise<boolean> => {
  for (const { dir, deploymentName, cameraName } of await unfinishedCaptures(deps.settings.spoolDir)) {
    if (deploymentName !== device.deploymentName || cameraName !== device.cameraName) continue;
    const ticket = await readTicket(dir);
    if (ticket?.owner !== deps.identity.self || ticket.sweepAt !== scheduledAt) continue;
    const record = await readRecord(dir);
    if (ticket.deviceId !== device.deviceId || record === null) continue;
    const check = { device, dir, record, repeated: false, ...sweptBy(sweeps, scheduledAt) };
    await finishCheck(deps, references, { ...check, manifest: await readManifest(dir) }, tell, signal);
    return true;
  }
  return false;
};
