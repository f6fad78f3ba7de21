import { silence } from '../../monitor/record/incident.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { paragraph, when } from '../blocks/text.js';
import type { SilenceTarget } from './parse-command.js';
import type { SlackContext } from './context.js';
import type { Whisper } from './reply.js';

/** Silences a camera or a site until `untilMs`, or ends its silence, and confirms that to the user. */
export const applySilence = async (
  context: SlackContext,
  target: SilenceTarget,
  by: string,
  untilMs: number,
  whisper: Whisper,
): Promise<void> => {
  const atMs = context.clock.nowMs();
  const name = typeof target === 'string' ? target : cameraPath(target);
  if (typeof target === 'string')
    await context.sites.update(target, (state) => ({
      ...state,
      silence: untilMs > atMs ? { by, atMs, untilMs } : null,
    }));
  else await context.incidentMessages.act(target, (state) => silence(state, { by, atMs }, untilMs));
  const text =
    untilMs > atMs
      ? `🔕 ${name} is silenced until ${when(untilMs)}. Incidents are still recorded. To end the silence: /calib silence ${name} off`
      : `🔔 Alerts for ${name} are on again.`;
  await whisper(paragraph(text));
};
