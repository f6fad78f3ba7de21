import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import type { ProcessIdentity } from '../../ports/process-identity.js';

/** Field 22 of /proc/PID/stat: ticks since boot at which the process started. The name before it may hold anything. */
const startOf = (stat: string): string => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';

const describe = (host: string, pid: number, start: string): string => `${host}:${pid}:${start}`;

/** Linux: a process is its host, its number and the tick at which it started, since numbers are used again. */
export const createProcProcessIdentity = (): ProcessIdentity => {
  const host = hostname();
  return {
    self: describe(host, process.pid, startOf(readFileSync('/proc/self/stat', 'utf8'))),
    isAlive: async (identity) => {
      const [, ownerHost, pid, start] = /^(.*):(\d+):(\d+)$/.exec(identity) ?? [];
      if (ownerHost !== host) return null;
      try {
        return startOf(await readFile(`/proc/${pid}/stat`, 'utf8')) === start;
      } catch {
        return false; // no such process any more
      }
    },
  };
};
