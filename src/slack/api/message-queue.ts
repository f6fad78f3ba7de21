import { randomUUID } from 'node:crypto';
import type { MessageId } from '../../monitor/record/incident.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import { RateLimited, type Outgoing, type SlackWeb } from './slack-client.js';

/** How a message is posted. */
export interface Posting {
  /** Somebody waits for it. */
  readonly urgent?: boolean;
  /** It is not posted later than that. */
  readonly withinMs?: number;
  /** Names the message among all, so that posting it again is no second one. */
  readonly key?: string;
  /** Where and since when it may have been posted already: it is looked for first. */
  readonly seek?: { readonly channel: string; readonly sinceMs: number };
}

/** What Slack grants, milliseconds. */
export interface Pace {
  /** Between two calls in one channel. */
  readonly callGapMs: number;
  /** Between two edits of one message that nobody waits for. */
  readonly editGapMs: number;
  /** How long a call is waited for, and tried again while Slack cannot be reached or wants to be left alone. */
  readonly giveUpAfterMs: number;
  /** How often the program that tells a sweep looks for what others have measured. */
  readonly lookMs: number;
}

export const SLACK_PACE: Pace = { callGapMs: 1_100, editGapMs: 4_000, giveUpAfterMs: 600_000, lookMs: 5_000 };

interface Entry {
  /** Somebody waits for it: goes before the news. */
  readonly urgent: boolean;
  /** The message that it edits; null for a post. */
  readonly id: MessageId | null;
  /** Replaced by a later edit of the same message. */
  message: Outgoing;
  readonly key: string;
  /** See {@link Posting}; also once Slack was asked and did not answer. */
  seek: Posting['seek'];
  readonly untilMs: number;
  readonly waiters: { resolve: (id: MessageId) => void; reject: (fault: unknown) => void }[];
}

const RETRY_MS = 2_000;

const isUnreachable = (fault: unknown): boolean =>
  fault instanceof AppError && fault.code === 'slack_unreachable';

const tooLate = (): AppError =>
  new AppError(
    'slack_late',
    'A message could not be sent to Slack in time.',
    'Nothing is to be done if this passes: it is told at the next occasion.',
  );

/** Of how many messages the time of the last edit is remembered. */
const MAX_REMEMBERED = 500;

/**
 * The calls of one channel, one at a time: what people wait for first, news spaced as Slack wants it, edits of one message
 * merged into the latest. A 429 holds back the posts or the edits of this channel only.
 */
class ChannelQueue {
  private readonly entries: Entry[] = [];
  private readonly editedAtMs = new Map<string, number>();
  private callableAtMs = 0;
  /** Slack counts posts and edits apart, so that one may go on while the other is held back. */
  private readonly heldUntilMs = { post: 0, edit: 0 };
  private wake: () => void = () => undefined;
  private working = false;

  constructor(
    private readonly channel: string,
    private readonly web: Pick<SlackWeb, 'post' | 'edit' | 'find'>,
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

  /** The entry that goes next and when it may. */
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

  /** Until the time has come or something is added. */
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
      if (!this.isPutOff(entry, fault)) for (const { reject } of entry.waiters) reject(fault);
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

  /** Whether the call is to be made again later: it is put back, unless a later edit took its place meanwhile. */
  private isPutOff(entry: Entry, fault: unknown): boolean {
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

/** Everything that is posted and edited goes through here. */
export class MessageQueue {
  private readonly channels = new Map<string, ChannelQueue>();

  constructor(
    private readonly web: Pick<SlackWeb, 'post' | 'edit' | 'find'>,
    private readonly clock: Clock,
    private readonly pace: Pace,
    /** Aborted: what still waits is rejected with the reason. */
    private readonly signal: AbortSignal,
  ) {}

  async post(channel: string, message: Outgoing, posting: Posting = {}): Promise<MessageId> {
    const queue = this.of(channel);
    const id = await queue.add(null, message, posting);
    // Posted by the channel's name, edited by its id: one channel, one queue.
    if (!this.channels.has(id.channel)) this.channels.set(id.channel, queue);
    return id;
  }

  /** A later edit of the same message that is still waiting replaces this one; both are then done. */
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
