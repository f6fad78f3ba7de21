import type { MessageId } from '../../monitor/record/incident.js';
import { AppError } from '../../ports/app-error.js';
import type { MessageQueue } from '../api/message-queue.js';
import type { PendingReplies } from '../messages/pending-replies.js';
import type { Outgoing } from '../api/slack-client.js';

/** Tells the one who asked and nobody else. */
export type Whisper = (message: Outgoing) => Promise<void>;

const isElsewhere = (fault: unknown): boolean =>
  fault instanceof AppError && ['slack_channel', 'slack_not_in_channel'].includes(fault.code);

/**
 * The answer to a command: one message in the channel where it was asked, edited in place. Where the app may not post, only
 * the one who asked is told, and only the outcome.
 */
export class Reply {
  private id: MessageId | null = null;
  private isWhispered = false;

  constructor(
    private readonly deps: {
      readonly queue: Pick<MessageQueue, 'post' | 'edit'>;
      readonly pendingReplies: Pick<PendingReplies, 'opened' | 'closed'>;
    },
    private readonly channel: string,
    private readonly whisper: Whisper,
    /** In this message's thread. */
    private readonly threadTs?: string,
  ) {}

  /** Progress that a later call overtakes. */
  async progress(message: Outgoing): Promise<void> {
    if (this.id !== null) return this.edit(this.id, message, false);
    await this.first(message);
    if (this.id !== null) await this.deps.pendingReplies.opened(this.id, message.text);
  }

  async done(message: Outgoing): Promise<void> {
    if (this.id !== null) {
      const id = this.id;
      await this.edit(id, message, true);
      return this.deps.pendingReplies.closed(id);
    }
    await this.first(message);
    if (this.isWhispered) await this.whisper(message);
  }

  /** The outcome again, with a picture: in the message that told it, and never as a second whisper. */
  async illustrate(message: Outgoing): Promise<void> {
    if (!this.isWhispered) await this.done(message);
  }

  private async first(message: Outgoing): Promise<void> {
    if (this.isWhispered) return;
    try {
      const thread = this.threadTs === undefined ? {} : { threadTs: this.threadTs };
      this.id = await this.deps.queue.post(this.channel, { ...message, ...thread }, { urgent: true });
    } catch (fault) {
      if (!isElsewhere(fault)) throw fault;
      this.isWhispered = true;
    }
  }

  /** A message that was deleted is posted afresh. */
  private async edit(id: MessageId, message: Outgoing, urgent: boolean): Promise<void> {
    try {
      await this.deps.queue.edit(id, message, { urgent });
    } catch (fault) {
      if (!(fault instanceof AppError) || fault.code !== 'slack_message_gone') throw fault;
      this.id = null;
      await this.first(message);
    }
  }
}
