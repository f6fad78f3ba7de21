import type { MessageId } from '../../monitor/record/incident.js';
import type { MessageQueue } from '../api/message-queue.js';
import type { SlackDeps } from '../state/slack-deps.js';
import type { PendingReplies } from '../messages/pending-replies.js';
import type { Outgoing } from '../api/slack-client.js';
import { hasCode } from '../api/slack-errors.js';

/** Sends a message that only the user who asked can see. */
export type Whisper = (message: Outgoing) => Promise<void>;

/**
 * The answer to a request: one message in its channel, edited in place. Where the app may not post, only the user who asked
 * gets an answer, and only the outcome.
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
    /** Of the message in whose thread to answer. */
    private readonly threadTs?: string,
  ) {}

  /** Progress, which later calls replace. */
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

  /** Adds a picture to the outcome, if that is in a message; never whispers it a second time. */
  async illustrate(message: Outgoing): Promise<void> {
    if (!this.isWhispered) await this.done(message);
  }

  private async first(message: Outgoing): Promise<void> {
    if (this.isWhispered) return;
    try {
      const thread = this.threadTs === undefined ? {} : { threadTs: this.threadTs };
      this.id = await this.deps.queue.post(this.channel, { ...message, ...thread }, { urgent: true });
    } catch (fault) {
      if (!hasCode(fault, 'slack_channel', 'slack_not_in_channel')) throw fault;
      this.isWhispered = true;
    }
  }

  /** Posts a new message when this one was deleted. */
  private async edit(id: MessageId, message: Outgoing, urgent: boolean): Promise<void> {
    try {
      await this.deps.queue.edit(id, message, { urgent });
    } catch (fault) {
      if (!hasCode(fault, 'slack_message_gone')) throw fault;
      this.id = null;
      await this.first(message);
    }
  }
}

/** Nobody waits for progress: its failure is only logged. */
export const logProgressFailure = (
  { log, signal }: Pick<SlackDeps, 'log' | 'signal'>,
  progress: Promise<void>,
): void => {
  progress.catch((cause: unknown) => {
    if (signal.aborted) return;
    log({ level: 'warn', event: 'slack_progress', message: 'Progress could not be shown in Slack.', cause });
  });
};
