import type { DeviceSettings } from '../../config/settings.js';
import type { Incident } from '../../monitor/record/incident.js';
import type { ResultRow } from '../../ports/results-table.js';
import { cameraPath, counted, signedDeg } from '../../monitor/text/wording.js';
import type { FleetCamera } from '../state/fleet-view.js';
import type { Outgoing } from '../api/slack-client.js';
import { acknowledgeButton } from './buttons.js';
import { clipped, context, escaped, header, lineSections, section, user, when } from './text.js';

const FLEET_ICON: Readonly<Record<FleetCamera['verdict'], string>> = {
  drifted: '🚨',
  unmeasured: '⚠️',
  unchecked: '❔',
  ok: '✅',
};

export const angles = ({ yaw_offset: yaw, pitch_offset: pitch, roll_offset: roll }: ResultRow): string =>
  `yaw ${signedDeg(yaw ?? 0)}, pitch ${signedDeg(pitch ?? 0)}, roll ${signedDeg(roll ?? 0)}`;

/** One line with the last result of a camera. */
export const fleetLine = ({ device, row, verdict, state, isOpen, isSilenced }: FleetCamera): string => {
  const result =
    row === null
      ? 'not checked in the last day'
      : row.success
        ? angles(row)
        : `not measured: ${clipped(escaped(row.failure_log ?? 'no reason given'), 160)}`;
  const acknowledged = isOpen ? (state?.incident?.acknowledged ?? null) : null;
  const marks = [
    ...(acknowledged === null ? [] : [`👀 ${user(acknowledged.by)}`]),
    ...(isSilenced ? ['🔕'] : []),
  ];
  const at = row === null ? '' : ` · ${when(Date.parse(row.timestamp))}`;
  return `${FLEET_ICON[verdict]} *${cameraPath(device)}* ${result}${at}${marks.length === 0 ? '' : ` · ${marks.join(' ')}`}`;
};

export const fleetCounts = (cameras: readonly FleetCamera[]): string => {
  const count = (verdict: FleetCamera['verdict']): number =>
    cameras.filter((camera) => camera.verdict === verdict).length;
  return (
    `🚨 ${count('drifted')} drifted   ✅ ${count('ok')} ok   ⚠️ ${count('unmeasured')} not measured   ` +
    `❔ ${count('unchecked')} not checked`
  );
};

const moreOnHome = (count: number): string =>
  `… and ${count} more: open the app's Home tab to page through them.`;

/** The answer to `/calib status`: counts, problems, and the state of the sweeps. */
export const statusMessage = (cameras: readonly FleetCamera[], sweeps: readonly string[]): Outgoing => {
  const wrong = cameras.filter(({ verdict, isOpen }) => isOpen || verdict !== 'ok');
  const text = `${counted(cameras.length, 'camera')}: ${fleetCounts(cameras)}`;
  return {
    text,
    blocks: [
      header(counted(cameras.length, 'camera')),
      section(fleetCounts(cameras)),
      ...lineSections(wrong.map(fleetLine), moreOnHome),
      context(sweeps.join(' · ')),
    ],
  };
};

/** The answer to `/calib devices`. */
export const devicesMessage = (devices: readonly DeviceSettings[]): Outgoing => {
  const scanOf = ({ referenceStops }: DeviceSettings): string =>
    referenceStops === null ? 'reference scan auto' : counted(referenceStops.length, 'reference stop');
  const lineOf = (device: DeviceSettings): string =>
    `• *${cameraPath(device)}* (${device.deviceId}) threshold ${device.thresholdDeg}°, ` +
    `${scanOf(device)}, ` +
    (device.activeStops.length === 0 ? 'passive' : counted(device.activeStops.length, 'active stop'));
  const text = counted(devices.length, 'camera');
  return { text, blocks: [header(text), ...lineSections(devices.map(lineOf), moreOnHome)] };
};

export interface OpenIncident {
  readonly device: DeviceSettings;
  readonly incident: Incident;
}

const openLine = ({ device, incident }: OpenIncident): string =>
  `*${cameraPath(device)}* ${escaped(incident.latest.told)} since ${when(incident.openedAtMs)}`;

/** Once a day: open incidents and who acknowledged them. */
export const digest = (open: readonly OpenIncident[]): Outgoing => {
  const text = `📋 ${counted(open.length, 'open incident')}`;
  const lines = open.map((one) => {
    const { acknowledged } = one.incident;
    return `• ${openLine(one)} · ${acknowledged === null ? 'nobody yet' : user(acknowledged.by)}`;
  });
  return { text, blocks: [section(`*${text}*`), ...lineSections(lines, moreOnHome)] };
};

/** How many incidents of a reminder get a button. */
const MAX_BUTTONS = 10;

/** Incidents that nobody acknowledged in time; the first ones can be acknowledged here. */
export const reminder = (due: readonly OpenIncident[]): Outgoing => {
  const text = `⏰ Nobody has acknowledged ${counted(due.length, 'incident')} yet`;
  const rows = due
    .slice(0, MAX_BUTTONS)
    .map((one) => section(`🚨 ${openLine(one)}`, acknowledgeButton(one.device)));
  const others = due.slice(MAX_BUTTONS).map((one) => `🚨 ${openLine(one)}`);
  return { text, blocks: [section(`*${text}*`), ...rows, ...lineSections(others, moreOnHome)] };
};
