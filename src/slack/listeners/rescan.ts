import { openIncident } from '../../monitor/record/incident.js';
import { paragraph } from '../blocks/text.js';
import { busyLine } from '../blocks/check.js';
import type { SlackContext } from '../requests/context.js';
import { onCameraButton } from './camera-button.js';

/** Measures again: an open incident shows it in its message; without one, an answer in the thread does. */
export const rescanCamera = (context: SlackContext, mode: 'passive' | 'active') =>
  onCameraButton(context, async ({ device, by, whisper, reply }) => {
    if (mode === 'active') await context.permissions.requireMove(device, by);
    if (openIncident(await context.incidents.of(device)) === null)
      return context.checks.all({ devices: [device], mode, by }, reply());
    const worked = await context.checks.one(device, mode, by);
    if ('busy' in worked) await whisper(paragraph(busyLine(device, worked.busy)));
    else if (worked.result.verdict === 'unmeasured') await whisper(paragraph(worked.result.line));
  });
