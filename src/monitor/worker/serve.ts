import { AppError } from '../../ports/app-error.js';
import type { Role } from '../record/sweep-watch.js';
import type { SweepContext } from '../sweeps/sweep-context.js';
import { runScheduler } from './scheduler.js';
import { runWorker } from './worker-loop.js';

/** Runs the parts of a role until the signal aborts; when one fails, ends the other too. */
export const runServe = async (context: SweepContext, role: Role, signal: AbortSignal): Promise<void> => {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const parts = [
    ...(role === 'scheduler' ? [] : [runWorker(context, until)]),
    ...(role === 'worker' ? [] : [runScheduler(context, until)]),
  ];
  try {
    await Promise.race(parts);
  } finally {
    ending.abort(
      new AppError('serve_ended', 'Another part of the program failed.', 'See its error message.'),
    );
    await Promise.allSettled(parts);
  }
};
