import { acknowledge, openIncident, unacknowledge } from '../../monitor/record/incident.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { paragraph, user, when } from '../blocks/text.js';
import type { SlackContext } from '../requests/context.js';
import { onCameraButton } from './camera-button.js';

/** Of two people who press at once, the second learns who was first. */
export const acknowledgeIncident = (context: SlackContext) =>
  onCameraButton(context, async ({ device, by, whisper }) => {
    const who = { by, atMs: context.clock.nowMs() };
    const { before, after } = await context.incidentMessages.act(device, (state) => acknowledge(state, who));
    if (after !== before) return;
    const known = openIncident(after)?.acknowledged ?? null;
    await whisper(
      paragraph(
        known === null
          ? `The incident of ${cameraPath(device)} is already resolved.`
          : `${user(known.by)} already acknowledged ${cameraPath(device)}, ${when(known.atMs)}.`,
      ),
    );
  });

export const unacknowledgeIncident = (context: SlackContext) =>
  onCameraButton(context, async ({ device }) => {
    await context.incidentMessages.act(device, unacknowledge);
  });
