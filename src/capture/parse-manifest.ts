import { z } from 'zod';
import { AppError } from '../ports/app-error.js';
import type { CaptureManifest } from './manifest.js';

const angle = z.number('must be a finite number');
const nullable = angle.nullable().default(null);
const position = z.object({ pan: angle, tilt: angle, zoom: angle.positive('must be above 0') });

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
  zoom_to_hfov_deg: z.array(z.tuple([angle.positive(), angle.gt(0.1).lt(175)])).min(1),
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

/** Reads a capture manifest; AppError `unusable_input` names the file and every fault in one line. */
export function parseManifest(text: string, file: string): CaptureManifest {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw unusable(file, 'is not JSON (NaN and cut files are not)', error);
  }
  const parsed = manifest.safeParse(raw);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'} ${issue.message}`);
  throw unusable(file, faults.slice(0, 5).join('; '), parsed.error);
}
