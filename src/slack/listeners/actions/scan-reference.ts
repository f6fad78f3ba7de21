import type { SlackContext } from '../../requests/context.js';
import { onCameraButton } from '../camera-button.js';

/** Both "Scan it" and "Accept as new reference"; the latter was asked again by Slack before. */
export const scanReference = (context: SlackContext) =>
  onCameraButton(context, async ({ device, by, reply }) => {
    await context.permissions.requireReplaceReference(device, by);
    await context.references.scan(device, by, reply());
  });
