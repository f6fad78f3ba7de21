import { randomUUID } from 'node:crypto';
import type { MessageId } from '../../monitor/record/incident.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import { hasCode } from './slack-errors.js';
import { RateLimited, type Outgoing, type SlackClient } from './slack-client.js';

/** How a message is posted. */
export interface Posting {
  /** Somebody waits for it. */
  readonly urgent?: boolean;
  /** It must not be posted later than this. */
  readonly withinMs?: number;
  /** Identifies the message, so that Slack ignores a duplicate. */
  readonly key?: string;
  /** Where and since when it may have been posted already; the queue looks for it there first. */
  readonly seek?: { readonly channel: string; readonly sinceMs: number };
}

/** Slack's rate limits, milliseconds. */
export interface Pace {
  /** Between two calls in one channel. */
  readonly callGapMs: number;
  /** Between two edits of one message, unless urgent. */
  readonly editGapMs: number;
  /** How long to wait for a call and to retry it while Slack cannot be reached or limits the rate. */
  readonly giveUpAfterMs: number;
  /** How often the program that updates a sweep's message reads the results of others. */
  readonly pollMs: number;
}

export const SLACK_PACE: Pace = { callGapMs: 1_100, editGapMs: 4_000, giveUpAfterMs: 600_000, pollMs: 5_000 };

interface Entry {
  /** Somebody waits for it: it goes before news. */
  readonly urgent: boolean;
  /** The message that it edits; null for a post. */
  readonly id: MessageId | null;
  /** Replaced by a later edit of the same message. */
  message: Outgoing;
  readonly key: string;
  /** See {@link Posting}; also set after a call that Slack did not answer. */
  seek: Posting['seek'];
  readonly untilMs: number;
  readonly waiters: { resolve: (id: MessageId) => void; reject: (fault: unknown) => void }[];
}

const RETRY_MS = 2_000;

const isUnreachable = (fault: unknown): boolean => hasCode(fault, 'slack_unreachable');

const tooLate = (): AppError =>
  new AppError(
    'slack_late',
    'A message could not be sent to Slack in time.',
    'No action is needed if this stops by itself: the next update sends it.',
  );

/** How many messages' last edits are remembered. */
const MAX_REMEMBERED = 500;

/**
 * The calls of one channel, one at a time: urgent ones first, the others spaced by Slack's rate limits, edits of one message
 * merged into the latest. A 429 delays only the posts or the edits of this channel.
 */
class ChannelQueue {
  private readonly entries: Entry[] = [];
  private readonly editedAtMs = new Map<string, number>();
  private callableAtMs = 0;
  /** Slack limits posts and edits separately, so that one may go on while the other waits. */
  private readonly heldUntilMs = { post: 0, edit: 0 };
  private wake: () => void = () => undefined;
  private working = false;

  constructor(
    private readonly channel: string,
    private readonly web: Pick<SlackClient, 'post' | 'edit' | 'find'>,
    private readonly clock: Clock,
    private readonly pace: Pace,
    private readonly signal: AbortSignal,
  ) {}

