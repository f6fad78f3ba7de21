import type { PtzPosition } from '../ports/telemetry.js';
import { DeviceWatch, type CaptureDeps, type CaptureDevice, type PairedFrame } from './device-watch.js';
import { frameName, writeFrame, writeManifest } from './manifest-io.js';
import type { CaptureFrame, CaptureManifest } from './manifest.js';
import { captureStops } from './stop-drive.js';

export type { CaptureDeps, CaptureDevice } from './device-watch.js';

export interface QueryOptions {
  /** Where the frames and, last, the manifest go. */
  readonly queryDir: string;
  /** How long the camera must have held still before anything else, seconds. */
  readonly stabilizeTimeS?: number;
  /** For the whole capture, without putting the camera back; null waits until aborted. Seconds. */
  readonly timeoutS?: number | null;
  /** Empty: passive, the camera is not moved. */
  readonly activeStops?: readonly PtzPosition[];
  /** How long the head must rest at a stop that the product itself chose, seconds. */
  readonly settleTimeS?: number;
  /** `done` of `total` frames are taken. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export const DEFAULT_STABILIZE_TIME_S = 30;
export const DEFAULT_SETTLE_TIME_S = 1;

/** Runs `work` on a watched device. Following outlives an abort: putting the camera back is watched too. */
export const withWatch = async <T>(
  device: CaptureDevice,
  deps: CaptureDeps,
  deadlineMs: number,
  signal: AbortSignal,
  work: (watch: DeviceWatch) => Promise<T>,
): Promise<T> => {
  const following = new AbortController();
  const giveUp = (): void => following.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', giveUp);
  try {
    const watch = new DeviceWatch(device, deps, deadlineMs);
    await watch.start(following.signal);
    signal.throwIfAborted();
    signal.removeEventListener('abort', giveUp);
    return await work(watch);
  } finally {
    signal.removeEventListener('abort', giveUp);
    following.abort();
  }
};

const capturePassive = async (
  watch: DeviceWatch,
  stillForMs: number,
  signal: AbortSignal,
): Promise<PairedFrame> => {
  for (;;) {
    await watch.untilStill(stillForMs, signal);
    const paired = await watch.grabPaired(null, signal);
    if (paired !== null) return paired;
    watch.checkDeadline('a frame during which the camera holds still');
  }
};

/**
 * Takes frames with their telemetry from one camera, where it looks (passive) or at the given stops (active), and writes
 * them with their manifest. AppErrors: `no_telemetry`, `capture_timeout`, `interference`, `camera_not_moving`,
 * `telemetry_mismatch`, `camera_unsteady`, `camera_not_drivable`, `stop_out_of_range`, `camera_not_restored`,
 * `disk_full`, and those of the adapters.
 */
export const extractQuery = async (
  device: CaptureDevice,
  deps: CaptureDeps,
  options: QueryOptions,
  signal: AbortSignal,
): Promise<CaptureManifest> => {
  const { queryDir, activeStops = [], timeoutS = null, onProgress } = options;
  const stillForMs = (options.stabilizeTimeS ?? DEFAULT_STABILIZE_TIME_S) * 1000;
  const settleMs = (options.settleTimeS ?? DEFAULT_SETTLE_TIME_S) * 1000;
  const startedAtMs = deps.clock.nowMs();
  const deadlineMs = timeoutS === null ? Number.POSITIVE_INFINITY : startedAtMs + timeoutS * 1000;
  const total = Math.max(1, activeStops.length);
  const frames: CaptureFrame[] = [];
  const onFrame = async (paired: PairedFrame, index: number): Promise<void> => {
    frames.push(await writeFrame(queryDir, frameName(index), paired));
    onProgress?.({ done: index + 1, total });
  };
  await withWatch(device, deps, deadlineMs, signal, async (watch) => {
    if (activeStops.length === 0) await onFrame(await capturePassive(watch, stillForMs, signal), 0);
    else await captureStops(watch, activeStops, { stillForMs, settleMs, onFrame }, signal);
  });
  const mode = activeStops.length === 0 ? 'passive' : 'active';
  const finishedAtMs = deps.clock.nowMs();
  return writeManifest(queryDir, device, { kind: 'query', mode, frames, startedAtMs, finishedAtMs });
};
