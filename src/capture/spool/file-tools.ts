import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError, errorCodeOf } from '../../ports/app-error.js';

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** What `read` gives, or `absent` when there is no such file or folder. */
export const unlessMissing = async <T>(read: Promise<T>, absent: T): Promise<T> => {
  try {
    return await read;
  } catch (fault) {
    if (errorCodeOf(fault) === 'ENOENT') return absent;
    throw fault;
  }
};

/** A text file's content; null when there is none. */
export const textOf = (file: string): Promise<string | null> =>
  unlessMissing<string | null>(readFile(file, 'utf8'), null);

/** A name as one segment of a path; never a hidden one. */
export const segmentOf = (name: string): string => encodeURIComponent(name).replace(/^\./, '%2E');

/** AppError `disk_full` or `spool_unwritable` for what the file system said. */
export const spoolFault = (place: string, fault: unknown): AppError => {
  const code = errorCodeOf(fault);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new AppError('disk_full', `There is no room left to write ${place}.`, 'Free disk space.', fault);
  return new AppError(
    'spool_unwritable',
    `${place} cannot be written.`,
    'Check that the spool directory exists and may be written to.',
    fault,
  );
};

const syncDirectory = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Writes a file whole or not at all, also through a power cut; makes its folder. */
export const writeWhole = async (file: string, body: Buffer | string): Promise<void> => {
  const part = `${file}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(part, 'w');
    try {
      await handle.writeFile(body);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
    await syncDirectory(path.dirname(file));
  } catch (fault) {
    await rm(part, { force: true });
    throw spoolFault(file, fault);
  }
};

export const writeJson = (file: string, value: unknown): Promise<void> =>
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
