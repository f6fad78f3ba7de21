import type { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';

/** A failure is remembered so many times as long as it took to find it out, … */
const TIMES = 3;
/** … but no longer than this, … */
const LONGEST_MS = 30_000;
/** … and not at all when it was found out so soon. */
const SOON_MS = 500;

/** How long a failure that took so long to find out is taken for granted, ms. */
export const rememberedMs = (tookMs: number): number =>
  tookMs < SOON_MS ? 0 : Math.min(TIMES * tookMs, LONGEST_MS);

/** Remembers for a while what only a deadline told, so that not everyone who asks waits for it again. */
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
