import { unacknowledge } from '../../../monitor/incident.js';
import type { SlackContext } from '../../context.js';
import { onCameraButton } from '../camera-button.js';

export const unacknowledgeIncident = (context: SlackContext) =>
  onCameraButton(context, async ({ device }) => void (await context.desk.act(device, unacknowledge)));
