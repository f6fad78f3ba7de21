import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../../ports/app-error.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { checkKey, RESERVED } from './object-key.js';
import { ProcessLock } from './process-lock.js';
import { TemporaryFiles } from './temporary-files.js';

const LOCK_WAIT_MS = 10_000;

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

const FAULTS: Record<string, readonly [code: string, what: string, remedy: string]> = {
  ENOSPC: ['store_full', 'the disk is full', 'Free disk space; pending objects are written then.'],
  EDQUOT: [
    'store_full',
    'the quota is used up',
    'Free space or raise the quota; pending objects are written then.',
  ],
  EFBIG: ['store_full', 'the file exceeds the size limit', 'Raise the limit on file sizes (ulimit -f).'],
  EACCES: ['store_forbidden', 'permission is denied', "Give this program's user access to the folder."],
  EPERM: ['store_forbidden', 'permission is denied', "Give this program's user access to the folder."],
  EROFS: ['store_forbidden', 'the file system is read-only', 'Mount it writable, or choose another folder.'],
};
const OTHER_FAULT = ['store_failed', 'the file system failed', 'Check the cause and the disk.'] as const;

/** Runs a step on the file system; its faults become AppErrors that name the place. */
const guarded = async <T>(place: string, step: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  signal?.throwIfAborted();
  try {
    return await step();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AppError || codeOf(error) === '') throw error;
    const [code, what, remedy] = FAULTS[codeOf(error)] ?? OTHER_FAULT;
    throw new AppError(code, `${place}: ${what} (${codeOf(error)}).`, remedy, error);
  }
};

/** Null for the errors that mean: there is no such object. */
const nullIfAbsent = (error: unknown): null => {
  if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error))) return null;
  throw error;
};

/** Makes a rename or a new folder outlast a power cut. */
const syncDir = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const makeDir = async (dir: string): Promise<void> => {
  const first = await mkdir(dir, { recursive: true });
  if (first === undefined) return;
  for (let made = dir; made.length >= first.length; made = path.dirname(made))
    await syncDir(path.dirname(made));
};

/** Content, and the inode and time of the write: two writes never share an inode while the first one stands. */
const readObject = async (file: string): Promise<{ body: Buffer; etag: string }> => {
  const handle = await open(file, 'r');
  try {
    const body = await handle.readFile();
    const { ino, mtimeNs } = await handle.stat({ bigint: true });
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 24);
    return { body, etag: `${hash}-${ino.toString(36)}-${mtimeNs.toString(36)}` };
  } finally {
    await handle.close();
  }
};

type Condition = { ifAbsent: true } | { ifMatch: string } | undefined;

const holds = async (file: string, condition: Condition): Promise<boolean> => {
  if (condition === undefined) return true;
  const current = await readObject(file).catch(nullIfAbsent);
  return 'ifAbsent' in condition ? current === null : current?.etag === condition.ifMatch;
};

/** Objects as files below one folder. Safe for several processes at once: every change is made under one lock. */
export const createFileObjectStore = ({ rootDir }: { readonly rootDir: string }): ObjectStore => {
  const root = path.resolve(rootDir);
  const temporaries = new TemporaryFiles(path.join(root, `${RESERVED}tmp`));
  const lock = new ProcessLock(path.join(root, `${RESERVED}lock`), LOCK_WAIT_MS);

  const fileOf = (key: string): string => {
    checkKey(key);
    return path.join(root, ...key.split('/'));
  };

  const replace = async (temporary: string, file: string, condition: Condition): Promise<string | null> => {
    if (!(await holds(file, condition))) return null;
    await rename(temporary, file);
    await syncDir(path.dirname(file));
    return (await readObject(file)).etag;
  };

  const put: ObjectStore['put'] = async (key, body, condition, signal) => {
    const file = fileOf(key);
    return guarded(
      file,
      async () => {
        await makeDir(path.dirname(file));
        const temporary = await temporaries.write(body);
        try {
          return await lock.run(() => replace(temporary, file, condition), signal);
        } finally {
          await unlink(temporary).catch(nullIfAbsent);
        }
      },
      signal,
    );
  };

  const list = async (prefix: string): Promise<string[]> => {
    const above = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const dir = above === '' ? root : fileOf(above.slice(0, -1));
    const entries = (await readdir(dir, { recursive: true, withFileTypes: true }).catch(nullIfAbsent)) ?? [];
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
      .filter((key) => key.startsWith(prefix) && !key.split('/').some((name) => name.startsWith(RESERVED)))
      .sort();
  };

  return {
    locationOf: (key) => pathToFileURL(fileOf(key)).href,
    get: async (key, signal) => {
      const file = fileOf(key);
      return guarded(file, () => readObject(file).catch(nullIfAbsent), signal);
    },
    put,
    list: (prefix, signal) => guarded(root, () => list(prefix), signal),
    delete: async (key, signal) => {
      const file = fileOf(key);
      await guarded(
        file,
        () =>
          lock.run(async () => {
            await unlink(file).catch(nullIfAbsent);
          }, signal),
        signal,
      );
    },
  };
};
