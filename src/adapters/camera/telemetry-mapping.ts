import type { AxisMapping, DeviceSettings } from '../../config/settings.js';
import { degFromRad } from '../../geometry/angles.js';
import { AppError } from '../../ports/app-error.js';
import type { TelemetrySample } from '../../ports/telemetry.js';

/** The value at a dotted path (`a.b.0.c`), undefined where there is none. A key that itself holds dots wins. */
const valueAt = (payload: unknown, path: string): unknown => {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (Object.hasOwn(payload, path)) return (payload as Record<string, unknown>)[path];
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const head = path.slice(0, dot);
  if (!Object.hasOwn(payload, head)) return undefined;
  return valueAt((payload as Record<string, unknown>)[head], path.slice(dot + 1));
};

const malformed = (what: string): AppError =>
  new AppError(
    'telemetry_malformed',
    `A telemetry message cannot be used: ${what}.`,
    'Compare the telemetry section of devices.yaml with what the device publishes.',
  );

const numberAt = (payload: unknown, path: string): number => {
  const value = valueAt(payload, path);
  if (value === undefined || value === null) throw malformed(`field ${path} is missing`);
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const number = isNumeric ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw malformed(`field ${path} is not a number`);
  return number;
};

/** degrees = sign * (value in degrees); a normalised axis is spread over its range first, zoom from 0, others from −1. */
const axisValue = (payload: unknown, axis: AxisMapping, isZoom: boolean): number => {
  const value = numberAt(payload, axis.path);
  if (axis.unit === 'rad') return axis.sign * degFromRad(value);
  if (axis.unit !== 'normalized') return axis.sign * value;
  if (axis.range === null) throw malformed(`field ${axis.path} is normalized but has no range`);
  const [low, high] = axis.range;
  const share = isZoom ? value : (value + 1) / 2;
  return axis.sign * (low + share * (high - low));
};

const optional = (payload: unknown, axis: AxisMapping | null): number | null => {
  if (axis === null) return null;
  const value = valueAt(payload, axis.path);
  return value === undefined || value === null ? null : axisValue(payload, axis, false);
};

const magnification = (payload: unknown, axis: AxisMapping | null): number => {
  if (axis === null) return 1;
  const zoom = axisValue(payload, axis, true);
  if (zoom <= 0) throw malformed(`field ${axis.path} gives a zoom of ${zoom}, which is not a magnification`);
  return zoom;
};

/** A message's JSON, whatever it is; an AppError `telemetry_malformed` (as a value) when it is none. */
export const parseTelemetry = (payload: Buffer | string): unknown => {
  const text = payload.toString();
  try {
    return JSON.parse(text);
  } catch {
    return malformed(
      text.trim() === '' ? 'it is empty' : 'it is not valid JSON (it may be truncated or contain NaN)',
    );
  }
};

/** Scalars alone name a device; anything else is no name. */
const nameOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

/**
 * One telemetry message, parsed, in product units and signs. Answers the sample, or an AppError `telemetry_malformed` (as a value:
 * following goes on after it), or `other device` when the message speaks of another one.
 */
export const mapTelemetry = (
  mapping: DeviceSettings['telemetry'],
  message: unknown,
  receivedAtMs: number,
  retained: boolean,
): TelemetrySample | AppError | 'other device' => {
  if (message instanceof AppError) return message;
  try {
    const { match } = mapping;
    if (match !== null && nameOf(valueAt(message, match.path)) !== match.value) return 'other device';
    return {
      panDeg: axisValue(message, mapping.pan, false),
      tiltDeg: axisValue(message, mapping.tilt, false),
      zoom: magnification(message, mapping.zoom),
      yawDeg: optional(message, mapping.yaw),
      pitchDeg: optional(message, mapping.pitch),
      rollDeg: optional(message, mapping.roll),
      receivedAtMs,
      retained,
    };
  } catch (fault) {
    if (fault instanceof AppError) return fault;
    throw fault;
  }
};
