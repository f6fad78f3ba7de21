import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../ports/app-error.js';
import type { CameraName } from '../../ports/camera-name.js';
import type { PtzPosition } from '../../ports/telemetry.js';
import { exists, segmentOf, writeJson } from './file-tools.js';

/** Where a camera is to be put back to, and where the product last sent it. */
export interface JournaledMove {
  readonly home: PtzPosition;
  readonly sentTo: PtzPosition;
  /** Where it stood before: a kill may come between the journal and the command. */
  readonly sentFrom: PtzPosition;
}

/** Remembers a driven camera's position outside the process, so that even a restart after a kill can put it back. */
export interface PositionJournal {
  save(move: JournaledMove): Promise<void>;
  clear(): Promise<void>;
}

/** A camera that a killed process left somewhere. */
export interface JournaledPosition extends CameraName, JournaledMove {}

export const RESTORE_DIR = 'restore';

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
