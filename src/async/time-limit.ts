import type { Clock } from '../ports/clock.js';

/** The share of the allowed time, and its maximum, reserved for returning a driven camera. */
const SHARE_FOR_THE_WAY_BACK = 1 / 4;
const LONGEST_FOR_THE_WAY_BACK_MS = 10_000;

/** The time allowed for one capture, counted from its construction on the clock that tests drive. */
export class TimeLimit {
  private readonly endMs: number;

  constructor(
    private readonly clock: Clock,
    /** Seconds; null means no limit. */
    private readonly allowedS: number | null,
  ) {
    this.endMs = allowedS === null ? Number.POSITIVE_INFINITY : clock.nowMs() + allowedS * 1000;
  }

  /** A limit that ends earlier, so that a driven camera can return before the end of this one. */
  withoutWayBack(): TimeLimit {
    return this.endingEarlier(
      this.allowedS === null
        ? 0
        : Math.min(this.allowedS * 1000 * SHARE_FOR_THE_WAY_BACK, LONGEST_FOR_THE_WAY_BACK_MS),
    );
  }

  endingEarlier(byMs: number): TimeLimit {
    const { clock, allowedS } = this;
    const leftS = allowedS === null ? null : (this.endMs - byMs - clock.nowMs()) / 1000;
    return new TimeLimit(clock, leftS);
  }

  /** Infinite without a limit, never negative. */
  leftMs(): number {
    return Math.max(0, this.endMs - this.clock.nowMs());
  }

  /** Shortens a wait to the time left. */
  within(waitMs: number): number {
    return Math.min(waitMs, this.leftMs());
  }

  /**
   * Runs `work` with a signal that aborts on timeout (with what `late` returns) or with the given one. Waits until
   * `work` has ended, since it may have a camera to return.
   */
  async run<T>(
    signal: AbortSignal,
    late: () => Error,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    if (this.endMs === Number.POSITIVE_INFINITY) return work(signal);
    const over = new AbortController();
    const done = new AbortController();
    const counting = this.clock.sleep(this.leftMs(), done.signal).then(
      () => over.abort(late()),
      // Finished in time: nothing to abort.
      () => undefined,
    );
    try {
      return await work(AbortSignal.any([signal, over.signal]));
    } finally {
      done.abort(new Error('done in time'));
      await counting;
    }
  }
}
