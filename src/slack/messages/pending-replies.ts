import { z } from 'zod';
import type { MessageId } from '../../monitor/record/incident.js';
import { REPLIES, RUNS, stateKey } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { paragraph } from '../blocks/text.js';
import type { MessageQueue } from '../api/message-queue.js';

/** A program that was not heard of for so long is dead: it says so twice in this time. */
const ALIVE_MS = 180_000;

interface PendingReply {
  readonly owner: string;
  readonly message: MessageId;
  /** What it says while work is under way. */
  readonly headline: string;
}

const replyShape = z.object({
  owner: z.string(),
  message: z.object({ channel: z.string(), ts: z.string() }),
  headline: z.string(),
});
const runShape = z.object({ aliveUntilMs: z.number() });

const keyOf = ({ channel, ts }: MessageId): string => stateKey(REPLIES, `${channel}-${ts}`);

interface Deps {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly owner: string;
  readonly queue: MessageQueue;
}

/**
 * Messages that say something is under way, in the store: where the program died that would have ended them, another one (or
 * the next run) says so in them.
 */
export class PendingReplies {
  private readonly replies: SharedState<PendingReply | null>;
  private readonly runs: SharedState<{ readonly aliveUntilMs: number }>;

  constructor(private readonly deps: Deps) {
    this.replies = new SharedState<PendingReply | null>(deps.store, replyShape, null);
    this.runs = new SharedState(deps.store, runShape, { aliveUntilMs: 0 });
  }

  async opened(message: MessageId, headline: string): Promise<void> {
    const reply = { owner: this.deps.owner, message, headline };
    await this.replies.update(keyOf(message), () => reply);
  }

  async closed(message: MessageId): Promise<void> {
    await this.deps.store.delete(keyOf(message));
  }

  /** Once a minute: this run lives, and the messages of those that do not are ended. */
  async round(): Promise<void> {
    const { clock, store, owner } = this.deps;
    const nowMs = clock.nowMs();
    await this.runs.update(stateKey(RUNS, owner), () => ({ aliveUntilMs: nowMs + ALIVE_MS }));
    const replies = await this.replies.below(REPLIES);
    const runs = await this.runs.below(RUNS);
    for (const [key, { aliveUntilMs }] of runs) if (aliveUntilMs < nowMs - ALIVE_MS) await store.delete(key);
    for (const reply of replies.values())
      if (reply !== null && (runs.get(stateKey(RUNS, reply.owner))?.aliveUntilMs ?? 0) < nowMs)
        await this.end(reply);
  }

  /** This run is about to end: what it leaves open need not wait until it is missed. */
  async leave(): Promise<void> {
    await this.deps.store.delete(stateKey(RUNS, this.deps.owner));
  }

  private async end({ message, headline }: PendingReply): Promise<void> {
    const text = `⚠️ Broken off: the program that did it has ended. Ask again.\n${headline}`;
    await this.deps.queue.edit(message, paragraph(text)).catch((fault: unknown) => {
      if (!(fault instanceof AppError) || fault.code !== 'slack_message_gone') throw fault;
    });
    await this.closed(message);
  }
}
