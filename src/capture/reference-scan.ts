import type { DeviceSettings } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import type { PtzPosition } from '../ports/telemetry.js';
import type { CaptureDeps, CaptureDevice, PairedFrame } from './device-watch.js';
import { frameName, writeFrame, writeManifest } from './manifest-io.js';
import type { CaptureFrame, CaptureManifest } from './manifest.js';
import { DEFAULT_SETTLE_TIME_S, DEFAULT_STABILIZE_TIME_S, withWatch } from './query-extraction.js';
import { readProgress, removeProgress, writeProgress } from './scan-progress.js';
import { captureStops } from './stop-drive.js';
import { TimeLimit } from './time-limit.js';

export interface ScanOptions {
  /** Gets `images/`, `scan-progress.json` while unfinished, and `manifest.json` last. */
  readonly referenceDir: string;
  readonly stabilizeTimeS?: number;
  readonly settleTimeS?: number;
  /** `etaMs` is null until a stop of this run is done. */
  readonly onProgress?: (progress: ScanStep) => void;
}

export interface ScanStep {
  readonly done: number;
  readonly total: number;
  readonly etaMs: number | null;
}

const isPresent = <T>(value: T | undefined): value is T => value !== undefined;

/** The frames taken so far, in the order of the stops, kept on disk after every stop. */
class Scan {
  readonly frames: Map<number, CaptureFrame>;

  private constructor(
    readonly startedAtMs: number,
    private readonly dir: string,
    private readonly deviceId: string,
    private readonly stops: readonly PtzPosition[],
    earlier: Readonly<Record<string, CaptureFrame>>,
  ) {
    this.frames = new Map(Object.entries(earlier).map(([index, frame]) => [Number(index), frame]));
  }

  static async open(dir: string, device: CaptureDevice & Stops, nowMs: number): Promise<Scan> {
    const { deviceId, referenceStops: stops } = device;
    const earlier = await readProgress(dir, { deviceId, stops }, nowMs);
    return new Scan(earlier?.startedAtMs ?? nowMs, dir, deviceId, stops, earlier?.frames ?? {});
  }

  missing(): number[] {
    return [...this.stops.keys()].filter((index) => !this.frames.has(index));
  }

  async add(index: number, paired: PairedFrame): Promise<void> {
    this.frames.set(index, await writeFrame(this.dir, `images/${frameName(index)}`, paired));
    const { deviceId, stops, startedAtMs } = this;
    await writeProgress(this.dir, { deviceId, stops, startedAtMs, frames: Object.fromEntries(this.frames) });
  }

  inOrder(): CaptureFrame[] {
    return [...this.stops.keys()].map((index) => this.frames.get(index)).filter(isPresent);
  }
}

type Stops = Pick<DeviceSettings, 'referenceStops'>;

/** Takes what is missing of a scan, telling how far it is. */
const takeMissing = async (
  scan: Scan,
  device: CaptureDevice & Stops,
  deps: CaptureDeps,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<void> => {
  const { clock } = deps;
  const missing = scan.missing();
  const stops = missing.map((index) => device.referenceStops[index]).filter(isPresent);
  const total = device.referenceStops.length;
  const report = (taken: number, etaMs: number | null): void =>
    options.onProgress?.({ done: total - missing.length + taken, total, etaMs });
  const settleMs = (options.settleTimeS ?? DEFAULT_SETTLE_TIME_S) * 1000;
  const stillForMs = (options.stabilizeTimeS ?? DEFAULT_STABILIZE_TIME_S) * 1000;
  const limit = new TimeLimit(clock, null);
  report(0, null);
  await withWatch(device, deps, limit, signal, async (watch, inTime) => {
    let lastMs: number | null = null;
    let meanMs: number | null = null;
    const onFrame = async (paired: PairedFrame, taken: number): Promise<void> => {
      await scan.add(missing[taken] ?? taken, paired);
      const nowMs = clock.nowMs();
      if (lastMs !== null) meanMs = ((meanMs ?? 0) * (taken - 1) + nowMs - lastMs) / taken;
      lastMs = nowMs;
      report(taken + 1, meanMs === null ? null : meanMs * (missing.length - taken - 1));
    };
    await captureStops(watch, stops, { stillForMs, settleMs, limit, onFrame }, inTime);
  });
};

/**
 * Visits all reference stops of a device and writes the frames and their manifest; puts the camera back. Called again
 * after a failure with the same stops it goes on where it was. AppErrors as those of an active query, and `no_stops`.
 */
export const scanReference = async (
  device: CaptureDevice & Stops,
  deps: CaptureDeps,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<CaptureManifest> => {
  if (device.referenceStops.length === 0)
    throw new AppError(
      'no_stops',
      `${device.deviceId} has no reference stops.`,
      'Give the device reference stops in devices.yaml.',
    );
  const { referenceDir } = options;
  const scan = await Scan.open(referenceDir, device, deps.clock.nowMs());
  if (scan.missing().length > 0) await takeMissing(scan, device, deps, options, signal);
  const manifest = await writeManifest(referenceDir, device, {
    kind: 'reference',
    mode: 'active',
    frames: scan.inOrder(),
    startedAtMs: scan.startedAtMs,
    finishedAtMs: deps.clock.nowMs(),
  });
  await removeProgress(referenceDir);
  return manifest;
};
