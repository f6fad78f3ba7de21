import type { types } from '@slack/bolt';
import type { DeviceSettings, Settings } from '../../config/settings.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { cameraValue, VIEW } from '../api/ids.js';
import { clipped, option, plain, section } from './text.js';

export const FIELD = {
  cameras: 'cameras',
  names: 'names',
  mode: 'mode',
  period: 'period',
  scope: 'scope',
  note: 'note',
} as const;

/** Where a modal's answer goes, and which camera it is about. */
export interface ModalOrigin {
  readonly channel: string | null;
  /** A camera's value; null: none. */
  readonly camera: string | null;
}

/** With more cameras a menu is useless, and too large for Slack. */
const MAX_IN_MENU = 400;
const MAX_OPTIONS = 100;

const modal = (
  id: string,
  title: string,
  submit: string,
  origin: ModalOrigin,
  blocks: types.KnownBlock[],
): types.ModalView => ({
  type: 'modal',
  callback_id: id,
  title: plain(title, 24),
  submit: plain(submit, 24),
  close: plain('Cancel', 24),
  private_metadata: JSON.stringify(origin),
  blocks,
});

const groupsOf = (site: string, devices: readonly DeviceSettings[]) =>
  Array.from({ length: Math.ceil(devices.length / MAX_OPTIONS) }, (_, part) => ({
    label: plain(clipped(part === 0 ? site : `${site} (${part + 1})`, 75)),
    options: devices
      .slice(part * MAX_OPTIONS, (part + 1) * MAX_OPTIONS)
      .map((device) => option(cameraValue(device), cameraPath(device))),
  }));

const cameraPicker = (settings: Settings): types.KnownBlock =>
  allDevices(settings).length > MAX_IN_MENU
    ? {
        type: 'input',
        block_id: FIELD.names,
        optional: true,
        label: plain('Cameras'),
        hint: plain('A device, a glob such as site-a/*, or a deployment. Leave empty for all.', 150),
        element: { type: 'plain_text_input', action_id: FIELD.names },
      }
    : {
        type: 'input',
        block_id: FIELD.cameras,
        optional: true,
        label: plain('Cameras'),
        hint: plain('Leave empty for all.', 150),
        element: {
          type: 'multi_static_select',
          action_id: FIELD.cameras,
          placeholder: plain('All cameras'),
          option_groups: settings.deployments
            .filter(({ devices }) => devices.length > 0)
            .flatMap(({ name, devices }) => groupsOf(name, devices)),
        },
      };

const radio = (id: string, label: string, options: ReturnType<typeof option>[]): types.KnownBlock => ({
  type: 'input',
  block_id: id,
  label: plain(label),
  element: { type: 'radio_buttons', action_id: id, options, initial_option: options[0]! },
});

/** Which cameras to check and how. */
export const checkModal = (settings: Settings, origin: ModalOrigin): types.ModalView =>
  modal(VIEW.check, 'Check cameras', 'Check', origin, [
    cameraPicker(settings),
    radio(FIELD.mode, 'How', [
      option('passive', 'At its present position'),
      option('active', 'At its active stops (moves the camera)'),
    ]),
  ]);

/** `off` ends a silence. */
const PERIODS = [
  ['1h', '1 hour'],
  ['4h', '4 hours'],
  ['1d', '1 day'],
  ['3d', '3 days'],
  ['7d', '7 days'],
  ['off', 'End the silence'],
] as const;

export const silenceModal = (device: DeviceSettings, origin: ModalOrigin): types.ModalView =>
  modal(VIEW.silence, 'Silence', 'Silence', origin, [
    section('Incidents are still recorded, without alerts.'),
    radio(
      FIELD.period,
      'For how long',
      PERIODS.map(([value, text]) => option(value, text)),
    ),
    radio(FIELD.scope, 'What', [
      option('camera', `Only ${cameraPath(device)}`),
      option('site', `All of ${device.deploymentName}`),
    ]),
  ]);

export const noteModal = (device: DeviceSettings, origin: ModalOrigin): types.ModalView =>
  modal(VIEW.note, 'Add a note', 'Add', origin, [
    {
      type: 'input',
      block_id: FIELD.note,
      label: plain(`What is known about ${cameraPath(device)}`, 150),
      element: { type: 'plain_text_input', action_id: FIELD.note, multiline: true, max_length: 300 },
    },
  ]);
