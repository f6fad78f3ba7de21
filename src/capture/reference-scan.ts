import { TimeLimit } from '../async/time-limit.js';
import type { DeviceSettings } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { PtzPosition } from '../ports/telemetry.js';
import type { CaptureDeps } from './head/device-watch.js';
import {
  type LookingDevice,
  looksNeeded,
  type MeasureFieldOfView,
  planByLooking,
} from './planning/look-around.js';
import type { ScanPlan } from './planning/plan-scan.js';
import { readPlan, removePlan, writePlan } from './planning/scan-plan.js';
import { DEFAULT_SETTLE_TIME_S, DEFAULT_STABILIZE_TIME_S, withWatch } from './query-capture.js';
import type { CaptureFrame, CaptureManifest } from './spool/manifest.js';
import type { CaptureDevice, PairedFrame } from './spool/paired-frame.js';
import { readProgress, removeProgress, writeProgress } from './spool/scan-progress.js';
import { frameName, writeFrame, writeManifest } from './spool/write-manifest.js';
import { type Drive, withDrive } from './stop-capture.js';

interface ScanOptions {
  /** Gets `images/`, `scan-progress.json` while unfinished, `scan-plan.json` where it plans itself, and `manifest.json` last. */
  readonly referenceDir: string;
  readonly stabilizeTimeS?: number;
  readonly settleTimeS?: number;
  /** Asked where the scan plans itself and the settings give no lens. */
  readonly measureFieldOfView: MeasureFieldOfView;
  readonly onProgress?: (progress: ScanStep) => void;
}

export interface ScanStep {
  readonly done: number;
  readonly total: number;
  /** Null until a stop of this run is done. */
  readonly etaMs: number | null;
  /**
   * Of a scan that plans itself: what it is going to do, null until that is known. What is counted until then are looks around
   * where the camera stands.
   */
  readonly plan?: ScanPlan | null;
}

type ScannedDevice = LookingDevice & CaptureDevice & Pick<DeviceSettings, 'referenceStops'>;

const isPresent = <T>(value: T | undefined): value is T => value !== undefined;

/** The frames taken so far, in the order of the stops, kept on disk after every stop. */
class Scan {
  readonly frames: Map<number, CaptureFrame>;

  constructor(
    private readonly dir: string,
    private readonly deviceId: string,
    readonly stops: readonly PtzPosition[],
    readonly startedAtMs: number,
    earlier: Readonly<Record<string, CaptureFrame>> = {},
  ) {
    this.frames = new Map(Object.entries(earlier).map(([index, frame]) => [Number(index), frame]));
  }

  /** The scan of these stops that was broken off in a folder; null when there is none, or it is too old to go on with. */
  static async left(
    dir: string,
    deviceId: string,
    stops: readonly PtzPosition[],
    nowMs: number,
  ): Promise<Scan | null> {
    const earlier = await readProgress(dir, { deviceId, stops }, nowMs);
    return earlier === null ? null : new Scan(dir, deviceId, stops, earlier.startedAtMs, earlier.frames);
  }

  missing(): number[] {
    return [...this.stops.keys()].filter((index) => !this.frames.has(index));
  }

  async add(index: number, paired: PairedFrame): Promise<void> {
    this.frames.set(index, await writeFrame(this.dir, `images/${frameName(index)}`, paired));
    await this.keep();
  }

  keep(): Promise<void> {
    const { deviceId, stops, startedAtMs } = this;
    return writeProgress(this.dir, {
      deviceId,
      stops,
      startedAtMs,
      frames: Object.fromEntries(this.frames),
    });
  }

  inOrder(): CaptureFrame[] {
    return [...this.stops.keys()].map((index) => this.frames.get(index)).filter(isPresent);
  }
}

/** A scan with stops, and the plan that they are of where it planned itself. */
interface PlannedScan {
  readonly scan: Scan;
  readonly plan?: ScanPlan;
}

const stepOf = ({ scan, plan }: PlannedScan, etaMs: number | null = null): ScanStep => {
  const total = scan.stops.length;
  return { done: total - scan.missing().length, total, etaMs, ...(plan && { plan }) };
};

