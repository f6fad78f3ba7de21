import type { DeviceSettings, Settings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import { cameraPath, listed } from './wording.js';

const MAX_NAMES_TOLD = 5;

export const allDevices = (settings: Settings): DeviceSettings[] =>
  settings.deployments.flatMap(({ devices }) => devices);

/** One of each deployment in turn, so that a slow or dead site does not hold back the others. */
export const interleaved = ({ deployments }: Settings): DeviceSettings[] => {
  const longest = Math.max(0, ...deployments.map(({ devices }) => devices.length));
  return Array.from({ length: longest }, (_, index) =>
    deployments.flatMap(({ devices }) => devices.slice(index, index + 1)),
  ).flat();
};

/** The device of that id; null when the settings have none. */
export const deviceNamed = (
  settings: Settings,
  { deploymentName, deviceId }: Pick<DeviceSettings, 'deploymentName' | 'deviceId'>,
): DeviceSettings | null =>
  allDevices(settings).find(
    (device) => device.deploymentName === deploymentName && device.deviceId === deviceId,
  ) ?? null;

const namesOf = (device: DeviceSettings): string[] => [
  device.deviceId,
  device.cameraName,
  cameraPath(device),
  `${device.deploymentName}/${device.deviceId}`,
];

const isGlob = (name: string): boolean => /[*?]/.test(name);

/** `*` stands for anything within a part of the name, `?` for one character. */
const globPattern = (glob: string): RegExp => {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
};

/** Levenshtein's distance: how many characters to type, drop or change. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The word probably meant; null when none is close. */
export const nearestOf = (wanted: string, words: readonly string[]): string | null => {
  const [nearest] = words
    .map((word) => ({ word, away: distance(wanted.toLowerCase(), word) }))
    .sort((a, b) => a.away - b.away);
  return nearest !== undefined && nearest.away <= 2 ? nearest.word : null;
};

/** Similar names, closest first. */
const namesNear = (wanted: string, settings: Settings): string[] => {
  const plain = wanted.replace(/[*?]/g, '').toLowerCase();
  const known = [
    ...allDevices(settings).flatMap(namesOf),
    ...settings.deployments.map(({ name }) => `${name}/*`),
  ];
  const far = Math.max(2, Math.floor(plain.length / 3));
  const nearness = (name: string): number => {
    const lower = name.toLowerCase();
    return plain !== '' && lower.includes(plain) ? 0 : distance(plain, lower);
  };
  const near = [...new Set(known)]
    .map((name) => ({ name, away: nearness(name) }))
    .filter(({ away }) => away <= far)
    .sort((a, b) => a.away - b.away);
  const nearest = near[0]?.away ?? 0;
  return near.filter(({ away }) => away <= nearest + 1).map(({ name }) => name);
};

const unknown = (name: string, settings: Settings): AppError => {
  const near = namesNear(name, settings);
  const remedy =
    near.length > 0
      ? `Did you mean ${listed(near, MAX_NAMES_TOLD)}?`
      : `The cameras are ${listed(allDevices(settings).map(cameraPath), MAX_NAMES_TOLD)}.`;
  return new AppError('bad_argument', `No camera is named ${name}.`, remedy);
};

const matching = (name: string, settings: Settings): DeviceSettings[] => {
  const pattern = isGlob(name) ? globPattern(name) : null;
  const isWanted = (known: string): boolean => (pattern === null ? known === name : pattern.test(known));
  const found = allDevices(settings).filter((device) => namesOf(device).some(isWanted));
  if (found.length === 0) throw unknown(name, settings);
  if (pattern === null && found.length > 1)
    throw new AppError(
      'bad_argument',
      `${name} names ${found.length} cameras.`,
      `Did you mean ${listed(found.map(cameraPath), MAX_NAMES_TOLD)}?`,
    );
  return found;
};

/**
 * The cameras that match the names, each once. A name is a device_id, camera_name, `deployment/camera`, or a glob of
 * these. AppError `bad_argument` for a name that is unknown or ambiguous.
 */
export const selectDevices = (settings: Settings, names: readonly string[]): DeviceSettings[] => [
  ...new Set(names.flatMap((name) => matching(name, settings))),
];

/** The one camera that a name matches. */
export const selectDevice = (settings: Settings, name: string): DeviceSettings => {
  const [device, ...others] = selectDevices(settings, [name]);
  if (device !== undefined && others.length === 0) return device;
  throw new AppError('bad_argument', `${name} names ${others.length + 1} cameras.`, 'Name one of them.');
};
