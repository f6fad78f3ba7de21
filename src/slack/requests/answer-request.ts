import type { RespondFn } from '@slack/bolt';
import { errorMessage } from '../blocks/text.js';
import type { SlackContext } from './context.js';
import type { Whisper } from './reply.js';

/** Who asked for something, and where. */
export interface RequestOrigin {
  readonly by: string;
  /** Names this command among all; a second delivery of it is not done again. Null: doing it again changes nothing. */
  readonly delivery: string | null;
  /** Null: in the Home tab or a modal that was opened there. */
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

/** Where the store cannot say, doing it twice is better than never. */
const claimed = async ({ deliveries, log, signal }: SlackContext, delivery: string): Promise<boolean> => {
  try {
    return await deliveries.claim(delivery);
  } catch (cause) {
    signal.throwIfAborted();
    const message = 'The store could not say whether a command was delivered before.';
    log({ level: 'warn', event: 'slack_delivery', message, cause });
    return true;
  }
};

/** Does what somebody asked for after the listener has acknowledged it; what goes wrong is told to them only. */
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
    (told) => whisper(errorMessage(told)),
  );
};
