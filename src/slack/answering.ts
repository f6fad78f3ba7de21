import type { RespondFn } from '@slack/bolt';
import { trouble } from './blocks/said.js';
import type { SlackContext } from './context.js';
import type { Whisper } from './reply.js';

/** Who asked for something, and where. */
export interface Asked {
  readonly by: string;
  /** Null: in the Home tab or a modal that was opened there. */
  readonly channel: string | null;
  /** Null where Slack gives no response_url: Home tab, modals. */
  readonly respond: RespondFn | null;
}

const whisperTo =
  (context: SlackContext, { by, channel, respond }: Asked): Whisper =>
  async ({ text, blocks }) => {
    if (respond === null) await context.web.whisper(channel ?? context.channel, by, { text, blocks });
    else await respond({ response_type: 'ephemeral', replace_original: false, text, blocks });
  };

/** Does what somebody asked for after the listener has acknowledged it; what goes wrong is told to them only. */
export const answering = (
  context: SlackContext,
  asked: Asked,
  work: (whisper: Whisper) => Promise<void>,
): void => {
  const whisper = whisperTo(context, asked);
  context.background(
    async () => work(whisper),
    (told) => whisper(trouble(told)),
  );
};
