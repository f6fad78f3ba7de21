import { access, readFile } from 'node:fs/promises';
import { errorCodeOf } from '../../ports/app-error.js';

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

export const segmentOf = (name: string): string => encodeURIComponent(name).replace(/^\./, '%2E');
