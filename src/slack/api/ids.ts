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

/** The scopes that the app needs; each is used by a call below src/slack. */
export const BOT_SCOPES = ['chat:write', 'commands', 'files:write', 'usergroups:read'] as const;

/** Slack's limit of an option's value, in characters. */
const MAX_VALUE = 150;

/** The value of a camera's buttons and options: its path, or a digest of a path that is too long. */
export const cameraValue = (device: DeviceSettings): string => {
  const path = cameraPath(device);
  return path.length <= MAX_VALUE ? path : createHash('sha256').update(path).digest('hex');
};

/** The camera of a button; AppError `camera_unknown` when it is no longer in the settings. */
export const deviceOfValue = (settings: Settings, value: string): DeviceSettings => {
  const device = allDevices(settings).find((one) => cameraValue(one) === value);
  if (device !== undefined) return device;
  throw new AppError(
    'camera_unknown',
    `The camera ${value} is no longer in the settings.`,
    '/calib devices lists the present cameras.',
  );
};
