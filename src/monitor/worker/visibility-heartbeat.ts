import { AppError } from '../../ports/app-error.js';
import type { TakenWork } from '../../ports/work-queue.js';
import type { Dependencies } from '../record/dependencies.js';

/** Keeps a message invisible to others while it is worked on; a failed heartbeat is logged, the next one may succeed. */
export const withHeartbeat = async <T>(
  { clock, queue, log }: Pick<Dependencies, 'clock' | 'queue' | 'log'>,
  taken: TakenWork,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> => {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const beat = async (): Promise<void> => {
    try {
      await taken.extend(queue.visibilityMs, until);
    } catch (cause) {
      if (until.aborted) return;
      if (!(cause instanceof AppError)) throw cause;
      log({ level: 'warn', event: 'heartbeat_missed', message: cause.message, cause });
    }
  };
  const beating = async (): Promise<void> => {
    while (!until.aborted) {
      const rest = await clock.sleep(queue.visibilityMs / 3, until).then(
        () => 'over',
        () => 'ended',
      );
      if (rest === 'over') await beat();
    }
  };
  const beats = beating();
  try {
    return await work();
  } finally {
    ending.abort();
    await beats;
  }
};
