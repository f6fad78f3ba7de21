import type { Middleware, SlackViewMiddlewareArgs, ViewOutput, ViewSubmitAction } from '@slack/bolt';
import type { DeviceSettings } from '../../../config/settings.js';
import { allDevices } from '../../../monitor/text/device-selection.js';
import { AppError } from '../../../ports/app-error.js';
import { answerRequest } from '../../requests/answer-request.js';
import { FIELD } from '../../blocks/modals.js';
import { parseCommand } from '../../requests/parse-command.js';
import type { SlackContext } from '../../requests/context.js';
import { checkFor } from '../../requests/run-command.js';
import { deviceOfValue } from '../../api/ids.js';
import { chosenAllOf, chosenOf, originOf, typedOf } from './modal-values.js';

/** Picked from the menu, or typed where there are too many for one; all of them when neither. */
const devicesOf = ({ settings, clock }: SlackContext, view: ViewOutput): readonly DeviceSettings[] => {
  const picked = chosenAllOf(view, FIELD.cameras);
  if (picked.length > 0) return picked.map((value) => deviceOfValue(settings, value));
  const typed = typedOf(view, FIELD.names);
  if (typed === '') return allDevices(settings);
  const command = parseCommand(`check ${typed}`, settings, clock.nowMs());
  return command.kind === 'check' ? command.devices : [];
};

/** What was typed wrong is told in the form itself. */
export const checkSubmitted =
  (context: SlackContext): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> =>
  async ({ ack, body, view }) => {
    let devices: readonly DeviceSettings[];
    try {
      devices = devicesOf(context, view);
    } catch (fault) {
      if (!(fault instanceof AppError)) throw fault;
      await ack({ response_action: 'errors', errors: { [FIELD.names]: `${fault.message} ${fault.remedy}` } });
      return;
    }
    await ack();
    const by = body.user.id;
    const { channel } = originOf(view);
    const mode = chosenOf(view, FIELD.mode) === 'active' ? 'active' : 'passive';
    answerRequest(context, { by, delivery: body.trigger_id, channel, respond: null }, (whisper) =>
      checkFor(context, devices, mode, { by, channel: channel ?? context.channel, whisper }),
    );
  };
