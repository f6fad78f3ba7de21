import type { Dependencies } from './record/dependencies.js';
import type { ProductHealth } from './product.js';

/** The worker waits at most 20 s for messages; much longer means that it hangs. */
const STUCK_MS = 300_000;

/** Remembers when the worker loop last ran, and probes store and queue. */
export class WorkerHealth implements ProductHealth {
  private beatAtMs: number | null = null;

  constructor(private readonly deps: Pick<Dependencies, 'clock' | 'store' | 'queue' | 'metrics'>) {}

  beat(): void {
    this.beatAtMs = this.deps.clock.nowMs();
  }

  stuck(): string | null {
    const quietMs = this.beatAtMs === null ? 0 : this.deps.clock.nowMs() - this.beatAtMs;
    return quietMs > STUCK_MS ? `The worker loop has not run for ${Math.round(quietMs / 1000)} s.` : null;
  }

  async ready(signal: AbortSignal): Promise<void> {
    const { store, queue, metrics } = this.deps;
    await store.get('_state/ready', signal);
    metrics.queued(await queue.depth(signal));
  }

  metrics(): Promise<string> {
    return this.deps.metrics.text();
  }
}
