import { AppError } from '../../ports/app-error.js';
import type { LogEntry } from './dependencies.js';

/**
 * Runs a step that nothing else depends on: an AppError is logged, by default with its own message, and null returned.
 * Other errors are thrown, and after an abort the signal's reason.
 */
export const orLogged = async <T>(
  { log }: { readonly log: (entry: LogEntry) => void },
  entry: Omit<LogEntry, 'message' | 'cause'> & { readonly message?: (cause: AppError) => string },
  step: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T | null> => {
  try {
    return await step();
  } catch (cause) {
    signal?.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    log({ ...entry, message: entry.message?.(cause) ?? cause.message, cause });
    return null;
  }
};
