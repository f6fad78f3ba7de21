import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { PtzPosition } from '../../ports/telemetry.js';
import { exists, textOf, writeJson } from './file-tools.js';
import type { CaptureFrame } from './manifest.js';

/** What an interrupted reference scan had taken, by index of the stop. */
export interface ScanProgress {
  readonly deviceId: string;
  readonly stops: readonly PtzPosition[];
  readonly startedAtMs: number;
  readonly frames: Readonly<Record<string, CaptureFrame>>;
}

const FILE = 'scan-progress.json';
/** Light and weather change: frames taken longer apart than this do not make one reference. */
const RESUME_WITHIN_MS = 6 * 3_600_000;

const isProgress = (value: unknown): value is ScanProgress =>
  typeof value === 'object' &&
  value !== null &&
  ['deviceId', 'stops', 'startedAtMs', 'frames'].every((key) => Object.hasOwn(value, key));

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Written whole or not at all; a file that is neither was not written here, and the scan starts anew.
    return null;
  }
};

/** The progress of an earlier scan of the same stops, without frames whose pictures are gone; null to start anew. */
export const readProgress = async (
  dir: string,
  wanted: Pick<ScanProgress, 'deviceId' | 'stops'>,
  nowMs: number,
): Promise<ScanProgress | null> => {
  const text = await textOf(path.join(dir, FILE));
  const found = text === null ? null : parsed(text);
  if (!isProgress(found) || found.deviceId !== wanted.deviceId) return null;
  if (JSON.stringify(found.stops) !== JSON.stringify(wanted.stops)) return null;
  if (nowMs - found.startedAtMs > RESUME_WITHIN_MS) return null;
  const kept = await Promise.all(
    Object.entries(found.frames).map(async (entry) =>
      (await exists(path.join(dir, entry[1].file))) ? [entry] : [],
    ),
  );
  return { ...found, frames: Object.fromEntries(kept.flat()) };
};

export const writeProgress = (dir: string, progress: ScanProgress): Promise<void> =>
  writeJson(path.join(dir, FILE), progress);

export const removeProgress = (dir: string): Promise<void> => rm(path.join(dir, FILE), { force: true });
