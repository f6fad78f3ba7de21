import type {
  GlobalShortcut,
  Middleware,
  SlackShortcutMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewOutput,
  ViewSubmitAction,
} from '@slack/bolt';
import type { DeviceSettings } from '../../config/settings.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import { AppError } from '../../ports/app-error.js';
import { answerRequest } from '../requests/answer-request.js';
import { checkModal, FIELD } from '../blocks/modals.js';
import { parseCommand } from '../requests/parse-command.js';
import type { SlackContext } from '../requests/context.js';
import { checkFor } from '../requests/run-command.js';
import { deviceOfValue } from '../api/ids.js';
import { chosenAllOf, chosenOf, originOf, typedOf } from './submitted-form.js';

/** From anywhere in Slack: the form that `/calib` opens; the answer goes to the channel of the settings. */
export const openCheckForm =
  (context: SlackContext): Middleware<SlackShortcutMiddlewareArgs<GlobalShortcut>> =>
  async ({ ack, shortcut }) => {
    await ack();
    const { trigger_id: delivery, user } = shortcut;
    answerRequest(context, { by: user.id, delivery, channel: null, respond: null }, () =>
      context.web.openView(delivery, checkModal(context.settings, { channel: null, camera: null })),
    );
  };

/** Picked from the menu, or typed where there are too many for one; otherwise all of them. */
const devicesOf = ({ settings, clock }: SlackContext, view: ViewOutput): readonly DeviceSettings[] => {
  const picked = chosenAllOf(view, FIELD.cameras);
  if (picked.length > 0) return picked.map((value) => deviceOfValue(settings, value));
  const typed = typedOf(view, FIELD.names);
  if (typed === '') return allDevices(settings);
  const command = parseCommand(`check ${typed}`, settings, clock.nowMs());
  return command.kind === 'check' ? command.devices : [];
};

/** The form itself shows errors in typed names. */
export const checkFormSubmitted =
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
