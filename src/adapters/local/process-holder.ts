import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import process from 'node:process';

/** A process of one boot and one pid namespace; its start time tells it from a later one with the same number. */
export interface Holder {
  /** Short enough for a file's name. */
  readonly world: string;
  readonly pid: number;
  readonly startedAt: string;
}

/** Null for the errors that mean: there is no such file or process. */
export const nullIfAbsent = (error: unknown): null => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ESRCH') return null;
  throw error;
};

/** Field 22 of /proc/PID/stat, counted after the command's name, which may itself hold blanks. */
const startOf = async (pid: number): Promise<string | null> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(nullIfAbsent);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
};

export const describeSelf = async (): Promise<Holder> => {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(nullIfAbsent);
  const namespace = await readlink('/proc/self/ns/pid').catch(nullIfAbsent);
  return {
    world: createHash('sha256').update(`${boot?.trim()} ${namespace}`).digest('hex').slice(0, 16),
    pid: process.pid,
    startedAt: (await startOf(process.pid)) ?? '',
  };
};

/** Whether a process lives; null where it cannot be looked up, as on another host or in another container. */
export const isAlive = async (holder: Holder, self: Holder): Promise<boolean | null> =>
  holder.world === self.world ? (await startOf(holder.pid)) === holder.startedAt : null;
