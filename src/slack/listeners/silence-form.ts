import { cameraValue } from '../api/ids.js';
import { FIELD, silenceModal } from '../blocks/modals.js';
import type { SlackContext } from '../requests/context.js';
import { silentUntilMs } from '../requests/parse-command.js';
import { applySilence } from '../requests/silence-request.js';
import { onCameraButton } from './camera-button.js';
import { chosenOf, onCameraForm } from './submitted-form.js';

/** Asks for the period, and for camera or site. */
export const openSilenceForm = (context: SlackContext) =>
  onCameraButton(context, ({ device, triggerId, channel }) =>
    context.web.openView(triggerId, silenceModal(device, { channel, camera: cameraValue(device) })),
  );

export const silenceFormSubmitted = (context: SlackContext) =>
  onCameraForm(context, ({ device, by, view, whisper }) => {
    const target = chosenOf(view, FIELD.scope) === 'site' ? device.deploymentName : device;
    const untilMs = silentUntilMs(chosenOf(view, FIELD.period) ?? 'off', context.clock.nowMs());
    return applySilence(context, target, by, untilMs, whisper);
  });
