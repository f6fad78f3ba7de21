import { AppError } from '../../ports/app-error.js';
import type { Role } from '../record/sweep-watch.js';
import type { WorkerDeps } from '../sweeps/sweep-context.js';
import { runScheduler } from './scheduler.js';
import { runWorker } from './worker-loop.js';

/** Runs the parts of a role until the signal aborts; when one fails the other is ended too. */
export const runServe = async (about: WorkerDeps, role: Role, signal: AbortSignal): Promise<void> => {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const parts = [
    ...(role === 'scheduler' ? [] : [runWorker(about, until)]),
    ...(role === 'worker' ? [] : [runScheduler(about, until)]),
  ];
  try {
    await Promise.race(parts);
  } finally {
    ending.abort(new AppError('serve_ended', 'Another part of the program failed.', 'See what it said.'));
    await Promise.allSettled(parts);
  }
};
