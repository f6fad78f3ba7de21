import path from 'node:path';
import { writeJson, writeWhole } from './file-tools.js';
import type { CaptureFrame, CaptureManifest } from './manifest.js';
import type { CaptureDevice, PairedFrame } from './paired-frame.js';

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
