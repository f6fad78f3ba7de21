import { silenceModal } from '../../blocks/modals.js';
import type { SlackContext } from '../../requests/context.js';
import { cameraValue } from '../../api/ids.js';
import { onCameraButton } from '../camera-button.js';

/** For how long, and whether the camera or the site, is asked in a modal. */
export const askSilence = (context: SlackContext) =>
  onCameraButton(context, ({ device, triggerId, channel }) =>
    context.web.openView(triggerId, silenceModal(device, { channel, camera: cameraValue(device) })),
  );
