import type { MessageShortcut, Middleware, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import { addNote } from '../../monitor/record/incident.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { AppError } from '../../ports/app-error.js';
import { ACTION, cameraValue, deviceOfValue } from '../api/ids.js';
import { FIELD, noteModal } from '../blocks/modals.js';
import { paragraph } from '../blocks/text.js';
import { answerRequest } from '../requests/answer-request.js';
import type { SlackContext } from '../requests/context.js';
import { onCameraForm, typedOf } from './submitted-form.js';

/** The camera of one of our messages, from its buttons. */
const cameraOf = ({ message }: MessageShortcut): string => {
  const blocks = (message['blocks'] ?? []) as { elements?: { action_id?: string; value?: string }[] }[];
  const button = blocks
    .flatMap(({ elements = [] }) => elements)
    .find(({ action_id: action }) => action === ACTION.history);
  if (button?.value !== undefined) return button.value;
  throw new AppError(
    'bad_argument',
    'That message belongs to no camera.',
    'Use the shortcut on the message of an incident.',
  );
};

export const openNoteForm =
  (context: SlackContext): Middleware<SlackShortcutMiddlewareArgs<MessageShortcut>> =>
  async ({ ack, shortcut, respond }) => {
    await ack();
    const { trigger_id: delivery, user } = shortcut;
    const channel = shortcut.channel.id;
    answerRequest(context, { by: user.id, delivery, channel, respond }, () => {
      const device = deviceOfValue(context.settings, cameraOf(shortcut));
      return context.web.openView(delivery, noteModal(device, { channel, camera: cameraValue(device) }));
    });
  };

export const noteFormSubmitted = (context: SlackContext) =>
  onCameraForm(context, async ({ device, by, view, whisper }) => {
    const note = { by, atMs: context.clock.nowMs(), text: typedOf(view, FIELD.note) };
    const { before, after } = await context.incidentMessages.act(device, (state) => addNote(state, note));
    if (after === before) await whisper(paragraph(`${cameraPath(device)} has no incident to add a note to.`));
  });
