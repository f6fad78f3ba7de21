import pLimit from 'p-limit';
import type { DeviceSettings } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import type { CameraName } from '../ports/camera-name.js';
import type { Clock } from '../ports/clock.js';
import type { PtzController } from '../ports/ptz-controller.js';
import { restoreJournaled, type RestoreOutcome } from './head/position-restore.js';
import { type JournaledPosition, positionJournal, readJournals } from './spool/position-journal.js';

/** What became of one camera that was to be put back; an AppError when it could not be. */
export interface RestoredCamera {
  /** Null for a journal that cannot be read. */
  readonly camera: CameraName | null;
  readonly outcome: RestoreOutcome | AppError;
}

export interface RestoreOptions {
  readonly spoolDir: string;
  readonly clock: Clock;
  readonly devices: readonly DeviceSettings[];
  /** Null for a device without a head to drive. */
  openPtz(device: DeviceSettings): PtzController | null;
  /** Runs `work` while nobody else works with the camera; AppError when somebody does. */
  holding<T>(camera: CameraName, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

const AT_ONCE = 8;

const notDrivable = ({ deploymentName, cameraName }: CameraName): AppError =>
  new AppError(
    'camera_not_restored',
    `${deploymentName}/${cameraName} is to be put back, but devices.yaml no longer says how to drive it.`,
    'Put it back by hand, then delete its file in restore/ of the spool directory.',
  );

const restoreOne = async (
  left: JournaledPosition,
  { spoolDir, clock, devices, openPtz, holding }: RestoreOptions,
  signal: AbortSignal,
): Promise<RestoreOutcome | AppError> => {
  const { deploymentName, cameraName } = left;
  const device = devices.find(
    (candidate) => candidate.deploymentName === deploymentName && candidate.cameraName === cameraName,
  );
  const ptz = device === undefined ? null : openPtz(device);
  if (ptz === null) return notDrivable(left);
  try {
    const journal = positionJournal(spoolDir, left);
    return await holding(left, (held) => restoreJournaled(left, { ptz, clock, journal }, held));
  } catch (fault) {
    signal.throwIfAborted();
    if (fault instanceof AppError) return fault;
    throw fault;
  } finally {
    await ptz.close();
  }
};

/**
 * At start: puts back every camera whose position lies in the spool's journals. A camera that cannot be reached now keeps
 * its journal for the next start.
 */
export const restoreCameras = async (
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<RestoredCamera[]> => {
  const { positions, faults } = await readJournals(options.spoolDir);
  const limit = pLimit(AT_ONCE);
  const restored = positions.map((left) =>
    limit(async (): Promise<RestoredCamera> => {
      const { deploymentName, cameraName } = left;
      return { camera: { deploymentName, cameraName }, outcome: await restoreOne(left, options, signal) };
    }),
  );
  return [...(await Promise.all(restored)), ...faults.map((outcome) => ({ camera: null, outcome }))];
};
