import { Jimp } from 'jimp';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CaptureManifest } from '../../src/capture/spool/manifest.js';
import { renderView, type View } from './render-view.js';

const TIME = '2026-01-31T14:00:05.123Z';

export const jpegOf = async (luminance: Uint8Array, widthPx: number, heightPx: number): Promise<Buffer> => {
  const data = Buffer.alloc(widthPx * heightPx * 4, 255);
  for (let i = 0; i < luminance.length; i++) data.fill(luminance[i]!, i * 4, i * 4 + 3);
  return new Jimp({ data, width: widthPx, height: heightPx }).getBuffer('image/jpeg', { quality: 85 });
};

/** Writes a capture folder with rendered frames, as the capture room would. */
export async function writeCaptureFolder(
  dir: string,
  kind: 'reference' | 'query',
  views: readonly View[],
  changes: Partial<CaptureManifest> = {},
): Promise<void> {
  await mkdir(path.join(dir, kind === 'reference' ? 'images' : '.'), { recursive: true });
  const frames = [];
  for (const [i, view] of views.entries()) {
    const file = `${kind === 'reference' ? 'images/' : ''}${String(i).padStart(4, '0')}.jpg`;
    await writeFile(path.join(dir, file), await jpegOf(renderView(view), view.widthPx, view.heightPx));
    const position = { pan: view.panDeg, tilt: view.tiltDeg, zoom: view.zoom ?? 1 };
    const telemetry = { ...position, yaw: null, pitch: null, roll: null, at: TIME };
    frames.push({
      file,
      captured_at: TIME,
      width: view.widthPx,
      height: view.heightPx,
      telemetry,
      commanded: null,
    });
  }
  const manifest: CaptureManifest = {
    schema: 'calibration-capture/1',
    kind,
    deployment_name: 'site-a',
    device_id: 'cam-1',
    camera_name: 'north-mast',
    mode: 'active',
    started_at: TIME,
    finished_at: TIME,
    frames,
    lens: null,
    ...changes,
  };
  await writeFile(path.join(dir, 'manifest.json'), JSON.stringify(manifest));
}
