import { timestampKey, type CameraName } from '../../ports/camera-name.js';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../ports/app-error.js';
import type { PtzPosition } from '../../ports/telemetry.js';
import { exists, unlessMissing } from './file-tools.js';
import { spoolFault, writeJson } from './write-manifest.js';
import type { JournaledMove, PositionJournal } from '../head/position-restore.js';

/** A spool folder found at start: `hasManifest` tells a whole capture from a broken-off one. */
export interface UnfinishedCapture extends CameraName {
  readonly dir: string;
  /** As in keys: `2026-01-31T14-00-05.123Z`. */
  readonly timestamp: string;
  readonly hasManifest: boolean;
}

/** A camera that a killed process left somewhere. */
export interface JournaledPosition extends CameraName, JournaledMove {}

const RESTORE_DIR = 'restore';
const TIMESTAMP = /^\d{4}-\d\d-\d\dT[\d-]+\.\d{3}Z$/;
const DONE = '.done';

const segmentOf = (name: string): string => encodeURIComponent(name).replace(/^\./, '%2E');

/** Makes and answers `<spoolDir>/<deployment>/<camera>/<timestamp>`. */
export const makeQueryDir = async (spoolDir: string, camera: CameraName, timeMs: number): Promise<string> => {
  const dir = path.join(
    spoolDir,
    segmentOf(camera.deploymentName),
    segmentOf(camera.cameraName),
    timestampKey(timeMs),
  );
  try {
    await mkdir(dir, { recursive: true });
  } catch (fault) {
    throw spoolFault(dir, fault);
  }
  return dir;
};

/**
 * Deletes a capture whose every step is done. It is renamed first: a kill half-way through must not leave a folder that
 * looks like a capture broken off earlier.
 */
export const removeCapture = async (dir: string): Promise<void> => {
  const done = `${dir}${DONE}`;
  await unlessMissing(rename(dir, done), undefined);
  await rm(done, { recursive: true, force: true });
};

const namesIn = async (dir: string): Promise<string[]> => {
  const entries = await unlessMissing(readdir(dir, { withFileTypes: true }), []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
};

/** Folders where captures lie, two names below the spool: `[deployment, camera, capture]`. */
const captureFolders = async (spoolDir: string): Promise<[string, string, string][]> => {
  const found: [string, string, string][] = [];
  for (const deployment of await namesIn(spoolDir)) {
    if (deployment === RESTORE_DIR) continue;
    for (const camera of await namesIn(path.join(spoolDir, deployment)))
      for (const capture of await namesIn(path.join(spoolDir, deployment, camera)))
        found.push([deployment, camera, capture]);
  }
  return found;
};

/** All captures that lie in the spool, oldest first. */
export const unfinishedCaptures = async (spoolDir: string): Promise<UnfinishedCapture[]> => {
  const found: UnfinishedCapture[] = [];
  for (const [deployment, camera, timestamp] of await captureFolders(spoolDir)) {
    if (!TIMESTAMP.test(timestamp)) continue;
    const dir = path.join(spoolDir, deployment, camera, timestamp);
    const hasManifest = await exists(path.join(dir, 'manifest.json'));
    const deploymentName = decodeURIComponent(deployment);
    found.push({ dir, timestamp, hasManifest, deploymentName, cameraName: decodeURIComponent(camera) });
  }
  return found.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
};

/** Deletes the rest of captures in whose removal a process was killed. */
export const clearRemovedCaptures = async (spoolDir: string): Promise<void> => {
  for (const names of await captureFolders(spoolDir))
    if (names[2].endsWith(DONE)) await rm(path.join(spoolDir, ...names), { recursive: true, force: true });
};

const journalFile = (spoolDir: string, { deploymentName, cameraName }: CameraName): string =>
  path.join(spoolDir, RESTORE_DIR, `${segmentOf(deploymentName)}--${segmentOf(cameraName)}.json`);

/** Writes down where a camera is to be put back to; whole or not at all. */
export const writeJournal = (
  spoolDir: string,
  { deploymentName, cameraName, home, sentTo, sentFrom }: JournaledPosition,
) =>
  writeJson(journalFile(spoolDir, { deploymentName, cameraName }), {
    deploymentName,
    cameraName,
    home,
    sentTo,
    sentFrom,
  });

/** One camera's journal in the spool. */
export const positionJournal = (spoolDir: string, camera: CameraName): PositionJournal => ({
  save: (move) => writeJournal(spoolDir, { ...camera, ...move }),
  clear: () => rm(journalFile(spoolDir, camera), { force: true }),
});

const isPosition = (value: unknown): value is PtzPosition =>
  typeof value === 'object' &&
  value !== null &&
  ['panDeg', 'tiltDeg', 'zoom'].every((key) => Number.isFinite((value as Record<string, unknown>)[key]));

const isJournal = (value: unknown): value is JournaledPosition => {
  if (typeof value !== 'object' || value === null) return false;
  const { deploymentName, cameraName, home, sentTo, sentFrom } = value as Record<string, unknown>;
  return (
    typeof deploymentName === 'string' &&
    typeof cameraName === 'string' &&
    isPosition(home) &&
    isPosition(sentTo) &&
    isPosition(sentFrom)
  );
};

const journalIn = async (file: string): Promise<JournaledPosition | AppError> => {
  let cause: unknown;
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isJournal(value)) return value;
  } catch (fault) {
    cause = fault;
  }
  return new AppError(
    'journal_damaged',
    `${file} should say where a camera is to be put back to, and cannot be read.`,
    'Check where the camera of that name points, then delete the file.',
    cause,
  );
};

/** Every camera that is still to be put back, and the journals that cannot be read. */
export const readJournals = async (
  spoolDir: string,
): Promise<{ positions: JournaledPosition[]; faults: AppError[] }> => {
  const dir = path.join(spoolDir, RESTORE_DIR);
  const names = (await exists(dir)) ? await readdir(dir) : [];
  const files = names.filter((name) => name.endsWith('.json')).map((name) => path.join(dir, name));
  const read = await Promise.all(files.map(journalIn));
  return {
    positions: read.flatMap((entry) => (entry instanceof AppError ? [] : [entry])),
    faults: read.flatMap((entry) => (entry instanceof AppError ? [entry] : [])),
  };
};
