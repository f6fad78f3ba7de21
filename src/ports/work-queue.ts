/** One piece of work taken from a queue; others do not see it until its time is over. */
export interface TakenWork {
  readonly id: string;
  readonly body: string;
  /** How often it was taken, this time counted. */
  readonly attempts: number;
  /** Keeps it from others for so long from now. */
  extend(durationMs: number, signal: AbortSignal): Promise<void>;
  /** It is done and never seen again; no fault when it was already. */
  done(): Promise<void>;
  /** Gives it back, to be seen again after so long. */
  release(delayMs: number): Promise<void>;
  /** It can never be done: it goes where people look for such work. */
  bury(reason: string): Promise<void>;
}

/** Work that was given up: nobody takes it any more. */
export interface DeadWork {
  readonly id: string;
  readonly body: string;
  readonly reason: string;
}

export interface QueueDepth {
  /** Seen by nobody yet. */
  readonly waiting: number;
  readonly taken: number;
  readonly dead: number;
}

/**
 * Work for any number of programs. Delivered at least once, about in the order it was sent; what is taken and neither done
 * nor extended comes again, and is dead once it was taken too often. Every queue passes test/contracts/work-queue.ts.
 */
export interface WorkQueue {
  /** How long taken work stays out of others' sight. */
  readonly visibilityMs: number;
  send(bodies: readonly string[], signal: AbortSignal): Promise<void>;
  /** Waits for work up to `waitMs`; none then. */
  take(limit: number, waitMs: number, signal: AbortSignal): Promise<TakenWork[]>;
  /** Up to a hundred pieces of the dead work, the latest among them; they stay where they are. */
  dead(signal: AbortSignal): Promise<DeadWork[]>;
  depth(signal: AbortSignal): Promise<QueueDepth>;
  close(): Promise<void>;
}
