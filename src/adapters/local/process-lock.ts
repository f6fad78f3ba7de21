import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { AppError } from '../../ports/app-error.js';
import { describeSelf, isAlive, nullIfAbsent, type Holder } from './process-holder.js';

/** A holder that cannot be looked up (another host or container on a shared volume) is taken for dead after this. */
const FOREIGN_HOLDER_MS = 30_000;
const LONGEST_PAUSE_MS = 25;
/** Passed turns that stay, so that a listing made while turns pass never misses all of them. */
const KEPT_TURNS = 16;
const TURN = /^turn-(\d+)$/;

/**
 * A lock between processes, kept in a folder of its own. Each holder takes the next number by a hard link (one winner) and
 * empties that file when done; the highest numbers are never deleted, so a dead holder's turn is passed over without the
 * race of two waiters both clearing it.
 */
export class ProcessLock {
  private readonly oneAtATime = pLimit(1);
  private self: Holder | null = null;

  constructor(
    private readonly dir: string,
    private readonly waitMs: number,
  ) {}

  /** Runs `work` alone; AppError `store_busy` when no turn comes within the wait. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.oneAtATime(async () => {
      const turn = await this.acquire(signal);
      try {
        return await work();
      } finally {
        await truncate(turn, 0);
      }
    });
  }

  private async acquire(signal?: AbortSignal): Promise<string> {
    this.self ??= await describeSelf();
    await mkdir(this.dir, { recursive: true });
    const ticket = path.join(this.dir, `ticket-${process.pid}-${randomUUID()}`);
    await writeFile(ticket, JSON.stringify(this.self));
    try {
      return await this.waitForTurn(ticket, signal);
    } finally {
      await unlink(ticket);
    }
  }

  private async waitForTurn(ticket: string, signal?: AbortSignal): Promise<string> {
    const deadline = performance.now() + this.waitMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      signal?.throwIfAborted();
      const last = (await this.turns()).at(-1) ?? 0;
      const turn = (await this.isFree(last)) ? await this.take(ticket, last + 1) : null;
      if (turn !== null) return turn;
      if (performance.now() > deadline) throw busy(this.waitMs);
      await sleep(pauseMs * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal });
    }
  }

  private async turns(): Promise<number[]> {
    const names = await readdir(this.dir);
    return names
      .flatMap((name) => TURN.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  private fileOf(turn: number): string {
    return path.join(this.dir, `turn-${turn}`);
  }

  /** True when turn number `last` was given back, or when its holder is dead. */
  private async isFree(last: number): Promise<boolean> {
    const file = this.fileOf(last);
    const text = last === 0 ? '' : await readFile(file, 'utf8').catch(nullIfAbsent);
    if (text === null) return false; // a later turn came meanwhile
    if (text === '') return true;
    const lives = this.self === null ? null : await isAlive(JSON.parse(text) as Holder, this.self);
    if (lives !== null) return !lives;
    const kept = await stat(file).catch(nullIfAbsent);
    return kept !== null && Date.now() - kept.mtimeMs > FOREIGN_HOLDER_MS;
  }

  /** The file of the turn when it could be taken; a number that was used and cleared away before does not count. */
  private async take(ticket: string, turn: number): Promise<string | null> {
    const file = this.fileOf(turn);
    try {
      await link(ticket, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
      throw error;
    }
    const turns = await this.turns();
    if (turns.at(-1) !== turn) {
      await unlink(file).catch(nullIfAbsent);
      return null;
    }
    await Promise.all(turns.slice(0, -KEPT_TURNS).map((old) => unlink(this.fileOf(old)).catch(nullIfAbsent)));
    return file;
  }
}

const busy = (waitMs: number): AppError =>
  new AppError(
    'store_busy',
    `The file store was held by other processes for ${waitMs / 1000} s.`,
    'Try again; if the error persists, look for a process of the product that hangs.',
  );
