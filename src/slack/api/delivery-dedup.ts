import { createHash } from 'node:crypto';
import { DELIVERIES } from '../../state/object-layout.js';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';

const HOUR_MS = 3_600_000;

/** `…/2026-01-31T14/…`: the name alone tells which ones are older than two hours. */
const bucketOf = (atMs: number): string => `${DELIVERIES}${new Date(atMs).toISOString().slice(0, 13)}/`;

/**
 * Deliveries of Slack so far, in the store: Slack delivers at least once, and after a reconnect it may deliver to another
 * program.
 */
export class Deliveries {
  constructor(
    private readonly store: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /** False when any program has claimed it before. */
  async claim(delivery: string): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    const name = createHash('sha256').update(delivery).digest('hex');
    const [now, before] = [bucketOf(nowMs), bucketOf(nowMs - HOUR_MS)];
    if ((await this.store.get(`${before}${name}`)) !== null) return false;
    return (await this.store.put(`${now}${name}`, Buffer.from('{}'), { ifAbsent: true })) !== null;
  }

  /** Forgets deliveries that Slack no longer repeats. */
  async prune(): Promise<void> {
    const oldest = bucketOf(this.clock.nowMs() - HOUR_MS);
    for (const key of await this.store.list(DELIVERIES)) if (key < oldest) await this.store.delete(key);
  }
}
