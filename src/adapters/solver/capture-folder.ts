import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CaptureFrame, CaptureManifest } from '../../capture/spool/manifest.js';
import { parseManifest } from '../../capture/spool/parse-manifest.js';
import { AppError } from '../../ports/app-error.js';
import type { DecodedFrame } from '../../solve/model/frame-features.js';
import type { OpenCvEyes } from './akaze-features.js';

export const unusableInput = (what: string, cause?: unknown): AppError =>
  new AppError('unusable_input', what, 'Capture it again, or repair the folder.', cause);

const read = async (file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (error) {
    throw unusableInput(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      error,
    );
  }
};

export interface CaptureFolder {
  readonly dir: string;
  readonly manifest: CaptureManifest;
  /** The manifest's text, to detect changes. */
  readonly manifestText: string;
}

/** Opens a reference or query folder by its manifest. */
export async function openCaptureFolder(dir: string, kind: 'reference' | 'query'): Promise<CaptureFolder> {
  const file = path.join(dir, 'manifest.json');
  const manifestText = (await read(file)).toString('utf8');
  const manifest = parseManifest(manifestText, file);
  if (manifest.kind !== kind) throw unusableInput(`${file}: is a ${manifest.kind}, but a ${kind} is needed.`);
  return { dir, manifest, manifestText };
}

const MARKER = { scan: 0xda, end: 0xd9 };

/** Where the picture's own data begin: behind the header, whose segments may hold a whole thumbnail. */
const scanStart = (jpeg: Buffer): number => {
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== MARKER.scan) {
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return at;
};

/** A JPEG's data end with a marker; decoders silently fill in the rest of a truncated one. */
const isCutJpeg = (data: Buffer): boolean =>
  data[0] === 0xff && data[1] === 0xd8 && data.indexOf(Buffer.of(0xff, MARKER.end), scanStart(data)) < 0;

/** Decodes one frame of a folder and checks it against the manifest. */
export async function readFrame(
  folder: Pick<CaptureFolder, 'dir'>,
  frame: CaptureFrame,
  eyes: OpenCvEyes,
): Promise<DecodedFrame> {
  const file = path.join(folder.dir, frame.file);
  const data = await read(file);
  if (isCutJpeg(data)) throw unusableInput(`${file}: the picture is truncated.`);
  const decoded = eyes.decode(data);
  if (decoded === null) throw unusableInput(`${file}: is not a readable picture.`);
  if (decoded === 'deep') throw unusableInput(`${file}: has more than 8 bits per sample; 8 are expected.`);
  if (decoded.widthPx !== frame.width || decoded.heightPx !== frame.height) {
    throw unusableInput(
      `${file}: is ${decoded.widthPx}x${decoded.heightPx}, its manifest says ${frame.width}x${frame.height}.`,
    );
  }
  return decoded;
}
