import { faultLine } from '../../src/config/findings.js';
import { parseSettings } from '../../src/config/load-settings.js';
import type { DeviceSettings, Settings } from '../../src/config/settings.js';

type Env = Record<string, string | undefined>;

/** The shortest file that says one camera that can be driven. */
export const SITE = `deployments:
  - name: site-a
    mqtt: { host: broker, port: 1883 }
    devices:
      - device_id: cam-1
        camera_name: north
        rtsp:
          host: 10.0.0.1
          port: 554
          path: /stream
        onvif:
          host: 10.0.0.1
          port: 80
        telemetry:
          topic: ptz/cam-1
          pan: { path: pan }
          tilt: { path: tilt }
        reference_scan:
          stops: [[0, 0, 1], [30, 0, 1]]
`;

/** The site with one text in it replaced; the text must be there. */
export const edited = (from: string, to: string, text = SITE): string => {
  if (!text.includes(from)) throw new Error(`no ${from} in the text`);
  return text.replace(from, to);
};

/** The site with more keys in its device, from line 20 and column 9 on. */
export const withKeys = (...lines: string[]): string =>
  SITE + lines.map((line) => `        ${line}\n`).join('');

/** The site with a scan that plans itself, and more keys in its device. */
export const auto = (...lines: string[]): string =>
  edited('\n          stops: [[0, 0, 1], [30, 0, 1]]', ' auto') +
  lines.map((line) => `        ${line}\n`).join('');

/** All faults as they are told, without the file's name. */
export const faultsOf = (text: string, env: Env = {}): string[] => {
  const parsed = parseSettings(text, 'd.yaml', env);
  return 'faults' in parsed ? parsed.faults.map((fault) => faultLine(fault).replace('d.yaml:', '')) : [];
};

export const settingsOf = (text: string, env: Env = {}, file = '/etc/calib/d.yaml'): Settings => {
  const parsed = parseSettings(text, file, env);
  if ('faults' in parsed) throw new Error(parsed.faults.map(faultLine).join('\n'));
  return parsed.settings;
};

export const deviceOf = (settings: Settings, index = 0): DeviceSettings => {
  const device = settings.deployments.flatMap(({ devices }) => devices)[index];
  if (device === undefined) throw new Error(`no device ${index}`);
  return device;
};
