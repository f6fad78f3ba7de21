import { z } from 'zod';
import type { MessageId } from '../../monitor/record/incident.js';
import { REPLIES, RUNS, stateKey } from '../../state/object-layout.js';
import { messageIdShape } from './message-claim.js';
import { SharedState } from '../../state/shared-document.js';
import { hasCode } from '../api/slack-errors.js';
import type { SlackDeps } from '../state/slack-deps.js';
import { paragraph } from '../blocks/text.js';

/** A program without a sign of life for so long is dead; it gives one every minute. */
const ALIVE_MS = 180_000;

const replyShape = z
  .object({
    owner: z.string(),
    message: messageIdShape,
    /** Its text while the work runs. */
    headline: z.string(),
  })
  .readonly();
type PendingReply = z.infer<typeof replyShape>;

const runShape = z.object({ aliveUntilMs: z.number() });

const keyOf = ({ channel, ts }: MessageId): string => stateKey(REPLIES, `${channel}-${ts}`);

/**
 * Messages about work in progress, in the store: when the program that would have finished one died, another one (or its
 * next run) says so in the message.
 */
export class PendingReplies {
  private readonly replies: SharedState<PendingReply | null>;
  private readonly runs: SharedState<{ readonly aliveUntilMs: number }>;

  constructor(private readonly deps: SlackDeps) {
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

  /** Call once a minute: records that this run lives, and ends the messages of those that do not. */
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

  /** This run ends: others need not wait before they end its messages. */
  async leave(): Promise<void> {
    await this.deps.store.delete(stateKey(RUNS, this.deps.owner));
  }

  private async end({ message, headline }: PendingReply): Promise<void> {
    const text = `⚠️ Interrupted: the program that ran this has ended. Try again.\n${headline}`;
    await this.deps.queue.edit(message, paragraph(text)).catch((fault: unknown) => {
      if (!hasCode(fault, 'slack_message_gone')) throw fault;
    });
    await this.closed(message);
  }
}
