import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../capture/files.js';
import type { CaptureManifest } from '../capture/manifest.js';
import { spoolFault } from '../capture/manifest-io.js';
import type { CameraName } from '../capture/spool.js';
import type { DeviceSettings } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import type { ReferenceReport } from '../solve/answer.js';
import { withCameraLease } from './camera-lease.js';
import { readManifest } from './check-spool.js';
import type { Dependencies, ScanProgress } from './dependencies.js';
import { firstFreeNumber, layOut, publishReference } from './publish-reference.js';

const LEASE_WAIT_MS = 60_000;
/** A finished scan that waits for its publication is used this long; then light and things have changed. */
const REUSE_WITHIN_MS = 6 * 3_600_000;

/** Where a camera's scan lies until it is published. */
const scanDirOf = (spoolDir: string, { deploymentName, cameraName }: CameraName): string =>
  path.join(spoolDir, '.reference', encodeURIComponent(deploymentName), encodeURIComponent(cameraName));

const matchesStops = (manifest: CaptureManifest, device: DeviceSettings): boolean =>
  manifest.device_id === device.deviceId &&
  manifest.frames.length === device.referenceStops.length &&
  manifest.frames.every(({ commanded }, index) => {
    const stop = device.referenceStops[index];
    return (
      commanded?.pan === stop?.panDeg && commanded?.tilt === stop?.tiltDeg && commanded?.zoom === stop?.zoom
    );
  });

/** A scan that an earlier run finished and could not publish; one that is too old or of other stops is deleted. */
const finishedScan = async (
  dir: string,
  device: DeviceSettings,
  nowMs: number,
): Promise<CaptureManifest | null> => {
  const manifest = await readManifest(dir);
  if (manifest === null) return null;
  const isFresh = nowMs - Date.parse(manifest.finished_at) < REUSE_WITHIN_MS;
  if (isFresh && matchesStops(manifest, device)) return manifest;
  await rm(dir, { recursive: true, force: true });
  return null;
};

/** Judges a finished scan and publishes it when it can be trusted; otherwise the pictures are kept aside to look at. */
const judgeAndPublish = async (
  deps: Dependencies,
  device: DeviceSettings,
  scanDir: string,
  scan: CaptureManifest,
  signal: AbortSignal,
): Promise<ReferenceReport> => {
  const outDir = `${scanDir}.publish`;
  const keepAside = async (): Promise<void> => {
    await rm(outDir, { recursive: true, force: true });
    await rm(`${scanDir}.refused`, { recursive: true, force: true });
    await rename(scanDir, `${scanDir}.refused`);
  };
  const manifest = await layOut(scanDir, outDir, scan, await firstFreeNumber(deps.store, device));
  let report: ReferenceReport;
  try {
    report = await deps.solver.prepareReference(outDir, device.masks, signal);
  } catch (fault) {
    if (fault instanceof AppError && fault.code === 'unusable_input') await keepAside();
    throw fault;
  }
  if (!report.usable) {
    await keepAside();
    return report;
  }
  await publishReference(deps.store, device, outDir, manifest, signal);
  await rm(scanDir, { recursive: true, force: true });
  await rm(outDir, { recursive: true, force: true });
  return report;
};

/** Scans a camera (going on where an interrupted scan was), judges the scan and makes it the camera's reference. */
export const runReference = (
  deps: Dependencies,
  device: DeviceSettings,
  onProgress: (progress: ScanProgress) => void,
  signal: AbortSignal,
): Promise<ReferenceReport> =>
  withCameraLease(device, deps, LEASE_WAIT_MS, signal, async (leased) => {
    const dir = scanDirOf(deps.settings.spoolDir, device);
    const scan =
      (await finishedScan(dir, device, deps.clock.nowMs())) ??
      (await scanInto(deps, device, dir, onProgress, leased));
    return judgeAndPublish(deps, device, dir, scan, leased);
  });

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

/** Publishes a scan that an earlier run finished; false when there is none, or somebody works with the camera. */
export const publishLeftScan = async (
  deps: Dependencies,
  device: DeviceSettings,
  signal: AbortSignal,
): Promise<boolean> => {
  const dir = scanDirOf(deps.settings.spoolDir, device);
  if (!(await exists(path.join(dir, 'manifest.json')))) return false;
  try {
    return await withCameraLease(device, deps, 0, signal, async (leased) => {
      const scan = await finishedScan(dir, device, deps.clock.nowMs());
      return scan !== null && (await judgeAndPublish(deps, device, dir, scan, leased)).usable;
    });
  } catch (fault) {
    if (fault instanceof AppError && fault.code === 'camera_busy') return false;
    throw fault;
  }
};
