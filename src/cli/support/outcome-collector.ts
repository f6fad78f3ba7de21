import type { CheckOutcome } from '../../monitor/product.js';
import { ProgressLine } from './progress-line.js';
import type { Shell } from './shell.js';
import { exitCodeOf } from './tell-outcome.js';

/** Gathers outcomes as they come, shows how far the work is, and keeps the exit code true even if the rest fails. */
export class OutcomeCollector {
  readonly outcomes: CheckOutcome[] = [];
  private readonly progress: ProgressLine;
  private readonly startedAtMs: number;

  constructor(
    private readonly shell: Shell,
    private readonly name: string,
    private readonly total: number,
  ) {
    this.progress = new ProgressLine(shell, 'cameras');
    this.startedAtMs = shell.nowMs();
  }

  /** Takes an outcome and prints what there is to say of it now. */
  add(outcome: CheckOutcome, text: string): void {
    this.outcomes.push(outcome);
    this.shell.exitCode = exitCodeOf(this.outcomes);
    this.progress.printing(() => this.shell.out(text));
    this.showProgress();
  }

  /** Collects what `work` gives; the progress is shown until it ends. */
  async during(work: () => Promise<unknown>): Promise<void> {
    this.showProgress();
    try {
      await work();
    } finally {
      this.progress.end(this.name);
    }
  }

  private showProgress(): void {
    const done = this.outcomes.length;
    const elapsedMs = this.shell.nowMs() - this.startedAtMs;
    const etaMs = done === 0 ? null : (elapsedMs * (this.total - done)) / done;
    this.progress.show(this.name, { done, total: this.total, etaMs });
  }
}
