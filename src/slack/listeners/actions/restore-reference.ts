import type { SlackContext } from '../../requests/context.js';
import { onCameraButton } from '../camera-button.js';

/** Slack asked again before. */
export const restoreReference = (context: SlackContext) =>
  onCameraButton(context, async ({ device, by, reply }) => {
    await context.permissions.requireReplaceReference(device, by);
    await context.references.restore(device, by, reply());
  });
