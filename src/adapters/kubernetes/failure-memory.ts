import type { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';

/** A failure is remembered this many times as long as it took to detect, … */
const TIMES = 3;
/** … but no longer than this, … */
const LONGEST_MS = 30_000;
/** … and not at all when it was detected this soon. */
const SOON_MS = 500;

/** How long to remember a failure that took so long to detect, ms. */
export const rememberedMs = (tookMs: number): number =>
  tookMs < SOON_MS ? 0 : Math.min(TIMES * tookMs, LONGEST_MS);

/** Remembers for a while a failure found only by a timeout, so that not every caller waits for it again. */
export class FailureMemory {
  #failure: AppError | null = null;
  #untilMs = 0;

  constructor(private readonly clock: Clock) {}

  /** Throws the failure while it is remembered. */
  throwIfKnown(): void {
    if (this.#failure !== null && this.clock.nowMs() < this.#untilMs) throw this.#failure;
  }

  note(failure: AppError, sinceMs: number): void {
    const nowMs = this.clock.nowMs();
    this.#failure = failure;
    this.#untilMs = nowMs + rememberedMs(nowMs - sinceMs);
  }

  forget(): void {
    this.#failure = null;
  }
}
