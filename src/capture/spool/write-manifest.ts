import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError, errorCodeOf } from '../../ports/app-error.js';
import type { CaptureFrame, CaptureManifest } from './manifest.js';
import type { CaptureDevice, PairedFrame } from './paired-frame.js';

/** AppError `disk_full` or `spool_unwritable` for what the file system said. */
export const spoolFault = (place: string, fault: unknown): AppError => {
  const code = errorCodeOf(fault);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new AppError('disk_full', `There is no room left to write ${place}.`, 'Free disk space.', fault);
  return new AppError(
    'spool_unwritable',
    `${place} cannot be written.`,
    'Check that the spool directory exists and may be written to.',
    fault,
  );
};

const syncDirectory = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Writes a file whole or not at all, also through a power cut; makes its folder. */
export const writeWhole = async (file: string, body: Buffer | string): Promise<void> => {
  const part = `${file}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(part, 'w');
    try {
      await handle.writeFile(body);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
    await syncDirectory(path.dirname(file));
  } catch (fault) {
    await rm(part, { force: true });
    throw spoolFault(file, fault);
  }
};

export const writeJson = (file: string, value: unknown): Promise<void> =>
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);

const isoOf = (timeMs: number): string => new Date(timeMs).toISOString();

/** Writes one frame below `dir` and answers its entry for the manifest. */
export const writeFrame = async (dir: string, file: string, paired: PairedFrame): Promise<CaptureFrame> => {
  const { frame, telemetry, commanded } = paired;
  await writeWhole(path.join(dir, file), frame.jpeg);
  return {
    file,
    captured_at: isoOf(frame.capturedAtMs),
    width: frame.widthPx,
    height: frame.heightPx,
    telemetry: {
      pan: telemetry.panDeg,
      tilt: telemetry.tiltDeg,
      zoom: telemetry.zoom,
      yaw: telemetry.yawDeg,
      pitch: telemetry.pitchDeg,
      roll: telemetry.rollDeg,
      at: isoOf(telemetry.receivedAtMs),
    },
    commanded:
      commanded === null ? null : { pan: commanded.panDeg, tilt: commanded.tiltDeg, zoom: commanded.zoom },
  };
};

/** `0000.jpg`, `0001.jpg` … */
export const frameName = (index: number): string => `${String(index).padStart(4, '0')}.jpg`;

/** Writes `manifest.json`, which makes a folder a finished capture: call it last. */
export const writeManifest = async (
  dir: string,
  device: CaptureDevice,
  capture: Pick<CaptureManifest, 'kind' | 'mode' | 'frames'> & { startedAtMs: number; finishedAtMs: number },
): Promise<CaptureManifest> => {
  const { lens } = device;
  const manifest: CaptureManifest = {
    schema: 'calibration-capture/1',
    kind: capture.kind,
    deployment_name: device.deploymentName,
    device_id: device.deviceId,
    camera_name: device.cameraName,
    mode: capture.mode,
    started_at: isoOf(capture.startedAtMs),
    finished_at: isoOf(capture.finishedAtMs),
    frames: capture.frames,
    lens:
      lens === null
        ? null
        : {
            zoom_to_hfov_deg: lens.zoomToHfovDeg.map(([zoom, hfovDeg]): [number, number] => [zoom, hfovDeg]),
            k1: lens.k1,
            k2: lens.k2,
          },
  };
  await writeJson(path.join(dir, 'manifest.json'), manifest);
  return manifest;
};
