import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { Picture } from './view.js';

interface Encoder {
  readonly CV_8UC3: number;
  readonly IMWRITE_JPEG_QUALITY: number;
  readonly Mat: new (data: Buffer, rows: number, cols: number, type: number) => { release(): void };
  imencode(ext: string, mat: unknown, params: number[]): Buffer;
}

process.env['OPENCV4NODEJS_DISABLE_AUTOBUILD'] = '1';
const require = createRequire(import.meta.url);
// Its loader writes to the console what it finds, unless the loader's own package is told not to.
const loader = createRequire(require.resolve('@u4/opencv4nodejs'))('@u4/opencv-build') as {
  readonly Log: { silence: boolean };
};
loader.Log.silence = true;
const cv = require('@u4/opencv4nodejs') as Encoder;

const jpegOf = ({ rgb, widthPx, heightPx }: Picture, quality: number): Buffer => {
  const bgr = Buffer.alloc(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    bgr[at] = rgb[at + 2]!;
    bgr[at + 1] = rgb[at + 1]!;
    bgr[at + 2] = rgb[at]!;
  }
  const mat = new cv.Mat(bgr, heightPx, widthPx, cv.CV_8UC3);
  const jpeg = cv.imencode('.jpg', mat, [cv.IMWRITE_JPEG_QUALITY, quality]);
  mat.release();
  return jpeg;
};

export interface WrittenFrame {
  readonly draw: () => Picture;
  readonly telemetry: { readonly pan: number; readonly tilt: number; readonly zoom: number };
}

export interface WrittenCapture {
  readonly kind: 'reference' | 'query';
  readonly frames: readonly WrittenFrame[];
  readonly lens: { zoom_to_hfov_deg: [number, number][]; k1: number; k2: number } | null;
  readonly jpegQuality: number;
}

const TIME = '2026-01-31T14:00:05.123Z';

/** Writes a capture folder as the contracts lay it out; one that stands already (same seeds, same pictures) is left. */
export const writeCapture = async (dir: string, capture: WrittenCapture): Promise<void> => {
  const manifestFile = path.join(dir, 'manifest.json');
  if (existsSync(manifestFile)) return;
  const below = capture.kind === 'reference' ? 'images/' : '';
  await mkdir(path.join(dir, below), { recursive: true });
  const frames = [];
  for (const [index, frame] of capture.frames.entries()) {
    const picture = frame.draw();
    const file = `${below}${String(index).padStart(4, '0')}.jpg`;
    await writeFile(path.join(dir, file), jpegOf(picture, capture.jpegQuality));
    const telemetry = { ...frame.telemetry, yaw: null, pitch: null, roll: null, at: TIME };
    frames.push({
      file,
      captured_at: TIME,
      width: picture.widthPx,
      height: picture.heightPx,
      telemetry,
      commanded: null,
    });
  }
  const about = { deployment_name: 'bench', device_id: 'bench-1', camera_name: 'bench', mode: 'passive' };
  const times = { started_at: TIME, finished_at: TIME };
  const manifest = {
    schema: 'calibration-capture/1',
    kind: capture.kind,
    ...about,
    ...times,
    frames,
    lens: capture.lens,
  };
  await writeFile(manifestFile, JSON.stringify(manifest));
};
