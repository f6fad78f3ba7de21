import { readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from '../../capture/spool/file-tools.js';

/** Disk space kept free for captures: a quarter of the disk, at most this much. */
const FREE_SHARE = 0.25;
const MOST_FREE_BYTES = 4e9;
/** Recently used references may still be in use. */
const IN_USE_MS = 1_800_000;

interface Disk {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const diskOf = async (dir: string): Promise<Disk> => {
  const { bavail, blocks, bsize } = await statfs(dir);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
};

const isTight = ({ freeBytes, totalBytes }: Disk): boolean =>
  freeBytes < Math.min(FREE_SHARE * totalBytes, MOST_FREE_BYTES);

interface Entry {
  readonly dir: string;
  readonly usedAtMs: number;
}

/** `{deployment}/{camera}/{generation}` in the cache, least recently used first. */
const entriesOf = async (cacheDir: string): Promise<Entry[]> => {
  const below = (dir: string): Promise<string[]> =>
    unlessMissing(readdir(dir), []).then((names) => names.map((name) => path.join(dir, name)));
  let dirs = [cacheDir];
  for (let depth = 0; depth < 3; depth += 1) dirs = (await Promise.all(dirs.map(below))).flat();
  const entries = await Promise.all(
    dirs.map(async (dir) => {
      const found = await unlessMissing(stat(dir), null);
      return found === null ? [] : [{ dir, usedAtMs: found.mtimeMs }];
    }),
  );
  return entries.flat().sort((a, b) => a.usedAtMs - b.usedAtMs);
};

/** Deletes the least recently used references until the disk has room again; all can be downloaded again. */
export const makeRoom = async (
  cacheDir: string,
  nowMs: number,
  measure: (dir: string) => Promise<Disk> = diskOf,
): Promise<void> => {
  const isFull = async (): Promise<boolean> => {
    const disk = await unlessMissing(measure(cacheDir), null);
    return disk !== null && isTight(disk);
  };
  if (!(await isFull())) return;
  for (const { dir, usedAtMs } of await entriesOf(cacheDir)) {
    if (nowMs - usedAtMs < IN_USE_MS) return;
    await rm(dir, { recursive: true, force: true });
    if (!(await isFull())) return;
  }
};