/** The scan to begin or to go on with; null when its stops are to be planned first. */
const openScan = async (
  { deviceId, referenceStops, ...device }: ScannedDevice,
  dir: string,
  nowMs: number,
): Promise<PlannedScan | null> => {
  if (referenceStops !== null) {
    const left = await Scan.left(dir, deviceId, referenceStops, nowMs);
    return { scan: left ?? new Scan(dir, deviceId, referenceStops, nowMs) };
  }
  const plan = await readPlan(dir, { deviceId, ...device });
  const scan = plan === null ? null : await Scan.left(dir, deviceId, plan.stops, nowMs);
  return plan === null || scan === null ? null : { scan, plan };
};

/** Plans a scan with a camera that is being driven. The plan is kept at once: a scan that is broken off goes on with it. */
const planScanOf = async (
  device: ScannedDevice,
  drive: Drive,
  { referenceDir: scanDir, measureFieldOfView, onProgress }: ScanOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<Required<PlannedScan>> => {
  await removePlan(scanDir);
  const onLook = (done: number, total: number): void =>
    onProgress?.({ done, total, etaMs: null, plan: null });
  const plan = await planByLooking(device, drive, { scanDir, clock, measureFieldOfView, onLook }, signal);
  const scan = new Scan(scanDir, device.deviceId, plan.stops, clock.nowMs());
  await scan.keep();
  await writePlan(scanDir, device, plan);
  onProgress?.(stepOf({ scan, plan }));
  return { scan, plan };
};

/** Takes what is missing of a scan, telling how far it is. */
const takeMissing = async (
  planned: PlannedScan,
  drive: Drive,
  clock: Clock,
  onProgress: ScanOptions['onProgress'],
): Promise<void> => {
  const { scan } = planned;
  const missing = scan.missing();
  let lastMs: number | null = null;
  let meanMs: number | null = null;
  const stops = missing.map((index) => scan.stops[index]).filter(isPresent);
  await drive.visit(stops, async (paired, taken) => {
    await scan.add(missing[taken] ?? taken, paired);
    const nowMs = clock.nowMs();
    if (lastMs !== null) meanMs = ((meanMs ?? 0) * (taken - 1) + nowMs - lastMs) / taken;
    lastMs = nowMs;
    onProgress?.(stepOf(planned, meanMs === null ? null : meanMs * (missing.length - taken - 1)));
  });
};

/** Drives the camera in one go: looks around where the scan plans itself, then all stops that are missing. */
const take = async (
  opened: PlannedScan | null,
  device: ScannedDevice,
  deps: CaptureDeps,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<Scan> => {
  const { clock } = deps;
  const settleMs = (options.settleTimeS ?? DEFAULT_SETTLE_TIME_S) * 1000;
  const stillForMs = (options.stabilizeTimeS ?? DEFAULT_STABILIZE_TIME_S) * 1000;
  const limit = new TimeLimit(clock, null);
  const looking = { done: 0, total: looksNeeded(device), etaMs: null, plan: null };
  options.onProgress?.(opened === null ? looking : stepOf(opened));
  const drive = async (driven: Drive, inTime: AbortSignal): Promise<Scan> => {
    const planned = opened ?? (await planScanOf(device, driven, options, clock, inTime));
    await takeMissing(planned, driven, clock, options.onProgress);
    return planned.scan;
  };
  return withWatch(device, deps, limit, signal, (watch, inTime) =>
    withDrive(watch, opened?.scan.stops ?? [], { stillForMs, settleMs, limit }, inTime, (driven) =>
      drive(driven, inTime),
    ),
  );
};

/**
 * Visits all reference stops of a device and writes the frames and their manifest; puts the camera back. With
 * `reference_scan: auto` it plans the stops first. Called again after a failure with the same stops or ranges it goes on where
 * it was. AppErrors as those of an active query, `no_stops` and `view_not_measured`.
 */
export const scanReference = async (
  device: ScannedDevice,
  deps: CaptureDeps,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<CaptureManifest> => {
  if (device.referenceStops?.length === 0)
    throw new AppError(
      'no_stops',
      `${device.deviceId} has no reference stops.`,
      'Give the device reference stops in devices.yaml.',
    );
  const { referenceDir } = options;
  const opened = await openScan(device, referenceDir, deps.clock.nowMs());
  const isTaken = opened !== null && opened.scan.missing().length === 0;
  const scan = isTaken ? opened.scan : await take(opened, device, deps, options, signal);
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
