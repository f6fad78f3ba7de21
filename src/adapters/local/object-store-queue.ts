import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import type { DeadWork, QueueDepth, TakenWork, WorkQueue } from '../../ports/work-queue.js';

interface StoreQueueOptions {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly visibilityMs: number;
  /** Work taken so often is dead. */
  readonly maxAttempts: number;
}

const WAITING = '_state/queue/work/';
const DEAD = '_state/queue/dead/';
const POLL_MS = 500;
const DIGITS = 15;
const DEAD_SHOWN = 100;
/** As long as SQS keeps them at most; the name begins with the time it was sent. */
const DEAD_KEPT_MS = 14 * 86_400_000;

const NOTE = z.object({
  body: z.string(),
  visibleAtMs: z.number(),
  attempts: z.number(),
});
type Note = z.output<typeof NOTE>;

const DEAD_NOTE = z.object({ body: z.string(), reason: z.string() });

const parsed = <T>(shape: z.ZodType<T>, body: Buffer): T | null => {
  try {
    return shape.safeParse(JSON.parse(body.toString('utf8'))).data ?? null;
  } catch {
    return null; // half an object: the store writes whole ones
  }
};

const written = (note: unknown): Buffer => Buffer.from(JSON.stringify(note));
const padded = (ms: number): string => String(ms).padStart(DIGITS, '0');
const tooOften = (attempts: number): string => `It was taken ${attempts} times and never done.`;

/** A queue of one machine or of a small fleet: each piece of work is an object, taking it is one compare-and-swap. */
class StoreWorkQueue implements WorkQueue {
  readonly visibilityMs: number;
  private lastMs = 0;
  private readonly sleepers = new Set<AbortController>();
  /** When leased work becomes visible again, so that it need not be read before. */
  private readonly hidden = new Map<string, number>();

  constructor(private readonly options: StoreQueueOptions) {
    this.visibilityMs = options.visibilityMs;
  }

  async send(bodies: readonly string[], signal: AbortSignal): Promise<void> {
    const { store, clock } = this.options;
    for (const body of bodies) {
      this.lastMs = Math.max(clock.nowMs(), this.lastMs + 1);
      const id = `${padded(this.lastMs)}-${randomUUID()}`;
      const note: Note = { body, visibleAtMs: 0, attempts: 0 };
      await store.put(`${WAITING}${id}.json`, written(note), undefined, signal);
    }
    for (const sleeper of this.sleepers) sleeper.abort();
  }

  async take(limit: number, waitMs: number, signal: AbortSignal): Promise<TakenWork[]> {
    const { clock } = this.options;
    const untilMs = clock.nowMs() + waitMs;
    for (;;) {
      const taken = await this.takeNow(limit, signal);
      const restMs = untilMs - clock.nowMs();
      if (taken.length > 0 || restMs <= 0) return taken;
      await this.sleep(Math.min(POLL_MS, restMs), signal);
    }
  }

  /** Ends at once when work is sent here. */
  private async sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    const waking = new AbortController();
    this.sleepers.add(waking);
    try {
      await this.options.clock.sleep(durationMs, AbortSignal.any([signal, waking.signal]));
    } catch (fault) {
      signal.throwIfAborted();
      if (!waking.signal.aborted) throw fault;
    } finally {
      this.sleepers.delete(waking);
    }
  }

  async dead(signal: AbortSignal): Promise<DeadWork[]> {
    const { store, clock } = this.options;
    const oldest = `${DEAD}${padded(clock.nowMs() - DEAD_KEPT_MS)}`;
    const all = await store.list(DEAD, signal);
    for (const key of all.filter((one) => one < oldest)) await store.delete(key, signal);
    const keys = all.filter((key) => key >= oldest).slice(-DEAD_SHOWN);
    const found = await Promise.all(keys.map((key) => store.get(key, signal)));
    return found.flatMap((object, index) => {
      const note = object === null ? null : parsed(DEAD_NOTE, object.body);
      const id = keys[index]?.slice(DEAD.length).replace('.json', '') ?? '';
      return note === null ? [] : [{ id, ...note }];
    });
  }

  async depth(signal: AbortSignal): Promise<QueueDepth> {
    const { store, clock } = this.options;
    const keys = await store.list(WAITING, signal);
    const nowMs = clock.nowMs();
    const taken = keys.filter((key) => (this.hidden.get(key) ?? 0) > nowMs).length;
    const dead = (await store.list(DEAD, signal)).length;
    return { waiting: keys.length - taken, taken, dead };
  }

  async close(): Promise<void> {
    this.hidden.clear();
  }

  private async takeNow(limit: number, signal: AbortSignal): Promise<TakenWork[]> {
    const { store, clock } = this.options;
    const keys = await store.list(WAITING, signal);
    const present = new Set(keys);
    for (const key of this.hidden.keys()) if (!present.has(key)) this.hidden.delete(key);
    const taken: TakenWork[] = [];
    for (const key of keys) {
      if (taken.length >= limit) break;
      if ((this.hidden.get(key) ?? 0) > clock.nowMs()) continue;
      const work = await this.takeOne(key, signal);
      if (work !== null) taken.push(work);
    }
    return taken;
  }

  /** Null when others have it, were faster, or it is dead now. */
  private async takeOne(key: string, signal: AbortSignal): Promise<TakenWork | null> {
    const { store, clock, maxAttempts } = this.options;
    const found = await store.get(key, signal);
    if (found === null) return null;
    const note = parsed(NOTE, found.body) ?? { body: found.body.toString(), visibleAtMs: 0, attempts: 0 };
    this.hidden.set(key, note.visibleAtMs);
    if (note.visibleAtMs > clock.nowMs()) return null;
    if (note.attempts >= maxAttempts) return this.bury(key, note.body, tooOften(note.attempts));
    const attempts = note.attempts + 1;
    const claimed = { body: note.body, attempts, visibleAtMs: clock.nowMs() + this.visibilityMs };
    const etag = await store.put(key, written(claimed), { ifMatch: found.etag }, signal);
    if (etag === null) return null;
    this.hidden.set(key, claimed.visibleAtMs);
    return this.workOf(key, claimed, etag);
  }

  private workOf(key: string, note: Note, firstEtag: string): TakenWork {
    const { store, clock } = this.options;
    const { body, attempts } = note;
    let etag: string | null = firstEtag;
    const show = async (visibleAtMs: number, signal?: AbortSignal): Promise<void> => {
      if (etag === null) return; // its time was over and others have it
      etag = await store.put(key, written({ body, attempts, visibleAtMs }), { ifMatch: etag }, signal);
      this.hidden.set(key, visibleAtMs);
    };
    return {
      ...{ id: key.slice(WAITING.length), body, attempts },
      extend: (durationMs, signal) => show(clock.nowMs() + durationMs, signal),
      done: () => store.delete(key),
      release: (delayMs) => show(clock.nowMs() + delayMs),
      bury: async (reason) => void (await this.bury(key, body, reason)),
    };
  }

  private async bury(key: string, body: string, reason: string): Promise<null> {
    const { store } = this.options;
    await store.put(`${DEAD}${key.slice(WAITING.length)}`, written({ body, reason }));
    await store.delete(key);
    return null;
  }
}

export const createStoreWorkQueue = (options: StoreQueueOptions): WorkQueue => new StoreWorkQueue(options);
