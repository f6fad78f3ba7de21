import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { answerRequest } from '../requests/answer-request.js';
import { checkModal } from '../blocks/modals.js';
import { parseCommand } from '../requests/parse-command.js';
import type { SlackContext } from '../requests/context.js';
import { runCommand } from '../requests/run-command.js';

/** `/calib …`: acknowledged at once, then parsed and run. */
export const calib =
  (context: SlackContext): Middleware<SlackCommandMiddlewareArgs> =>
  async ({ ack, command, respond }) => {
    await ack();
    const { user_id: by, channel_id: channel, trigger_id: triggerId } = command;
    answerRequest(context, { by, channel, delivery: triggerId, respond }, async (whisper) => {
      const request = parseCommand(command.text, context.settings, context.clock.nowMs());
      if (request.kind === 'modal')
        await context.web.openView(triggerId, checkModal(context.settings, { channel, camera: null }));
      else await runCommand(context, request, { by, channel, whisper });
    });
  };
