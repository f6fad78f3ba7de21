import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { textOf, writeJson, writeWhole } from '../../capture/spool/file-tools.js';
import type { CaptureManifest } from '../../capture/spool/manifest.js';
import { parseManifest } from '../../capture/spool/parse-manifest.js';
import { makeQueryDir, removeCapture } from '../../capture/spool/spool-folders.js';
import type { DeviceSettings } from '../../config/settings.js';
import { type CheckRecord, parseCheckRecord } from './check-record.js';

/** `check.json` of a spool folder: whose check it is, so that it can be finished even if nothing else was written. */
export interface CheckTicket {
  readonly owner: string;
  readonly deploymentName: string;
  readonly deviceId: string;
  readonly cameraName: string;
  readonly mode: 'passive' | 'active';
  readonly thresholdDeg: number;
  readonly startedAtMs: number;
  /** Its sweep, as an outcome's `sweepAt`. */
  readonly sweepAt?: string;
  /** Its outcome was reported, though files or row are not stored yet. */
  readonly wasTold?: boolean;
}

const TICKET = 'check.json';
const MANIFEST = 'manifest.json';
const RESULT = 'result.json';
export const OVERLAY = 'overlay.jpg';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // damaged on disk: treat as missing
  }
};

const isTicket = (value: unknown): value is CheckTicket =>
  typeof value === 'object' &&
  value !== null &&
  ['owner', 'deploymentName', 'deviceId', 'cameraName', 'mode', 'thresholdDeg', 'startedAtMs'].every((key) =>
    Object.hasOwn(value, key),
  );

export const ticketOf = (
  { deploymentName, deviceId, cameraName, thresholdDeg }: DeviceSettings,
  about: Pick<CheckTicket, 'owner' | 'mode' | 'startedAtMs' | 'sweepAt'>,
): CheckTicket => ({ ...about, deploymentName, deviceId, cameraName, thresholdDeg });

/** Creates the spool folder of a new check. */
export const openCheck = async (spoolDir: string, ticket: CheckTicket): Promise<string> => {
  const dir = await makeQueryDir(spoolDir, ticket, ticket.startedAtMs);
  try {
    await writeJson(path.join(dir, TICKET), ticket);
  } catch (fault) {
    await removeCapture(dir);
    throw fault;
  }
  return dir;
};

/** Null when the folder belongs to no check, or the run died before its first file was complete. */
export const readTicket = async (dir: string): Promise<CheckTicket | null> => {
  const text = await textOf(path.join(dir, TICKET));
  const value = text === null ? null : parsed(text);
  return isTicket(value) ? value : null;
};

/** Records that the outcome was reported, so that finishing the check later does not report it again. */
export const markTold = async (dir: string): Promise<void> => {
  const ticket = await readTicket(dir);
  if (ticket !== null) await writeJson(path.join(dir, TICKET), { ...ticket, wasTold: true });
};

export const readManifest = async (dir: string): Promise<CaptureManifest | null> => {
  const file = path.join(dir, MANIFEST);
  const text = await textOf(file);
  return text === null ? null : parseManifest(text, file);
};

export const readRecord = async (dir: string): Promise<CheckRecord | null> => {
  const text = await textOf(path.join(dir, RESULT));
  return text === null ? null : parseCheckRecord(text);
};

export const writeRecord = (dir: string, record: CheckRecord): Promise<void> =>
  writeJson(path.join(dir, RESULT), record);

export const readSpoolFile = (dir: string, file: string): Promise<Buffer> => readFile(path.join(dir, file));

export const writeSpoolFile = (dir: string, file: string, body: Buffer): Promise<void> =>
  writeWhole(path.join(dir, file), body);

/** Files to publish, ordered so that a reader who sees the manifest sees everything. */
export const filesToPublish = async (dir: string): Promise<string[]> => {
  const names = await readdir(dir);
  const rank = (name: string): number => (name === MANIFEST ? 2 : name === RESULT ? 1 : 0);
  return names
    .filter((name) => name !== TICKET && !name.endsWith('.part'))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
};
