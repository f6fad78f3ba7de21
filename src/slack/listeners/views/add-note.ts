import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { addNote } from '../../../monitor/record/incident.js';
import { cameraPath } from '../../../monitor/text/wording.js';
import { answerRequest } from '../../requests/answer-request.js';
import { FIELD } from '../../blocks/modals.js';
import { paragraph } from '../../blocks/text.js';
import type { SlackContext } from '../../requests/context.js';
import { deviceOfValue } from '../../api/ids.js';
import { originOf, typedOf } from './modal-values.js';

export const noteSubmitted =
  (context: SlackContext): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> =>
  async ({ ack, body, view }) => {
    await ack();
    const by = body.user.id;
    const { channel, camera } = originOf(view);
    answerRequest(context, { by, delivery: body.trigger_id, channel, respond: null }, async (whisper) => {
      const device = deviceOfValue(context.settings, camera ?? '');
      const note = { by, atMs: context.clock.nowMs(), text: typedOf(view, FIELD.note) };
      const { before, after } = await context.incidentMessages.act(device, (state) => addNote(state, note));
      if (after === before)
        await whisper(paragraph(`${cameraPath(device)} has no incident to add a note to.`));
    });
  };
