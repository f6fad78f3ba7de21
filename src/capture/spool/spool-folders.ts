import { type CameraName, timestampKey } from '../../ports/camera-name.js';
import { exists, segmentOf, spoolFault, unlessMissing } from './file-tools.js';
import { RESTORE_DIR } from './position-journal.js';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** A spool folder found at start: `hasManifest` tells a whole capture from a broken-off one. */
export interface UnfinishedCapture extends CameraName {
  readonly dir: string;
  /** As in keys: `2026-01-31T14-00-05.123Z`. */
  readonly timestamp: string;
  readonly hasManifest: boolean;
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT[\d-]+\.\d{3}Z$/;
const DONE = '.done';

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
