import pLimit from 'p-limit';
import type { z } from 'zod';
import { AppError } from '../ports/app-error.js';
import type { ObjectStore } from '../ports/object-store.js';

/** Attempts at a write that others keep beating. */
const MAX_TRIES = 20;
/** Limits open files and connections in a fleet of thousands. */
const READS_AT_ONCE = 64;

/**
 * Small documents in the object store, shared by all programs and outliving them. Every change is a compare-and-swap,
 * retried on what others wrote meanwhile. AppErrors `state_unreadable` and `state_contended` besides the store's own.
 */
export class SharedState<T> {
  constructor(
    private readonly store: ObjectStore,
    private readonly shape: z.ZodType<T>,
    private readonly initial: T,
  ) {}

  async of(key: string): Promise<T> {
    const found = await this.store.get(key);
    return found === null ? this.initial : this.parse(found.body, key);
  }

  /** Applies a pure change; one that returns null or the same state writes nothing. */
  async update(key: string, change: (state: T) => T | null): Promise<{ before: T; after: T }> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const found = await this.store.get(key);
      const before = found === null ? this.initial : this.parse(found.body, key);
      const after = change(before);
      if (after === null || after === before) return { before, after: before };
      const condition = found === null ? ({ ifAbsent: true } as const) : { ifMatch: found.etag };
      const written = await this.store.put(key, Buffer.from(JSON.stringify(after)), condition);
      if (written !== null) return { before, after };
    }
    throw new AppError(
      'state_contended',
      `The state ${key} in the store changed ${MAX_TRIES} times while it was being written.`,
      'Try again. If this repeats, look for a program that writes it in a loop.',
    );
  }

  /** All documents below a prefix, by key. */
  async below(prefix: string): Promise<Map<string, T>> {
    const keys = (await this.store.list(prefix)).filter((key) => key.endsWith('.json'));
    const limit = pLimit(READS_AT_ONCE);
    const read = async (key: string): Promise<[string, T]> => [key, await this.of(key)];
    return new Map(await Promise.all(keys.map((key) => limit(() => read(key)))));
  }

  private parse(body: Buffer, key: string): T {
    try {
      return this.shape.parse(JSON.parse(body.toString('utf8')));
    } catch (cause) {
      throw new AppError(
        'state_unreadable',
        `The state ${key} in the store cannot be read.`,
        'Delete it: this forgets what it knew of an incident, but no results or references.',
        cause,
      );
    }
  }
}
