import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Jimp } from 'jimp';
import type { CaptureManifest } from '../../src/capture/spool/manifest.js';
import { frameName } from '../../src/capture/spool/write-manifest.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import type { CameraModel } from '../../src/sandbox/camera/camera-model.js';

const TIME = '2026-01-31T14:00:05.123Z';
const STEP_MS = 60_000;

const jpegOf = (rgb: Buffer, width: number, height: number): Promise<Buffer> => {
  const data = Buffer.alloc(width * height * 4, 255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    data[to] = rgb[from]!;
    data[to + 1] = rgb[from + 1]!;
    data[to + 2] = rgb[from + 2]!;
  }
  return new Jimp({ data, width, height }).getBuffer('image/jpeg', { quality: 85 });
};

/** When each virtual camera was last looked through; it needs time to turn. */
const clocks = new WeakMap<CameraModel, number>();

/** Writes what a virtual camera shows at stops as a capture folder, with the telemetry that its encoders give. */
export const writeCameraFolder = async (
  dir: string,
  kind: 'reference' | 'query',
  camera: CameraModel,
  stops: readonly PtzPosition[],
): Promise<void> => {
  const { widthPx: width, heightPx: height } = camera;
  const folder = kind === 'reference' ? 'images/' : '';
  await mkdir(path.join(dir, folder), { recursive: true });
  const frames: CaptureManifest['frames'] = [];
  for (const [index, stop] of stops.entries()) {
    const nowMs = clocks.get(camera) ?? 0;
    camera.moveTo(stop, nowMs);
    clocks.set(camera, nowMs + STEP_MS);
    const { panDeg: pan, tiltDeg: tilt, zoom } = camera.reportedPosition(nowMs + STEP_MS);
    const file = `${folder}${frameName(index)}`;
    await writeFile(path.join(dir, file), await jpegOf(camera.renderRgb(nowMs + STEP_MS), width, height));
    const telemetry = { pan, tilt, zoom, yaw: null, pitch: null, roll: null, at: TIME };
    frames.push({ file, captured_at: TIME, width, height, telemetry, commanded: null });
  }
  const manifest: CaptureManifest = {
    ...{ schema: 'calibration-capture/1', kind, mode: 'active', frames },
    ...{ deployment_name: 'site-a', device_id: 'cam-1', camera_name: 'mast' },
    ...{ started_at: TIME, finished_at: TIME },
    lens: { zoom_to_hfov_deg: [[1, 60]], k1: -0.05, k2: 0 },
  };
  await writeFile(path.join(dir, 'manifest.json'), JSON.stringify(manifest));
};
