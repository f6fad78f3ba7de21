import type { LogEntry } from '../../monitor/product.js';
import { AppError } from '../../ports/app-error.js';

/** What was said is not said again before this. */
const QUIET_MS = 600_000;

interface Said {
  readonly atMs: number;
  /** How often it was to be said since. */
  repeats: number;
}

const remedyOf = ({ message, cause }: LogEntry): string =>
  cause instanceof AppError && !message.includes(cause.remedy) ? ` ${cause.remedy}` : '';

/**
 * Log entries as lines for people, each failure with its remedy. A service that is away is tried again every few seconds:
 * what it comes to is shown every ten minutes, with how often it was met meanwhile.
 */
export const createTextLog = (
  err: (text: string) => void,
  nowMs: () => number,
): ((entry: LogEntry) => void) => {
  const said = new Map<string, Said>();
  return (entry) => {
    const { level, message } = entry;
    if (level === 'debug') return;
    const line = `${level}: ${message}${remedyOf(entry)}`;
    if (level === 'info') return err(`${line}\n`);
    const atMs = nowMs();
    const known = said.get(line);
    if (known !== undefined && atMs - known.atMs < QUIET_MS) return void (known.repeats += 1);
    for (const [old, { atMs: saidAtMs }] of said) if (atMs - saidAtMs >= 2 * QUIET_MS) said.delete(old);
    said.set(line, { atMs, repeats: 0 });
    err(
      `${line}${known === undefined || known.repeats === 0 ? '' : ` (${known.repeats} times more meanwhile)`}\n`,
    );
  };
};
