import type { DeviceSettings } from '../../config/settings.js';
import type { Incident } from '../../monitor/record/incident.js';
import type { ResultRow } from '../../ports/results-table.js';
import { cameraPath, counted, signedDeg } from '../../monitor/text/wording.js';
import type { FleetCamera } from '../state/fleet-view.js';
import type { Block, Outgoing } from '../api/slack-client.js';
import { acknowledgeButton } from './buttons.js';
import { clipped, context, escaped, header, LIMIT, packed, section, user, when } from './text.js';

const FLEET_ICON: Readonly<Record<FleetCamera['verdict'], string>> = {
  drifted: '🚨',
  unmeasured: '⚠️',
  unchecked: '❔',
  ok: '✅',
};

const angles = ({ yaw_offset: yaw, pitch_offset: pitch, roll_offset: roll }: ResultRow): string =>
  `yaw ${signedDeg(yaw ?? 0)}, pitch ${signedDeg(pitch ?? 0)}, roll ${signedDeg(roll ?? 0)}`;

/** One line of a camera as it was seen last. */
export const fleetLine = ({ device, row, verdict, state, isOpen, isSilenced }: FleetCamera): string => {
  const said =
    row === null
      ? 'not checked in the last day'
      : row.success
        ? angles(row)
        : `not measured: ${clipped(escaped(row.failure_log ?? 'no reason told'), 160)}`;
  const acknowledged = isOpen ? (state?.incident?.acknowledged ?? null) : null;
  const marks = [
    ...(acknowledged === null ? [] : [`👀 ${user(acknowledged.by)}`]),
    ...(isSilenced ? ['🔕'] : []),
  ];
  const at = row === null ? '' : ` · ${when(Date.parse(row.timestamp))}`;
  return `${FLEET_ICON[verdict]} *${cameraPath(device)}* ${said}${at}${marks.length === 0 ? '' : ` · ${marks.join(' ')}`}`;
};

export const fleetCounts = (cameras: readonly FleetCamera[]): string => {
  const count = (verdict: FleetCamera['verdict']): number =>
    cameras.filter((camera) => camera.verdict === verdict).length;
  return (
    `🚨 ${count('drifted')} drifted   ✅ ${count('ok')} ok   ⚠️ ${count('unmeasured')} not measured   ` +
    `❔ ${count('unchecked')} not checked`
  );
};

/** Sections of one message hold at most this many texts. */
const MAX_SECTIONS = 4;

const listed = (lines: readonly string[]) => {
  const texts = packed(lines, LIMIT.section);
  const left = texts.slice(MAX_SECTIONS).flatMap((text) => text.split('\n')).length;
  const more =
    left === 0 ? [] : [context(`… and ${left} more: open the app's Home tab to page through them.`)];
  return [...texts.slice(0, MAX_SECTIONS).map(section), ...more];
};

/** The answer to `/calib status`: counts, what is wrong, and how the sweeps go. */
export const statusMessage = (cameras: readonly FleetCamera[], sweeps: readonly string[]): Outgoing => {
  const wrong = cameras.filter(({ verdict, isOpen }) => isOpen || verdict !== 'ok');
  const text = `${counted(cameras.length, 'camera')}: ${fleetCounts(cameras)}`;
  return {
    text,
    blocks: [
      header(counted(cameras.length, 'camera')),
      section(fleetCounts(cameras)),
      ...listed(wrong.map(fleetLine)),
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
  return { text, blocks: [header(text), ...listed(devices.map(lineOf))] };
};

export interface OpenIncident {
  readonly device: DeviceSettings;
  readonly incident: Incident;
}

const openLine = ({ device, incident }: OpenIncident): string =>
  `*${cameraPath(device)}* ${escaped(incident.latest.told)} since ${when(incident.openedAtMs)}`;

/** Once a day: what is still open, and whose it is. */
export const digest = (open: readonly OpenIncident[]): Outgoing => {
  const text = `📋 ${counted(open.length, 'open incident')}`;
  const lines = open.map((one) => {
    const { acknowledged } = one.incident;
    return `• ${openLine(one)} · ${acknowledged === null ? 'nobody yet' : user(acknowledged.by)}`;
  });
  return { text, blocks: [section(`*${text}*`), ...listed(lines)] };
};

/** So many of a reminder have a button of their own. */
const MAX_BUTTONS = 10;

/** What nobody acknowledged in time; the first ones can be acknowledged here. */
export const reminder = (due: readonly OpenIncident[]): Outgoing => {
  const text = `⏰ Nobody has acknowledged ${counted(due.length, 'incident')} yet`;
  const rows = due.slice(0, MAX_BUTTONS).map((one): Block => ({
    type: 'section',
    text: { type: 'mrkdwn', text: clipped(`🚨 ${openLine(one)}`, LIMIT.section) },
    accessory: acknowledgeButton(one.device),
  }));
  const others = due.slice(MAX_BUTTONS).map((one) => `🚨 ${openLine(one)}`);
  return { text, blocks: [section(`*${text}*`), ...rows, ...listed(others)] };
};
