import type { Clock } from '../ports/clock.js';

const PERIOD_MS = 60_000;

const rethrow = (reason: unknown): never => {
  throw reason;
};

/** Tasks that are running and that nobody waits for one by one. */
export class TaskSet {
  private readonly running = new Set<Promise<void>>();

  /** `onFailure` gets what a task rejects with. What it throws itself, or without it every rejection, is unhandled. */
  constructor(private readonly onFailure: (reason: unknown) => void = rethrow) {}

  get size(): number {
    return this.running.size;
  }

  add(task: Promise<unknown>): void {
    const ended: Promise<void> = task
      .then(() => undefined, this.onFailure)
      .finally(() => this.running.delete(ended));
    this.running.add(ended);
  }

  /** Resolves when one of the tasks has ended. */
  async one(): Promise<void> {
    await Promise.race(this.running);
  }

  /** Resolves when all tasks have ended, those included that are added meanwhile. */
  async settled(): Promise<void> {
    while (this.size > 0) await Promise.all(this.running);
  }
}

/** A task that starts once a minute, unless the last run has not ended. */
export class Recurring extends TaskSet {
  private startedAtMs = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly run: () => Promise<void>,
    onFailure?: (reason: unknown) => void,
  ) {
    super(onFailure);
  }

  startIfDue(): void {
    if (this.size > 0 || this.clock.nowMs() - this.startedAtMs < PERIOD_MS) return;
    this.startedAtMs = this.clock.nowMs();
    this.add(this.run());
  }
}
