import type { types } from '@slack/bolt';
import type { DeviceSettings } from '../../config/settings.js';
import {
  jobUnderWay,
  phaseOf,
  type CameraState,
  type Finding,
  type Incident,
  type Phase,
} from '../../monitor/record/incident.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { ACTION, cameraValue } from '../api/ids.js';
import type { Block, Outgoing } from '../api/slack-client.js';
import {
  acceptReferenceButton,
  acknowledgeButton,
  actions,
  button,
  historyButton,
  rescanButtons,
  silenceButton,
} from './buttons.js';
import { context, escaped, image, section, user, when } from './text.js';

const HEADLINE: Readonly<Record<Phase, string>> = {
  alerting: '🚨 {camera} has drifted',
  acknowledged: '👀 {camera} has drifted',
  rescanning: '🔎 {camera} is being measured again',
  resolved: '✅ {camera} is back within its threshold',
};

const NEW_REFERENCE = '✅ {camera} has a new reference';

/** One check: its icon, angles and advice. */
const findingLine = ({ verdict, told, advice }: Finding): string => {
  const icon = { ok: '✅', drifted: '🚨', unmeasured: '⚠️' }[verdict];
  const words = verdict === 'unmeasured' ? `not measured: ${told}` : told;
  return `${icon} ${escaped(words)}${adviceLine(advice)}`;
};

const adviceLine = (advice: string): string => (advice === '' ? '' : `\n*${escaped(advice)}*`);

const timeline = (incident: Incident): string => {
  const repeats =
    incident.repeats === 0
      ? ''
      : `, seen again ${incident.repeats}×, last ${when(Date.parse(incident.latest.at))}`;
  const resolved = incident.resolvedAtMs === null ? '' : `, resolved ${when(incident.resolvedAtMs)}`;
  return `Since ${when(incident.openedAtMs)}${repeats}${resolved} · threshold ${incident.latest.thresholdDeg}°`;
};

const people = (state: CameraState, incident: Incident, nowMs: number): string[] => {
  const { acknowledged, notes, unmeasured } = incident;
  const job = jobUnderWay(state, nowMs);
  const { silence } = state;
  return [
    ...(acknowledged === null
      ? []
      : [`👀 Acknowledged by ${user(acknowledged.by)} ${when(acknowledged.atMs)}`]),
    ...(job === null ? [] : [`🔎 ${user(job.by)} requested a new measurement ${when(job.startedAtMs)}`]),
    ...(silence !== null && silence.untilMs > nowMs
      ? [`🔕 Silenced by ${user(silence.by)} until ${when(silence.untilMs)}`]
      : []),
    ...(unmeasured === null
      ? []
      : [`⚠️ Not measured since ${when(Date.parse(unmeasured.at))}: ${escaped(unmeasured.told)}`]),
    ...notes.slice(-5).map(({ by, text }) => `📝 ${user(by)}: ${escaped(text)}`),
  ];
};

const buttonsOf = (device: DeviceSettings, incident: Incident, phase: Phase): types.Button[] => {
  if (phase === 'resolved') return [historyButton(device)];
  const value = cameraValue(device);
  const acknowledging =
    incident.acknowledged === null
      ? acknowledgeButton(device)
      : button(ACTION.unacknowledge, 'Un-acknowledge', value);
  return [
    acknowledging,
    ...(phase === 'rescanning' ? [] : rescanButtons(device)),
    historyButton(device),
    silenceButton(device),
    acceptReferenceButton(device),
  ];
};

/** The message of an incident in its present state. */
export const incidentMessage = (
  device: DeviceSettings,
  state: CameraState,
  incident: Incident,
  nowMs: number,
): Outgoing => {
  const phase = phaseOf(state, incident, nowMs);
  const isReplaced = phase === 'resolved' && incident.latest.verdict === 'drifted';
  const headline = (isReplaced ? NEW_REFERENCE : HEADLINE[phase]).replace('{camera}', cameraPath(device));
  const lines = people(state, incident, nowMs);
  const blocks: Block[] = [
    section(`*${headline}*\n${escaped(incident.latest.told)}${adviceLine(incident.latest.advice)}`),
    ...image(
      incident.picture?.fileId ?? null,
      `${cameraPath(device)}: reference and now, with the shift drawn`,
    ),
    ...(lines.length === 0 ? [] : [section(lines.join('\n'))]),
    context(timeline(incident)),
    actions(buttonsOf(device, incident, phase)),
  ];
  return { text: `${headline}: ${incident.latest.told}`, blocks };
};

/** A line in an incident's thread. */
export const threadLine = (finding: Finding, change: 'repeated' | 'resolved' | 'unmeasured'): Outgoing => {
  const lead = { repeated: 'Seen again', resolved: 'Back within the threshold', unmeasured: 'Not measured' };
  const text = `${lead[change]} ${when(Date.parse(finding.at))}\n${findingLine(finding)}`;
  return { text: `${lead[change]}: ${finding.told}`, blocks: [section(text)] };
};
