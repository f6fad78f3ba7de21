import type { Middleware, SlackViewMiddlewareArgs, ViewOutput, ViewSubmitAction } from '@slack/bolt';
import type { DeviceSettings } from '../../config/settings.js';
import { deviceOfValue } from '../api/ids.js';
import type { ModalOrigin } from '../blocks/modals.js';
import { answerRequest } from '../requests/answer-request.js';
import type { SlackContext } from '../requests/context.js';
import type { Whisper } from '../requests/reply.js';

/** Where a submitted form was opened. */
export const originOf = (view: ViewOutput): ModalOrigin => JSON.parse(view.private_metadata) as ModalOrigin;

export const chosenOf = (view: ViewOutput, field: string): string | null =>
  view.state.values[field]?.[field]?.selected_option?.value ?? null;

export const chosenAllOf = (view: ViewOutput, field: string): string[] =>
  (view.state.values[field]?.[field]?.selected_options ?? []).map(({ value }) => value ?? '');

export const typedOf = (view: ViewOutput, field: string): string =>
  view.state.values[field]?.[field]?.value ?? '';

interface CameraForm {
  readonly device: DeviceSettings;
  readonly by: string;
  readonly view: ViewOutput;
  readonly whisper: Whisper;
}

/** Acknowledges the form of a camera at once, then does the work; only the user sees its errors. */
export const onCameraForm =
  (
    context: SlackContext,
    work: (form: CameraForm) => Promise<void>,
  ): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> =>
  async ({ ack, body, view }) => {
    await ack();
    const { channel, camera } = originOf(view);
    const by = body.user.id;
    answerRequest(context, { by, delivery: body.trigger_id, channel, respond: null }, (whisper) =>
      work({ device: deviceOfValue(context.settings, camera ?? ''), by, view, whisper }),
    );
  };
