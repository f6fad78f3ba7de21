import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { AppError } from '../../ports/app-error.js';
import { EXIT, type Shell } from './shell.js';

/** What happened and what to do about it: a line, or a line for each fault in the settings and then one. */
export const faultInWords = ({ message, remedy }: AppError): string =>
  `${message}${/[.?!]$/.test(message) && !message.includes('\n') ? ' ' : '\n'}${remedy}\n`;

/** Whether the fault is nothing but the signal's abortion. */
export const isInterruption = (fault: unknown, signal: AbortSignal): boolean =>
  signal.aborted && (fault === signal.reason || (fault instanceof Error && fault.name === 'AbortError'));

/** Tells a fault and answers the exit code that belongs to it. */
export const tellFault = (shell: Shell, fault: unknown): number => {
  if (fault instanceof CommanderError) return fault.exitCode === 0 ? EXIT.ok : EXIT.unusable;
  if (isInterruption(fault, shell.signal)) {
    shell.err('Interrupted.\n');
    return EXIT.interrupted;
  }
  if (fault instanceof AppError) {
    shell.err(faultInWords(fault));
    return shell.signal.aborted ? EXIT.interrupted : EXIT.unusable;
  }
  shell.err(`${inspect(fault)}\n`);
  return EXIT.crashed;
};
