import { z } from 'zod';
import { AppError } from '../../ports/app-error.js';
import type { CaptureManifest } from './manifest.js';

const angle = z.number('must be a finite number');
const nullable = angle.nullable().default(null);
const tilt = angle.gte(-180, 'must lie between -180 and 180').lte(180, 'must lie between -180 and 180');
const position = z.object({ pan: angle, tilt, zoom: angle.positive('must be above 0') });

const frame = z.object({
  file: z
    .string()
    .regex(/^(images\/)?[A-Za-z0-9._-]+$/, 'must be a plain file name, in images/ for references'),
  captured_at: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  telemetry: position.extend({ yaw: nullable, pitch: nullable, roll: nullable, at: z.string() }),
  commanded: position.nullable().default(null),
});

const lens = z.object({
  zoom_to_hfov_deg: z
    .array(
      z.tuple([
        angle.positive('must be a zoom above 0'),
        angle.gt(0.1, 'must be above 0.1 degrees').lt(175, 'must be below 175 degrees'),
      ]),
    )
    .min(1, 'lists no zoom; give one or leave `lens` null'),
  k1: angle.default(0),
  k2: angle.default(0),
});

const turn = { yaw: angle, pitch: angle, roll: angle };
const layer = z.object({
  name: z.string(),
  origin: z.enum(['scan', 'grown']),
  primary: z.string(),
  check: z.object({ files_location: z.string(), frames: z.array(frame).min(1, 'are none') }).nullable(),
  tie: z
    .object({
      by: z.enum(['frames', 'check', 'each_frame']),
      ...turn,
      sigma: z.object(turn),
      evidence: z.array(z.object({ file: z.string(), ...turn })),
    })
    .nullable(),
  bytes: angle,
});

const manifest = z.object({
  schema: z.literal(
    'calibration-capture/1',
    'is another schema version; this program reads calibration-capture/1',
  ),
  kind: z.enum(['reference', 'query']),
  deployment_name: z.string(),
  device_id: z.string(),
  camera_name: z.string(),
  mode: z.enum(['active', 'passive']),
  started_at: z.string(),
  finished_at: z.string(),
  frames: z.array(frame).min(1, 'are none'),
  lens: lens.nullable().default(null),
  layer: layer.optional(),
});

const unusable = (file: string, what: string, cause?: unknown): AppError =>
  new AppError('unusable_input', `${file}: ${what}.`, 'Capture it again, or mend the file.', cause);

/** What JSON has no word for, though some programs write it. */
const NO_NUMBER = /-?\b(?:NaN|Infinity)\b/;

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** Where and why a text is not JSON, as far as that can be told. */
const whyNotJson = (text: string, error: unknown): string => {
  const number = NO_NUMBER.exec(text);
  const field = number && /"([^"]+)"\s*:\s*$/.exec(text.slice(0, number.index));
  if (number && field) return `line ${lineOf(text, number.index)}: ${field[1]} is ${number[0]}, no number`;
  const reason = error instanceof Error ? error.message : String(error);
  return `is not JSON: ${reason.replace(/\s+/g, ' ')}`;
};

const readJson = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable(file, whyNotJson(text, error), error);
  }
};

/** Reads a capture manifest; AppError `unusable_input` names the file and every fault in one line. */
export function parseManifest(text: string, file: string): CaptureManifest {
  const raw = readJson(text, file);
  const parsed = manifest.safeParse(raw);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'} ${issue.message}`);
  throw unusable(file, faults.slice(0, 5).join('; '), parsed.error);
}
