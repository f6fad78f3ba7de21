import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

const pids = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Command lines of processes, of anybody's, that hold a text. */
export const processesWith = (text: string): string[] =>
  pids()
    .map(commandLineOf)
    .filter((line) => line.includes(text));

/** Command lines of processes that work in a folder: programs started there and their own children. */
export const processesIn = (dir: string): string[] => {
  const folder = realpathSync(dir);
  return pids()
    .filter((pid) => folderOf(pid) === folder)
    .map((pid) => commandLineOf(pid).replaceAll('\0', ' '));
};

const folderOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Gone between listing and reading, or somebody else's.
    return '';
  }
};

const commandLineOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // Gone between listing and reading.
    return '';
  }
};
