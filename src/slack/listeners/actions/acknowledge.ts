import { acknowledge, openIncident } from '../../../monitor/record/incident.js';
import { cameraPath } from '../../../monitor/text/wording.js';
import { paragraph, user, when } from '../../blocks/text.js';
import type { SlackContext } from '../../requests/context.js';
import { onCameraButton } from '../camera-button.js';

/** Of two who press at once, the one who was second learns who was first. */
export const acknowledgeIncident = (context: SlackContext) =>
  onCameraButton(context, async ({ device, by, whisper }) => {
    const atMs = context.clock.nowMs();
    const { before, after } = await context.incidentMessages.act(device, (state) =>
      acknowledge(state, { by, atMs }),
    );
    if (after !== before) return;
    const known = openIncident(after)?.acknowledged ?? null;
    await whisper(
      paragraph(
        known === null
          ? `The incident of ${cameraPath(device)} is over already.`
          : `${user(known.by)} acknowledged ${cameraPath(device)} already, ${when(known.atMs)}.`,
      ),
    );
  });
