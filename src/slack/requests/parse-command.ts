import type { DeviceSettings, Settings } from '../../config/settings.js';
import { parseSince } from '../../monitor/text/parse-since.js';
import { allDevices, nearestOf, selectDevice, selectDevices } from '../../monitor/text/device-selection.js';
import { AppError } from '../../ports/app-error.js';
import type { PtzPosition } from '../../ports/telemetry.js';

/** A parsed `/calib` command. */
export type Command =
  | { readonly kind: 'modal' }
  | { readonly kind: 'help' }
  | { readonly kind: 'status' }
  | { readonly kind: 'devices'; readonly devices: DeviceSettings[] }
  | { readonly kind: 'check'; readonly devices: DeviceSettings[]; readonly mode: 'passive' | 'active' }
  | { readonly kind: 'reference'; readonly device: DeviceSettings; readonly restores: boolean }
  | { readonly kind: 'history'; readonly device: DeviceSettings; readonly sinceMs: number }
  | { readonly kind: 'silence'; readonly target: SilenceTarget; readonly untilMs: number };

/** A camera, or a whole site by its name. */
export type SilenceTarget = DeviceSettings | string;

const VERBS = ['check', 'reference', 'history', 'status', 'devices', 'silence', 'help'] as const;
const DEFAULT_PERIOD = '7d';

const refused = (message: string, remedy: string): AppError => new AppError('bad_argument', message, remedy);

/** The cameras of names (devices, globs, deployments); without a name, all of them. */
const devicesNamed = (settings: Settings, names: readonly string[]): DeviceSettings[] => {
  if (names.length === 0) return allDevices(settings);
  const sites = new Set(settings.deployments.map(({ name }) => name));
  return selectDevices(
    settings,
    names.map((name) => (sites.has(name) ? `${name}/*` : name)),
  );
};

const STOP = /^\(?(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?\)?$/;

/** `pan,tilt` or `pan,tilt,zoom`; degrees, degrees, magnification. */
const parseStop = (text: string): PtzPosition => {
  const match = STOP.exec(text);
  const [panDeg, tiltDeg, zoom] = [match?.[1], match?.[2], match?.[3] ?? '1'].map(Number);
  if (match === null || panDeg === undefined || tiltDeg === undefined || zoom === undefined)
    throw refused(`"${text}" is not a stop.`, 'Use pan,tilt[,zoom], for example: active 10,-3,1 90,0,2');
  if (Math.abs(panDeg) > 360 || Math.abs(tiltDeg) > 180 || zoom < 1 || zoom > 100)
    throw refused(
      `The stop ${text} is out of range.`,
      'Give pan within ±360°, tilt within ±180° and zoom from 1 to 100.',
    );
  return { panDeg, tiltDeg, zoom };
};

/** AppError `bad_argument` for a camera without active stops. */
export const requireStops = (devices: readonly DeviceSettings[]): void => {
  const without = devices.find((device) => device.activeStops.length === 0);
  if (without !== undefined)
    throw refused(
      `${without.cameraName} has no active stops.`,
      'Give some, for example: active 10,-3,1 90,0,1, or set active_ptz_stops in devices.yaml.',
    );
};

const checkOf = (settings: Settings, args: readonly string[]): Command => {
  const at = args.indexOf('active');
  const devices = devicesNamed(settings, at < 0 ? args : args.slice(0, at));
  if (at < 0) return { kind: 'check', devices, mode: 'passive' };
  const activeStops = args.slice(at + 1).map(parseStop);
  if (activeStops.length > 0)
    return { kind: 'check', devices: devices.map((device) => ({ ...device, activeStops })), mode: 'active' };
  requireStops(devices);
  return { kind: 'check', devices, mode: 'active' };
};

/** Milliseconds of `30m`, `4h`, `2d`. */
const periodMs = (text: string, nowMs: number): number => {
  if (!/^\d+[mhd]$/.test(text))
    throw refused(`"${text}" is not a period.`, 'Use for example 30m, 4h or 2d, or off to end a silence.');
  return nowMs - parseSince(text, nowMs);
};

/** When a silence of that period ends; `nowMs` for `off`. */
export const silentUntilMs = (period: string, nowMs: number): number =>
  period === 'off' ? nowMs : nowMs + periodMs(period, nowMs);

const silenceOf = (settings: Settings, [name, period = '4h']: readonly string[], nowMs: number): Command => {
  if (name === undefined)
    throw refused('The camera or site to silence is missing.', 'For example: /calib silence north-mast 4h');
  const isSite = settings.deployments.some((site) => site.name === name);
  const target = isSite ? name : selectDevice(settings, name);
  return { kind: 'silence', target, untilMs: silentUntilMs(period, nowMs) };
};

const oneDevice = (settings: Settings, verb: string, name: string | undefined): DeviceSettings => {
  if (name === undefined)
    throw refused(
      'The camera is missing.',
      `For example: /calib ${verb} north-mast; /calib devices lists the cameras.`,
    );
  return selectDevice(settings, name);
};

const referenceOf = (settings: Settings, [name, what]: readonly string[]): Command => {
  const device = oneDevice(settings, 'reference', name);
  if (what !== undefined && what !== 'restore')
    throw refused(
      `Unknown argument "${what}".`,
      'Use /calib reference north-mast, or /calib reference north-mast restore for the previous one.',
    );
  return { kind: 'reference', device, restores: what === 'restore' };
};

const unknownVerb = (verb: string): AppError => {
  const near = nearestOf(verb, VERBS);
  const hint = near === null ? '/calib help lists the commands.' : `Did you mean /calib ${near}?`;
  return refused(`Unknown command: /calib ${verb}.`, hint);
};

/** Parses a command; AppError `bad_argument` says what is wrong and what was probably meant. */
export const parseCommand = (text: string, settings: Settings, nowMs: number): Command => {
  const [verb, ...args] = text
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^["'`“”]+|["'`“”]+$/g, ''))
    .filter((word) => word !== '');
  switch (verb?.toLowerCase()) {
    case undefined:
      return { kind: 'modal' };
    case 'help':
      return { kind: 'help' };
    case 'status':
      return { kind: 'status' };
    case 'devices':
      return { kind: 'devices', devices: devicesNamed(settings, args) };
    case 'check':
      return checkOf(settings, args);
    case 'reference':
      return referenceOf(settings, args);
    case 'history': {
      const device = oneDevice(settings, 'history', args[0]);
      return { kind: 'history', device, sinceMs: parseSince(args[1] ?? DEFAULT_PERIOD, nowMs) };
    }
    case 'silence':
      return silenceOf(settings, args, nowMs);
    default:
      throw unknownVerb(verb ?? '');
  }
};
