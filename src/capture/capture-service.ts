import type { DeviceSettings } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { FrameSource } from '../ports/frame-source.js';
import type { PtzController } from '../ports/ptz-controller.js';
import type { TelemetrySource } from '../ports/telemetry.js';
import type { CaptureDeps } from './device-watch.js';
import type { CaptureManifest } from './manifest.js';
import { restoreJournaled } from './position-restore.js';
import { DEFAULT_SETTLE_TIME_S, extractQuery } from './query-extraction.js';
import { scanReference, type ScanStep } from './reference-scan.js';
import { positionJournal, readJournals } from './spool.js';

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

export interface CaptureServiceOptions {
  readonly clock: Clock;
  openDevice(device: DeviceSettings, signal: AbortSignal): Promise<ConnectedDevice>;
  /** Where positions are journaled while a camera is driven. */
  readonly spoolDir: string;
  /** How long the head must rest at a stop before its picture counts, seconds. */
  readonly settleTimeS?: number;
}

/** Captures from the cameras of the settings. */
export const createCaptureService = ({
  settleTimeS = DEFAULT_SETTLE_TIME_S,
  clock,
  openDevice,
  spoolDir,
}: CaptureServiceOptions): CaptureService => {
  const withDevice = async <T>(
    device: DeviceSettings,
    signal: AbortSignal,
    work: (deps: CaptureDeps) => Promise<T>,
  ): Promise<T> => {
    const { close, ...ways } = await openDevice(device, signal);
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
      const { activeStops, stabilizeTimeS, timeoutS } = device;
      const isActive = mode === 'active';
      if (isActive && activeStops.length === 0) throw noStops(device);
      return withDevice(device, signal, async (deps) => {
        if (isActive) await finishEarlier(device, deps, signal);
        const options = {
          queryDir: dir,
          stabilizeTimeS,
          settleTimeS,
          timeoutS,
          activeStops: isActive ? activeStops : [],
        };
        return extractQuery(device, deps, options, signal);
      });
    },
    scan: (device, dir, onProgress, signal) =>
      withDevice(device, signal, async (deps) => {
        await finishEarlier(device, deps, signal);
        const { stabilizeTimeS } = device;
        return scanReference(
          device,
          deps,
          { referenceDir: dir, stabilizeTimeS, settleTimeS, onProgress },
          signal,
        );
      }),
  };
};

const noStops = ({ deviceId }: DeviceSettings): AppError =>
  new AppError(
    'no_stops',
    `${deviceId} has no stops for active checks.`,
    'Give the device active stops in devices.yaml, or check it passively.',
  );
