import type { EventEmitter } from 'node:events';
import { AppError } from '../../ports/app-error.js';
import { EXIT } from './shell.js';

/** The process as far as stopping it goes. */
type Stoppable = Pick<EventEmitter, 'on'> & { exit(code: number): void };

/**
 * The first SIGINT or SIGTERM aborts the answered signal, so that cameras are put back and files are written whole; the
 * second ends the process at once.
 */
export const interruptionOf = (stoppable: Stoppable, err: (text: string) => void): AbortSignal => {
  const interrupted = new AbortController();
  const stop = (): void => {
    if (interrupted.signal.aborted) return stoppable.exit(EXIT.interrupted);
    err('\nStopping; a camera that was moved is put back where it was … Press again to end now.\n');
    interrupted.abort(new AppError('interrupted', 'Interrupted.', 'Start it again.'));
  };
  stoppable.on('SIGINT', stop);
  stoppable.on('SIGTERM', stop);
  return interrupted.signal;
};
