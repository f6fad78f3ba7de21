import type { Dependencies } from './record/dependencies.js';
import type { ProductHealth } from './product.js';

/** The worker waits for messages 20 s at most; what takes longer than this hangs. */
const STUCK_MS = 300_000;

/** Remembers when the worker last came round, and asks store and queue. */
export class Heart implements ProductHealth {
  private beatAtMs: number | null = null;

  constructor(private readonly deps: Pick<Dependencies, 'clock' | 'store' | 'queue' | 'metrics'>) {}

  beat(): void {
    this.beatAtMs = this.deps.clock.nowMs();
  }

  stuck(): string | null {
    const quietMs = this.beatAtMs === null ? 0 : this.deps.clock.nowMs() - this.beatAtMs;
    return quietMs > STUCK_MS ? `The worker has not come round for ${Math.round(quietMs / 1000)} s.` : null;
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
