import { unacknowledge } from '../../../monitor/record/incident.js';
import type { SlackContext } from '../../requests/context.js';
import { onCameraButton } from '../camera-button.js';

export const unacknowledgeIncident = (context: SlackContext) =>
  onCameraButton(
    context,
    async ({ device }) => void (await context.incidentMessages.act(device, unacknowledge)),
  );
