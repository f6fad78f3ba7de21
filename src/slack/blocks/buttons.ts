import type { types } from '@slack/bolt';
import type { DeviceSettings } from '../../config/settings.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { ACTION, cameraValue } from '../api/ids.js';
import type { Block } from '../api/slack-client.js';
import { plain } from './text.js';

type Action = (typeof ACTION)[keyof typeof ACTION];

export const button = (
  action: Action,
  label: string,
  value: string,
  more: Partial<types.Button> = {},
): types.Button => ({ type: 'button', action_id: action, text: plain(label), value, ...more });

export const actions = (elements: types.Button[]): Block => ({ type: 'actions', elements });

/** With `reference_scan: auto` nobody knows before the scan how many they are. */
const stopsOf = ({ referenceStops }: DeviceSettings): string =>
  referenceStops === null ? 'all stops of its scan' : `its ${referenceStops.length} stops`;

/** Scanning moves the camera for minutes and replaces what everything is measured against: asked again before it begins. */
export const acceptReferenceButton = (device: DeviceSettings): types.Button =>
  button(ACTION.acceptReference, 'Accept as new reference', cameraValue(device), {
    style: 'danger',
    confirm: {
      title: plain('Replace the reference?', 100),
      text: plain(
        `${cameraPath(device)} is driven through ${stopsOf(device)} and what it shows now ` +
          'becomes what later checks are measured against. The reference before is kept.',
        300,
      ),
      confirm: plain('Scan and replace', 30),
      deny: plain('Leave it', 30),
      style: 'danger',
    },
  });

/** Measures against another scan from now on, though nothing moves: asked again too. */
export const restoreReferenceButton = (device: DeviceSettings): types.Button =>
  button(ACTION.restoreReference, 'Restore the one before', cameraValue(device), {
    confirm: {
      title: plain('Restore the reference before?', 100),
      text: plain(
        `${cameraPath(device)} is measured against the reference before this one again. Nothing moves, and this one is kept: restoring once more brings it back.`,
        300,
      ),
      confirm: plain('Restore it', 30),
      deny: plain('Leave it', 30),
    },
  });

const scanReferenceButton = (device: DeviceSettings): types.Button =>
  button(ACTION.scanReference, 'Scan it', cameraValue(device), { style: 'primary' });

/** A button for each camera that was never scanned, the first ones of them. */
export const scanOffers = (
  outcomes: readonly Pick<CheckOutcome, 'device' | 'failureCode'>[],
  max: number,
): Block[] =>
  outcomes
    .filter(({ failureCode }) => failureCode === 'no_reference')
    .slice(0, max)
    .map(({ device }) => ({
      type: 'section',
      text: { type: 'mrkdwn', text: `${cameraPath(device)} has no reference yet.` },
      accessory: scanReferenceButton(device),
    }));

export const rescanButtons = (device: DeviceSettings): types.Button[] => [
  button(ACTION.rescan, 'Rescan', cameraValue(device)),
  ...(device.activeStops.length > 0
    ? [button(ACTION.rescanActive, 'Rescan active', cameraValue(device))]
    : []),
];

export const acknowledgeButton = (device: DeviceSettings): types.Button =>
  button(ACTION.acknowledge, 'Acknowledge', cameraValue(device), { style: 'primary' });

export const historyButton = (device: DeviceSettings): types.Button =>
  button(ACTION.history, 'History', cameraValue(device));

export const silenceButton = (device: DeviceSettings): types.Button =>
  button(ACTION.silence, 'Silence', cameraValue(device));
