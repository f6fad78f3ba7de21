import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { answerRequest } from '../../requests/answer-request.js';
import { FIELD } from '../../blocks/modals.js';
import { silentUntilMs } from '../../requests/parse-command.js';
import type { SlackContext } from '../../requests/context.js';
import { deviceOfValue } from '../../api/ids.js';
import { applySilence } from '../../requests/silence-request.js';
import { chosenOf, originOf } from './modal-values.js';

export const silenceSubmitted =
  (context: SlackContext): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> =>
  async ({ ack, body, view }) => {
    await ack();
    const by = body.user.id;
    const { channel, camera } = originOf(view);
    answerRequest(context, { by, delivery: body.trigger_id, channel, respond: null }, (whisper) => {
      const device = deviceOfValue(context.settings, camera ?? '');
      const target = chosenOf(view, FIELD.scope) === 'site' ? device.deploymentName : device;
      const untilMs = silentUntilMs(chosenOf(view, FIELD.period) ?? 'off', context.clock.nowMs());
      return applySilence(context, target, by, untilMs, whisper);
    });
  };
