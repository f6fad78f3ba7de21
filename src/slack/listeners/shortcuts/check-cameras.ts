import type { GlobalShortcut, Middleware, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import { answerRequest } from '../../requests/answer-request.js';
import { checkModal } from '../../blocks/modals.js';
import type { SlackContext } from '../../requests/context.js';

/** From anywhere in Slack: the form that `/calib` alone opens; its answer goes to the channel of the settings. */
export const checkCameras =
  (context: SlackContext): Middleware<SlackShortcutMiddlewareArgs<GlobalShortcut>> =>
  async ({ ack, shortcut }) => {
    await ack();
    const { trigger_id: delivery, user } = shortcut;
    answerRequest(context, { by: user.id, delivery, channel: null, respond: null }, () =>
      context.web.openView(
        shortcut.trigger_id,
        checkModal(context.settings, { channel: null, camera: null }),
      ),
    );
  };
