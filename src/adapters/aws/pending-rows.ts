import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { RESULT_ROW } from '../../ports/results-table.js';
import type { ResultRow } from '../../ports/results-table.js';

/** Rows that are safe in the store and not yet in the table, in the order of their writing. */
export interface WaitingRows {
  readonly key: string;
  readonly sinceMs: number;
  readonly rows: readonly ResultRow[];
}

const PREFIX = '_state/results/waiting/';
/** Each listens to the same signal, and Node warns of more than ten that do. */
const READS_AT_ONCE = 8;
const DIGITS = 15;

const ROWS = z.array(RESULT_ROW);

const sinceOf = (key: string): number => Number(key.slice(PREFIX.length, PREFIX.length + DIGITS));

/** Results as durable objects until a writer has brought them into the table. */
export class WaitingResults {
  private lastMs = 0;
  /** Objects never change, so each is read once. */
  private readonly known = new Map<string, readonly ResultRow[]>();

  constructor(
    private readonly store: ObjectStore,
    private readonly clock: Clock,
  ) {}

  async add(rows: readonly ResultRow[]): Promise<void> {
    this.lastMs = Math.max(this.clock.nowMs(), this.lastMs + 1);
    const key = `${PREFIX}${String(this.lastMs).padStart(DIGITS, '0')}-${randomUUID()}.json`;
    await this.store.put(key, Buffer.from(JSON.stringify(rows)));
    this.known.set(key, structuredClone(rows));
  }

  /** Pending rows, oldest first; keys of objects that contain no valid rows are listed separately. */
  async read(signal?: AbortSignal): Promise<{ waiting: WaitingRows[]; unreadable: string[] }> {
    const keys = await this.store.list(PREFIX, signal);
    const present = new Set(keys);
    for (const key of this.known.keys()) if (!present.has(key)) this.known.delete(key);
    const limit = pLimit(READS_AT_ONCE);
    const found = await Promise.all(
      keys.map((key) => limit(async () => ({ key, rows: await this.rowsOf(key, signal) }))),
    );
    return {
      waiting: found.flatMap(({ key, rows }) =>
        rows === null ? [] : [{ key, sinceMs: sinceOf(key), rows }],
      ),
      unreadable: found.flatMap(({ key, rows }) => (rows === null ? [key] : [])),
    };
  }

  async remove(keys: readonly string[]): Promise<void> {
    const limit = pLimit(READS_AT_ONCE);
    await Promise.all(keys.map((key) => limit(() => this.store.delete(key))));
  }

  /** Null for what holds no rows; none for what was removed meanwhile. */
  private async rowsOf(key: string, signal?: AbortSignal): Promise<readonly ResultRow[] | null> {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const found = await this.store.get(key, signal);
    if (found === null) return [];
    const rows = parsed(found.body.toString('utf8'));
    if (rows !== null) this.known.set(key, rows);
    return rows;
  }
}

const parsed = (text: string): ResultRow[] | null => {
  try {
    return ROWS.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // the reader reports it
  }
};
