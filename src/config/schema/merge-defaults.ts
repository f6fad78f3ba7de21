import { WAYS } from './service-schema.js';

type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sections that a device says as a whole or not at all: half of one grid and half of another make none. */
export const REPLACED_WHOLE: ReadonlySet<string> = new Set(['reference_scan', 'lens']);

/** Keys of `below` that still count: one way to reach a service displaces another. */
const remaining = (below: Tree, above: Tree): [string, unknown][] => {
  const isDisplaced = WAYS.some((way) => above[way] !== undefined);
  const ways: readonly string[] = WAYS;
  return Object.entries(below).filter(([key]) => !(isDisplaced && ways.includes(key)));
};

/** `above` laid over `below`: sections are merged key by key, everything else of `above` wins, null included. */
export const overlay = (below: unknown, above: unknown): unknown => {
  if (above === undefined) return below;
  if (!isTree(below) || !isTree(above)) return above;
  const merged = new Map(remaining(below, above));
  for (const [key, value] of Object.entries(above))
    merged.set(key, REPLACED_WHOLE.has(key) ? value : overlay(merged.get(key), value));
  return Object.fromEntries(merged);
};

/** Sections in which a device's own names may stand for blanks. */
const WITH_BLANKS = ['onvif', 'rtsp', 'telemetry'];

const filled = (value: unknown, names: Tree): unknown => {
  if (typeof value === 'string')
    return value.replaceAll(/\{(device_id|camera_name)\}/g, (blank, key: string) => {
      const name = names[key];
      return typeof name === 'string' ? name : blank;
    });
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part, names)]));
};

/** A device as it stands, completed by the defaults, its names filled in. Whatever is no section is left to the check. */
export const completed = (device: unknown, ...defaults: readonly unknown[]): unknown => {
  const merged = overlay(defaults.filter(isTree).reduce<unknown>(overlay, undefined), device);
  if (!isTree(merged)) return merged;
  const { device_id, camera_name } = merged;
  const entries = Object.entries(merged).map(([key, value]) => [
    key,
    WITH_BLANKS.includes(key) ? filled(value, { device_id, camera_name }) : value,
  ]);
  return Object.fromEntries(entries);
};
