import { createHash } from 'node:crypto';
import type { DeviceSettings, Settings } from '../../config/settings.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import { cameraPath } from '../../monitor/text/wording.js';
import { AppError } from '../../ports/app-error.js';

export const COMMAND = '/calib';

export const ACTION = {
  acknowledge: 'incident_acknowledge',
  unacknowledge: 'incident_unacknowledge',
  rescan: 'camera_rescan',
  rescanActive: 'camera_rescan_active',
  history: 'camera_history',
  silence: 'camera_silence',
  acceptReference: 'camera_accept_reference',
  scanReference: 'camera_scan_reference',
  restoreReference: 'camera_restore_reference',
  homeFilter: 'home_filter',
  homeDeployment: 'home_deployment',
  homePrevious: 'home_previous',
  homeNext: 'home_next',
  homeRefresh: 'home_refresh',
} as const;

export const VIEW = { check: 'check_cameras', silence: 'silence_camera', note: 'add_note' } as const;

export const SHORTCUT = { check: 'check_cameras', note: 'add_note' } as const;

export const EVENTS = ['app_home_opened'] as const;

/** What the app needs of a workspace; each is used by a call below src/slack. */
export const BOT_SCOPES = ['chat:write', 'commands', 'files:write', 'usergroups:read'] as const;

/** Slack's limit of an option's value. */
const MAX_VALUE = 150;

/** What a button or an option says of its camera: its path, or a digest of a path that is too long. */
export const cameraValue = (device: DeviceSettings): string => {
  const path = cameraPath(device);
  return path.length <= MAX_VALUE ? path : createHash('sha256').update(path).digest('hex');
};

/** The camera that a button is about; AppError `camera_unknown` when the settings no longer name it. */
export const deviceOfValue = (settings: Settings, value: string): DeviceSettings => {
  const device = allDevices(settings).find((one) => cameraValue(one) === value);
  if (device !== undefined) return device;
  throw new AppError(
    'camera_unknown',
    `The settings no longer name the camera ${value}.`,
    'Look with /calib devices for its name now.',
  );
};
