/** A message taken from a queue; invisible to others until its time is over. */
export interface TakenWork {
  readonly id: string;
  readonly body: string;
  /** How often it was taken, including this time. */
  readonly attempts: number;
  /** Keeps it invisible to others for this long from now. */
  extend(durationMs: number, signal: AbortSignal): Promise<void>;
  /** Deletes it; no fault if it is already gone. */
  done(): Promise<void>;
  /** Returns it, to be visible again after this long. */
  release(delayMs: number): Promise<void>;
  /** Moves it to the dead letters: it can never be done. */
  bury(reason: string): Promise<void>;
}

/** A dead letter: nobody takes it any more. */
export interface DeadWork {
  readonly id: string;
  readonly body: string;
  readonly reason: string;
}

export interface QueueDepth {
  /** Taken by nobody yet. */
  readonly waiting: number;
  readonly taken: number;
  readonly dead: number;
}

/**
 * A queue for any number of programs. Delivers at least once, roughly in order; a message neither done nor extended
 * comes again, and is dead once taken too often. Every queue passes test/contracts/work-queue.ts.
 */
export interface WorkQueue {
  /** How long taken messages stay invisible. */
  readonly visibilityMs: number;
  send(bodies: readonly string[], signal: AbortSignal): Promise<void>;
  /** Waits up to `waitMs`; returns none after that. */
  take(limit: number, waitMs: number, signal: AbortSignal): Promise<TakenWork[]>;
  /** Up to a hundred dead letters, including the latest; they stay in the queue. */
  dead(signal: AbortSignal): Promise<DeadWork[]>;
  depth(signal: AbortSignal): Promise<QueueDepth>;
  close(): Promise<void>;
}
