import { AppError } from '../../ports/app-error.js';
import type { Dependencies } from '../record/dependencies.js';

const LOOK_MS = 10_000;

type AwayDeps = Pick<Dependencies, 'store' | 'identity' | 'clock' | 'log'>;

/**
 * Tells work that cannot be done from a store that does not answer: while it does not, work is held and no other taken. To
 * give it back would count as a try, and nobody else could do it either.
 */
export class StoreAway {
  private readonly probeKey: string;
  private holding = 0;

  constructor(
    private readonly deps: AwayDeps,
    /** Told again and again while it lasts. */
    private readonly onAway: (fault: AppError) => Promise<void>,
  ) {
    this.probeKey = `_state/probes/${encodeURIComponent(deps.identity.self)}`;
  }

  /** Whether work is being held now. */
  get isAway(): boolean {
    return this.holding > 0;
  }

  /** Does work, again after each failure that the store is to blame for. */
  async outlasted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (fault) {
        if (signal.aborted || !(fault instanceof AppError) || (await this.answers(signal))) throw fault;
        await this.return(fault, signal);
      }
    }
  }

  private async return(fault: AppError, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.deps;
    const message = `Work is held until the store answers: ${fault.message}`;
    if (this.holding === 0) log({ level: 'error', event: 'store_away', message, cause: fault });
    this.holding += 1;
    try {
      do {
        await this.onAway(fault);
        await clock.sleep(LOOK_MS, signal);
      } while (!(await this.answers(signal)));
    } finally {
      this.holding -= 1;
    }
  }

  /** Writes, reads and deletes one object. */
  private async answers(signal: AbortSignal): Promise<boolean> {
    const { store } = this.deps;
    try {
      await store.put(this.probeKey, Buffer.from('probe'), undefined, signal);
      await store.get(this.probeKey, signal);
      await store.delete(this.probeKey, signal);
      return true;
    } catch (fault) {
      signal.throwIfAborted();
      if (!(fault instanceof AppError)) throw fault;
      return false; // told by whoever asked
    }
  }
}
