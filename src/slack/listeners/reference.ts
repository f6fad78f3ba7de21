import type { SlackContext } from '../requests/context.js';
import { onCameraButton } from './camera-button.js';

/** Both "Scan" and "Accept as new reference"; for the latter Slack has asked for confirmation. */
export const scanReference = (context: SlackContext) =>
  onCameraButton(context, async ({ device, by, reply }) => {
    await context.permissions.requireReplaceReference(device, by);
    await context.references.scan(device, by, reply());
  });

/** Slack has asked for confirmation. */
export const restoreReference = (context: SlackContext) =>
  onCameraButton(context, async ({ device, by, reply }) => {
    await context.permissions.requireReplaceReference(device, by);
    await context.references.restore(device, by, reply());
  });
