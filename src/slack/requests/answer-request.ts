import type { RespondFn } from '@slack/bolt';
import { errorMessage } from '../blocks/text.js';
import type { SlackContext } from './context.js';
import type { Whisper } from './reply.js';

/** Who made a request, and where. */
interface RequestOrigin {
  readonly by: string;
  /** Identifies the request, so that a second delivery is ignored. Null: repeating it changes nothing. */
  readonly delivery: string | null;
  /** Null: in the Home tab or a modal opened there. */
  readonly channel: string | null;
  /** Null where Slack gives no response_url: Home tab, modals. */
  readonly respond: RespondFn | null;
}

const whisperTo =
  (context: SlackContext, { by, channel, respond }: RequestOrigin): Whisper =>
  async ({ text, blocks }) => {
    if (respond === null) await context.web.whisper(channel ?? context.channel, by, { text, blocks });
    else await respond({ response_type: 'ephemeral', replace_original: false, text, blocks });
  };

/** When the store fails: better twice than never. */
const claimed = async ({ deliveries, log, signal }: SlackContext, delivery: string): Promise<boolean> => {
  try {
    return await deliveries.claim(delivery);
  } catch (cause) {
    signal.throwIfAborted();
    const message = 'The store could not tell whether Slack delivered this request before.';
    log({ level: 'warn', event: 'slack_delivery', message, cause });
    return true;
  }
};

/** Runs a request after the listener has acknowledged it; only its user sees the errors. */
export const answerRequest = (
  context: SlackContext,
  asked: RequestOrigin,
  work: (whisper: Whisper) => Promise<void>,
): void => {
  const whisper = whisperTo(context, asked);
  context.background(
    async () => {
      if (asked.delivery === null || (await claimed(context, asked.delivery))) await work(whisper);
    },
    (text) => whisper(errorMessage(text)),
  );
};