  add(id: MessageId | null, message: Outgoing, posting: Posting): Promise<MessageId> {
    const urgent = posting.urgent === true;
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) return reject(this.signal.reason as Error);
      const waiter = { resolve, reject };
      const same = id === null ? undefined : this.waitingFor(id.ts);
      if (same !== undefined && (same.urgent || !urgent)) {
        same.message = message;
        same.waiters.push(waiter);
      } else this.insert(id, message, posting, same, waiter);
      this.wake();
      if (!this.working) void this.work();
    });
  }

  private waitingFor(ts: string): Entry | undefined {
    return this.entries.find(({ id }) => id?.ts === ts);
  }

  private insert(
    id: MessageId | null,
    message: Outgoing,
    { urgent = false, withinMs = this.pace.giveUpAfterMs, key = randomUUID(), seek }: Posting,
    same: Entry | undefined,
    waiter: Entry['waiters'][number],
  ): void {
    if (same !== undefined) this.entries.splice(this.entries.indexOf(same), 1);
    const untilMs = this.clock.nowMs() + withinMs;
    const waiters = [...(same?.waiters ?? []), waiter];
    this.entries.push({ urgent, id, message, key, seek, untilMs, waiters });
  }

  private async work(): Promise<void> {
    this.working = true;
    try {
      while (this.entries.length > 0) {
        const next = this.next();
        if (next.atMs > this.clock.nowMs()) await this.sleep(next.atMs - this.clock.nowMs());
        else await this.run(next.entry);
      }
    } catch (fault) {
      for (const { waiters } of this.entries.splice(0)) for (const { reject } of waiters) reject(fault);
    } finally {
      this.working = false;
    }
  }

  /** The next entry and its earliest time. */
  private next(): { entry: Entry; atMs: number } {
    const ready = this.entries.map((entry) => ({ entry, atMs: this.readyAtMs(entry) }));
    ready.sort((a, b) => a.atMs - b.atMs || Number(b.entry.urgent) - Number(a.entry.urgent));
    const now = this.clock.nowMs();
    const urgent = ready.find(({ entry, atMs }) => entry.urgent && atMs <= now);
    return urgent ?? ready[0] ?? { entry: this.entries[0]!, atMs: now };
  }

  private readyAtMs({ id, urgent }: Entry): number {
    const editedAtMs = id === null || urgent ? undefined : this.editedAtMs.get(id.ts);
    const heldUntilMs = this.heldUntilMs[id === null ? 'post' : 'edit'];
    return Math.max(
      this.callableAtMs,
      heldUntilMs,
      editedAtMs === undefined ? 0 : editedAtMs + this.pace.editGapMs,
    );
  }

  private remember({ ts }: MessageId): void {
    this.editedAtMs.delete(ts);
    this.editedAtMs.set(ts, this.clock.nowMs());
    const [oldest] = this.editedAtMs.keys();
    if (this.editedAtMs.size > MAX_REMEMBERED && oldest !== undefined) this.editedAtMs.delete(oldest);
  }

  /** Until the time is over or an entry is added. */
  private async sleep(durationMs: number): Promise<void> {
    const waking = new AbortController();
    this.wake = () => waking.abort();
    await this.clock
      .sleep(durationMs, AbortSignal.any([this.signal, waking.signal]))
      .catch(() => this.signal.throwIfAborted());
    this.wake = () => undefined;
  }

  private async run(entry: Entry): Promise<void> {
    this.entries.splice(this.entries.indexOf(entry), 1);
    try {
      if (this.clock.nowMs() > entry.untilMs) throw tooLate();
      const id = await this.call(entry);
      this.remember(id);
      this.callableAtMs = this.clock.nowMs() + this.pace.callGapMs;
      for (const { resolve } of entry.waiters) resolve(id);
    } catch (fault) {
      if (!this.isRetried(entry, fault)) for (const { reject } of entry.waiters) reject(fault);
    }
  }

  private async call(entry: Entry): Promise<MessageId> {
    const { id, message } = entry;
    if (id === null) return this.post(entry);
    await this.web.edit(id, message);
    return id;
  }

  private async post(entry: Entry): Promise<MessageId> {
    const { message, key, seek } = entry;
    const { threadTs } = message;
    const sought = seek && { key, sinceMs: seek.sinceMs, ...(threadTs === undefined ? {} : { threadTs }) };
    const found = sought && (await this.web.find(seek.channel, sought));
    if (found) return found;
    const sinceMs = this.clock.nowMs();
    try {
      return await this.web.post(this.channel, message, key);
    } catch (fault) {
      if (isUnreachable(fault)) entry.seek ??= { channel: this.channel, sinceMs };
      throw fault;
    }
  }

  /** Whether the call is retried later: it goes back into the queue, unless a later edit replaces it. */
  private isRetried(entry: Entry, fault: unknown): boolean {
    const isLimited = fault instanceof RateLimited;
    const nowMs = this.clock.nowMs();
    if (!(isLimited || isUnreachable(fault)) || nowMs >= entry.untilMs) return false;
    this.heldUntilMs[entry.id === null ? 'post' : 'edit'] =
      nowMs + (isLimited ? fault.retryAfterMs : RETRY_MS);
    const later = entry.id === null ? undefined : this.waitingFor(entry.id.ts);
    if (later === undefined) this.entries.unshift(entry);
    else later.waiters.push(...entry.waiters);
    return true;
  }
}

/** All posts and edits go through here. */
export class MessageQueue {
  private readonly channels = new Map<string, ChannelQueue>();

  constructor(
    private readonly web: Pick<SlackClient, 'post' | 'edit' | 'find'>,
    private readonly clock: Clock,
    private readonly pace: Pace,
    /** When it aborts, waiting calls reject with its reason. */
    private readonly signal: AbortSignal,
  ) {}

  async post(channel: string, message: Outgoing, posting: Posting = {}): Promise<MessageId> {
    const queue = this.of(channel);
    const id = await queue.add(null, message, posting);
    // A channel is posted to by name and edited by id: both use one queue.
    if (!this.channels.has(id.channel)) this.channels.set(id.channel, queue);
    return id;
  }

  /** A later edit of the same message replaces this one while it waits; both resolve together. */
  async edit(id: MessageId, message: Outgoing, options: Pick<Posting, 'urgent'> = {}): Promise<void> {
    await this.of(id.channel).add(id, message, options);
  }

  private of(channel: string): ChannelQueue {
    const known = this.channels.get(channel);
    if (known !== undefined) return known;
    const queue = new ChannelQueue(channel, this.web, this.clock, this.pace, this.signal);
    this.channels.set(channel, queue);
    return queue;
  }
}
