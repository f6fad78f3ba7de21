import type { MessageShortcut, Middleware, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import { AppError } from '../../../ports/app-error.js';
import { answerRequest } from '../../requests/answer-request.js';
import { noteModal } from '../../blocks/modals.js';
import type { SlackContext } from '../../requests/context.js';
import { ACTION, cameraValue, deviceOfValue } from '../../api/ids.js';

/** The camera that a message of ours is about, from its buttons. */
const cameraOf = ({ message }: MessageShortcut): string => {
  const blocks = (message['blocks'] ?? []) as { elements?: { action_id?: string; value?: string }[] }[];
  const button = blocks
    .flatMap(({ elements = [] }) => elements)
    .find(({ action_id: action }) => action === ACTION.history);
  if (button?.value !== undefined) return button.value;
  throw new AppError(
    'bad_argument',
    'That message is about no camera.',
    'Use the shortcut on the message of an incident.',
  );
};

export const addNoteTo =
  (context: SlackContext): Middleware<SlackShortcutMiddlewareArgs<MessageShortcut>> =>
  async ({ ack, shortcut, respond }) => {
    await ack();
    const channel = shortcut.channel.id;
    answerRequest(
      context,
      { by: shortcut.user.id, delivery: shortcut.trigger_id, channel, respond },
      async () => {
        const device = deviceOfValue(context.settings, cameraOf(shortcut));
        const view = noteModal(device, { channel, camera: cameraValue(device) });
        await context.web.openView(shortcut.trigger_id, view);
      },
    );
  };
