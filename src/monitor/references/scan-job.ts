import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { stopsWanted } from '../../capture/planning/scan-plan.js';
import { exists, spoolFault } from '../../capture/spool/file-tools.js';
import type { CaptureManifest } from '../../capture/spool/manifest.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { PtzPosition } from '../../ports/telemetry.js';
import type { ReferenceReport } from '../../solve/model/answer.js';
import { withCameraLease } from '../../state/lease.js';
import { readManifest } from '../record/check-folder.js';
import type { Dependencies, ScanProgress } from '../record/dependencies.js';
import { firstFreeNumber, layOut, type Place, publishScan } from './publish-reference.js';

const LEASE_WAIT_MS = 60_000;
/** A finished, unpublished scan is reused for this long; after that light and scene have changed. */
const REUSE_WITHIN_MS = 6 * 3_600_000;

/** What a camera is scanned for: its primary reference, or a layer of it. */
export interface ScanPurpose<Report extends ReferenceReport> {
  /** Where the scan is stored until it is published. */
  readonly dir: string;
  readonly place: Place;
  /** Judges a scan laid out in `outDir`; may write more there, and returns the resulting manifest. */
  judge(
    outDir: string,
    manifest: CaptureManifest,
    signal: AbortSignal,
  ): Promise<{ readonly report: Report; readonly manifest: CaptureManifest }>;
}

/** Where an unusable scan is kept for inspection. */
export const refusedDirOf = (dir: string): string => `${dir}.refused`;

const isOf = (
  manifest: CaptureManifest,
  { deviceId }: DeviceSettings,
  stops: readonly PtzPosition[],
): boolean =>
  manifest.device_id === deviceId &&
  manifest.frames.length === stops.length &&
  manifest.frames.every(({ commanded }, index) => {
    const stop = stops[index];
    return (
      commanded?.pan === stop?.panDeg && commanded?.tilt === stop?.tiltDeg && commanded?.zoom === stop?.zoom
    );
  });

/** A scan that an earlier run finished but did not publish; one that is too old or has other stops is deleted. */
const finishedScan = async (
  dir: string,
  device: DeviceSettings,
  nowMs: number,
): Promise<CaptureManifest | null> => {
  const manifest = await readManifest(dir);
  if (manifest === null) return null;
  const isFresh = nowMs - Date.parse(manifest.finished_at) < REUSE_WITHIN_MS;
  const stops = await stopsWanted(dir, device);
  if (isFresh && stops !== null && isOf(manifest, device, stops)) return manifest;
  await rm(dir, { recursive: true, force: true });
  return null;
};

/** Judges a finished scan and publishes it if usable; otherwise keeps the pictures for inspection. */
const judgeAndPublish = async <Report extends ReferenceReport>(
  deps: Dependencies,
  { dir, place, judge }: ScanPurpose<Report>,
  scan: CaptureManifest,
  signal: AbortSignal,
): Promise<Report> => {
  const outDir = `${dir}.publish`;
  const keepAside = async (): Promise<void> => {
    await rm(outDir, { recursive: true, force: true });
    await rm(refusedDirOf(dir), { recursive: true, force: true });
    await rename(dir, refusedDirOf(dir));
  };
  const laidOut = await layOut(dir, outDir, scan, await firstFreeNumber(deps.store, place));
  let judged: Awaited<ReturnType<typeof judge>>;
  try {
    judged = await judge(outDir, laidOut, signal);
  } catch (fault) {
    if (fault instanceof AppError && fault.code === 'unusable_input') await keepAside();
    throw fault;
  }
  if (!judged.report.usable) {
    await keepAside();
    return judged.report;
  }
  await publishScan(deps.store, place, outDir, judged.manifest, signal);
  await rm(dir, { recursive: true, force: true });
  await rm(outDir, { recursive: true, force: true });
  return judged.report;
};

const scanInto = async (
  deps: Dependencies,
  device: DeviceSettings,
  dir: string,
  onProgress: (progress: ScanProgress) => void,
  signal: AbortSignal,
): Promise<CaptureManifest> => {
  await mkdir(dir, { recursive: true }).catch((fault: unknown) => {
    throw spoolFault(dir, fault);
  });
  return deps.capture.scan(device, dir, onProgress, signal);
};

/** Scans a camera (resuming an interrupted scan), judges the scan and publishes it. */
export const runScan = <Report extends ReferenceReport>(
  deps: Dependencies,
  device: DeviceSettings,
  purpose: ScanPurpose<Report>,
  onProgress: (progress: ScanProgress) => void,
  signal: AbortSignal,
): Promise<Report> =>
  withCameraLease(device, deps, LEASE_WAIT_MS, signal, async (leased) => {
    const { dir } = purpose;
    const scan =
      (await finishedScan(dir, device, deps.clock.nowMs())) ??
      (await scanInto(deps, device, dir, onProgress, leased));
    return judgeAndPublish(deps, purpose, scan, leased);
  });

/** Publishes a scan that an earlier run finished; false when there is none, or someone works with the camera. */
export const publishFinished = async <Report extends ReferenceReport>(
  deps: Dependencies,
  device: DeviceSettings,
  purpose: ScanPurpose<Report>,
  signal: AbortSignal,
): Promise<boolean> => {
  if (!(await exists(path.join(purpose.dir, 'manifest.json')))) return false;
  try {
    return await withCameraLease(device, deps, 0, signal, async (leased) => {
      const scan = await finishedScan(purpose.dir, device, deps.clock.nowMs());
      return scan !== null && (await judgeAndPublish(deps, purpose, scan, leased)).usable;
    });
  } catch (fault) {
    if (fault instanceof AppError && fault.code === 'camera_busy') return false;
    throw fault;
  }
};
