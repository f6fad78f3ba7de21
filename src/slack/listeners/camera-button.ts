import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { DeviceSettings } from '../../config/settings.js';
import { answerRequest } from '../requests/answer-request.js';
import type { SlackContext } from '../requests/context.js';
import { deviceOfValue } from '../api/ids.js';
import { Reply, type Whisper } from '../requests/reply.js';

/** A press of a camera's button. */
export interface Press {
  readonly device: DeviceSettings;
  readonly by: string;
  readonly whisper: Whisper;
  readonly triggerId: string;
  /** Where it was pressed; null in the Home tab. */
  readonly channel: string | null;
  /** Answers in the thread of the message with the button, where it has one. */
  reply(): Reply;
}

type ButtonArgs = SlackActionMiddlewareArgs<BlockAction<ButtonAction>>;

/** Ephemeral messages have no thread. */
const threadOf = ({ message, container }: BlockAction): string | undefined => {
  const isSeenByAll = message !== undefined && container['is_ephemeral'] !== true;
  return isSeenByAll ? ((message['thread_ts'] as string | undefined) ?? message.ts) : undefined;
};

/** Acknowledges the press at once, then does the work; only the user sees its errors. */
export const onCameraButton =
  (context: SlackContext, work: (press: Press) => Promise<void>): Middleware<ButtonArgs> =>
  async ({ ack, action, body, respond }) => {
    await ack();
    const channel = body.channel?.id ?? null;
    const by = body.user.id;
    answerRequest(
      context,
      { channel, by, delivery: body.trigger_id, respond: body.response_url === undefined ? null : respond },
      (whisper) => {
        const device = deviceOfValue(context.settings, action.value ?? '');
        const reply = (): Reply => new Reply(context, channel ?? context.channel, whisper, threadOf(body));
        return work({ device, by, whisper, channel, reply, triggerId: body.trigger_id });
      },
    );
  };
