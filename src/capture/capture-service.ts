import { TimeLimit } from '../async/time-limit.js';
import type { DeviceSettings } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { FrameSource } from '../ports/frame-source.js';
import type { PtzController } from '../ports/ptz-controller.js';
import type { TelemetrySource } from '../ports/telemetry.js';
import type { CaptureDeps } from './head/device-watch.js';
import { restoreJournaled } from './head/position-restore.js';
import type { MeasureFieldOfView } from './planning/look-around.js';
import { DEFAULT_SETTLE_TIME_S, extractQuery } from './query-capture.js';
import { scanReference, type ScanStep } from './reference-scan.js';
import type { CaptureManifest } from './spool/manifest.js';
import { positionJournal, readJournals } from './spool/position-journal.js';

/**
 * Takes pictures with their telemetry from one camera into a local folder that exists. Both leave the frames and, last,
 * `manifest.json` there (frames of a scan in `images/`), and throw an AppError when the camera gives none.
 */
export interface CaptureService {
  capture(
    device: DeviceSettings,
    request: { readonly mode: 'passive' | 'active'; readonly dir: string },
    signal: AbortSignal,
  ): Promise<CaptureManifest>;
  scan(
    device: DeviceSettings,
    dir: string,
    onProgress: (progress: ScanStep) => void,
    signal: AbortSignal,
  ): Promise<CaptureManifest>;
}

/** The open ways to one device. */
export interface ConnectedDevice {
  readonly telemetry: TelemetrySource;
  readonly frames: FrameSource;
  /** Null where the settings name none. */
  readonly ptz: PtzController | null;
  /** Gives up what was opened for this device; never throws. */
  close(): Promise<void>;
}

interface CaptureServiceOptions {
  readonly clock: Clock;
  openDevice(device: DeviceSettings, signal: AbortSignal): Promise<ConnectedDevice>;
  /** Where positions are journaled while a camera is driven. */
  readonly spoolDir: string;
  /** For scans that plan themselves. */
  readonly measureFieldOfView: MeasureFieldOfView;
  /** How long the head must rest at a stop before its picture counts, seconds. */
  readonly settleTimeS?: number;
}

/** Captures from the cameras of the settings. */
export const createCaptureService = ({
  settleTimeS = DEFAULT_SETTLE_TIME_S,
  clock,
  openDevice,
  spoolDir,
  measureFieldOfView,
}: CaptureServiceOptions): CaptureService => {
  /** Opening is given up at the limit; `work` has to heed it itself. */
  const withDevice = async <T>(
    device: DeviceSettings,
    limit: TimeLimit,
    signal: AbortSignal,
    work: (deps: CaptureDeps) => Promise<T>,
  ): Promise<T> => {
    const open = (inTime: AbortSignal): Promise<ConnectedDevice> => openDevice(device, inTime);
    const { close, ...ways } = await limit.run(signal, () => late(device), open);
    try {
      return await work({ ...ways, clock, journal: positionJournal(spoolDir, device) });
    } finally {
      await close();
    }
  };

  /** A camera that could not be put back after its last capture is put back first: where it stands is not its home. */
  const finishEarlier = async (
    device: DeviceSettings,
    deps: CaptureDeps,
    signal: AbortSignal,
  ): Promise<void> => {
    const { positions } = await readJournals(spoolDir);
    const left = positions.find(
      ({ deploymentName, cameraName }) =>
        deploymentName === device.deploymentName && cameraName === device.cameraName,
    );
    const { ptz, journal } = deps;
    if (left !== undefined && ptz !== null && journal !== undefined)
      await restoreJournaled(left, { ptz, clock, journal }, signal);
  };

  return {
    capture: async (device, { mode, dir }, signal) => {
      const { stabilizeTimeS, timeoutS } = device;
      const isActive = mode === 'active';
      if (isActive && device.activeStops.length === 0) throw noStops(device);
      const activeStops = isActive ? device.activeStops : [];
      const limit = new TimeLimit(clock, timeoutS);
      return withDevice(device, limit, signal, async (deps) => {
        if (isActive)
          await limit.run(
            signal,
            () => late(device),
            (inTime) => finishEarlier(device, deps, inTime),
          );
        const options = { queryDir: dir, stabilizeTimeS, settleTimeS, limit, activeStops };
        return extractQuery(device, deps, options, signal);
      });
    },
    scan: (device, dir, onProgress, signal) =>
      withDevice(device, new TimeLimit(clock, null), signal, async (deps) => {
        await finishEarlier(device, deps, signal);
        const { stabilizeTimeS } = device;
        return scanReference(
          device,
          deps,
          { referenceDir: dir, stabilizeTimeS, settleTimeS, measureFieldOfView, onProgress },
          signal,
        );
      }),
  };
};

const late = ({ deviceId }: DeviceSettings): AppError =>
  new AppError(
    'capture_timeout',
    `${deviceId}: the time allowed passed before the camera could be reached.`,
    'Check the network to the camera and its broker, or allow more time.',
  );

const noStops = ({ deviceId }: DeviceSettings): AppError =>
  new AppError(
    'no_stops',
    `${deviceId} has no stops for active checks.`,
    'Give the device active stops in devices.yaml, or check it passively.',
  );
