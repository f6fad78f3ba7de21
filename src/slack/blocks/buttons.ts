import type { types } from '@slack/bolt';
import type { DeviceSettings } from '../../config/settings.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { ACTION, cameraValue } from '../api/ids.js';
import type { Block } from '../api/slack-client.js';
import { plain, section } from './text.js';

type Action = (typeof ACTION)[keyof typeof ACTION];

export const button = (
  action: Action,
  label: string,
  value: string,
  more: Partial<types.Button> = {},
): types.Button => ({ type: 'button', action_id: action, text: plain(label), value, ...more });

export const actions = (elements: types.Button[]): Block => ({ type: 'actions', elements });

/** With `reference_scan: auto` the scan itself plans the stops. */
const stopsOf = ({ referenceStops }: DeviceSettings): string =>
  referenceStops === null ? 'all stops of its scan' : `its ${referenceStops.length} stops`;

/** A scan moves the camera for minutes and replaces the reference, so that Slack asks for confirmation. */
export const acceptReferenceButton = (device: DeviceSettings): types.Button =>
  button(ACTION.acceptReference, 'Accept as new reference', cameraValue(device), {
    style: 'danger',
    confirm: {
      title: plain('Replace the reference?', 100),
      text: plain(
        `${cameraPath(device)} moves through ${stopsOf(device)}. Later checks are measured against the new scan. ` +
          'The previous reference is kept.',
        300,
      ),
      confirm: plain('Scan and replace', 30),
      deny: plain('Cancel', 30),
      style: 'danger',
    },
  });

/** Nothing moves, but later checks use another scan: Slack asks for confirmation too. */
export const restoreReferenceButton = (device: DeviceSettings): types.Button =>
  button(ACTION.restoreReference, 'Restore previous', cameraValue(device), {
    confirm: {
      title: plain('Restore the previous reference?', 100),
      text: plain(
        `Later checks of ${cameraPath(device)} are measured against its previous reference. Nothing moves, and this reference is kept: restoring again brings it back.`,
        300,
      ),
      confirm: plain('Restore', 30),
      deny: plain('Cancel', 30),
    },
  });

const scanReferenceButton = (device: DeviceSettings): types.Button =>
  button(ACTION.scanReference, 'Scan', cameraValue(device), { style: 'primary' });

/** A button for each camera that was never scanned, at most `max`. */
export const scanOffers = (
  outcomes: readonly Pick<CheckOutcome, 'device' | 'failureCode'>[],
  max: number,
): Block[] =>
  outcomes
    .filter(({ failureCode }) => failureCode === 'no_reference')
    .slice(0, max)
    .map(({ device }) => section(`${cameraPath(device)} has no reference yet.`, scanReferenceButton(device)));

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
