import { TimeLimit } from '../async/time-limit.js';
import type { PtzPosition } from '../ports/telemetry.js';
import { type CaptureDeps, DeviceWatch } from './head/device-watch.js';
import type { CaptureFrame, CaptureManifest } from './spool/manifest.js';
import type { CaptureDevice, PairedFrame } from './spool/paired-frame.js';
import { frameName, writeFrame, writeManifest } from './spool/write-manifest.js';
import { captureStops } from './stop-capture.js';

export type { CaptureDeps } from './head/device-watch.js';

interface QueryOptions {
  /** Where the frames and, last, the manifest go. */
  readonly queryDir: string;
  /** How long the camera must have held still before anything else, seconds. */
  readonly stabilizeTimeS?: number;
  /** For the whole capture; a driven camera that is on its way back may take longer. None: until aborted. */
  readonly limit?: TimeLimit;
  /** Empty: passive, the camera is not moved. */
  readonly activeStops?: readonly PtzPosition[];
  /** How long the head must rest at a stop that the product itself chose, seconds. */
  readonly settleTimeS?: number;
  /** `done` of `total` frames are taken. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export const DEFAULT_STABILIZE_TIME_S = 30;
export const DEFAULT_SETTLE_TIME_S = 1;

/** Runs `work` on a watched device until time is up. Following outlives an abort: putting the camera back is watched too. */
export const withWatch = async <T>(
  device: CaptureDevice,
  deps: CaptureDeps,
  limit: TimeLimit,
  signal: AbortSignal,
  work: (watch: DeviceWatch, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const watch = new DeviceWatch(device, deps, limit);
  const following = new AbortController();
  try {
    return await limit.run(
      signal,
      () => watch.late(),
      async (inTime) => {
        await startWatch(watch, following, inTime);
        return work(watch, inTime);
      },
    );
  } finally {
    following.abort();
  }
};

/** Aborting ends the start, and not what was started. */
const startWatch = async (
  watch: DeviceWatch,
  following: AbortController,
  signal: AbortSignal,
): Promise<void> => {
  const giveUp = (): void => following.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', giveUp);
  try {
    await watch.start(following.signal);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
};

const capturePassive = async (
  watch: DeviceWatch,
  stillForMs: number,
  signal: AbortSignal,
): Promise<PairedFrame> => {
  for (;;) {
    watch.expect(`the camera to hold still for ${stillForMs / 1000} s`);
    const dueMs = await watch.untilNearlyStill(stillForMs, signal);
    watch.expect('a frame during which the camera holds still');
    const paired = await watch.grabPaired(dueMs, null, signal);
    if (paired !== null) return paired;
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
  const { queryDir, activeStops = [], limit = new TimeLimit(deps.clock, null), onProgress } = options;
  const stillForMs = (options.stabilizeTimeS ?? DEFAULT_STABILIZE_TIME_S) * 1000;
  const settleMs = (options.settleTimeS ?? DEFAULT_SETTLE_TIME_S) * 1000;
  const startedAtMs = deps.clock.nowMs();
  const total = Math.max(1, activeStops.length);
  const frames: CaptureFrame[] = [];
  const onFrame = async (paired: PairedFrame, index: number): Promise<void> => {
    frames.push(await writeFrame(queryDir, frameName(index), paired));
    onProgress?.({ done: index + 1, total });
  };
  const isPassive = activeStops.length === 0;
  await withWatch(device, deps, isPassive ? limit : limit.withoutWayBack(), signal, async (watch, inTime) => {
    if (isPassive) await onFrame(await capturePassive(watch, stillForMs, inTime), 0);
    else await captureStops(watch, activeStops, { stillForMs, settleMs, limit, onFrame }, inTime);
  });
  const mode = isPassive ? 'passive' : 'active';
  const finishedAtMs = deps.clock.nowMs();
  return writeManifest(queryDir, device, { kind: 'query', mode, frames, startedAtMs, finishedAtMs });
};
