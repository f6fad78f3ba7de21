import { AppError } from '../../ports/app-error.js';
import type { Dependencies } from '../record/dependencies.js';

const POLL_MS = 10_000;

type AwayDeps = Pick<Dependencies, 'store' | 'identity' | 'clock' | 'log'>;

/**
 * Tells failing work from a store that does not respond: meanwhile work is paused and no more is taken. Returning it to
 * the queue would count as an attempt, and no other program could do it either.
 */
export class StoreOutage {
  private readonly probeKey: string;
  private holding = 0;

  constructor(
    private readonly deps: AwayDeps,
    /** Called repeatedly while it lasts. */
    private readonly onOutage: (fault: AppError) => Promise<void>,
  ) {
    this.probeKey = `_state/probes/${encodeURIComponent(deps.identity.self)}`;
  }

  /** Whether work is paused now. */
  get isOngoing(): boolean {
    return this.holding > 0;
  }

  /** Runs work, again after each failure caused by the store. */
  async retried<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (fault) {
        if (signal.aborted || !(fault instanceof AppError) || (await this.isResponding(signal))) throw fault;
        await this.return(fault, signal);
      }
    }
  }

  private async return(fault: AppError, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.deps;
    const message = `Paused until the store responds: ${fault.message}`;
    if (this.holding === 0) log({ level: 'error', event: 'store_away', message, cause: fault });
    this.holding += 1;
    try {
      do {
        await this.onOutage(fault);
        await clock.sleep(POLL_MS, signal);
      } while (!(await this.isResponding(signal)));
    } finally {
      this.holding -= 1;
    }
  }

  /** Writes, reads and deletes one object. */
  private async isResponding(signal: AbortSignal): Promise<boolean> {
    const { store } = this.deps;
    try {
      await store.put(this.probeKey, Buffer.from('probe'), undefined, signal);
      await store.get(this.probeKey, signal);
      await store.delete(this.probeKey, signal);
      return true;
    } catch (fault) {
      signal.throwIfAborted();
      if (!(fault instanceof AppError)) throw fault;
      return false; // the caller reports it
    }
  }
}
