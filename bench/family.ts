import { readdirSync, readFileSync } from 'node:fs';

/** What a file of /proc says; nothing once its process has ended. */
export const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the process ended meanwhile
  }
};

/** What follows the name in /proc/PID/stat: the state (no number), the parent, … */
const statOf = (pid: number): number[] =>
  (textOf(`/proc/${pid}/stat`).split(') ')[1] ?? '').split(' ').map(Number);

/** The process and all that descend from it (Linux). */
export const family = (ancestor: number): number[] => {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), statOf(Number(name))[1] ?? 0] as const);
  const members = [ancestor];
  for (const member of members)
    members.push(...parents.filter(([, parent]) => parent === member).map(([pid]) => pid));
  return members;
};

const TICKS_A_SECOND = 100;

/** Processor time that a process and its descendants have used, ended and waited-for ones included. */
export const cpuSecondsOf = (ancestor: number): number =>
  family(ancestor)
    .map((pid) =>
      statOf(pid)
        .slice(11, 15)
        .reduce((sum, ticks) => sum + ticks, 0),
    )
    .reduce((sum, ticks) => sum + ticks / TICKS_A_SECOND, 0);
