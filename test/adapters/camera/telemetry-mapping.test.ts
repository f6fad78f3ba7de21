import { describe, expect, it } from '@jest/globals';
import { mapTelemetry, parseTelemetry } from '../../../src/adapters/camera/telemetry-mapping.js';
import type { AxisMapping, DeviceSettings } from '../../../src/config/settings.js';
import { AppError } from '../../../src/ports/app-error.js';

const axis = (path: string, change: Partial<AxisMapping> = {}): AxisMapping => ({
  path,
  unit: 'deg',
  sign: 1,
  range: null,
  ...change,
});

const mapping = (change: Partial<DeviceSettings['telemetry']> = {}): DeviceSettings['telemetry'] => ({
  topic: 'telemetry/cam-1',
  match: null,
  pan: axis('ptz.pan'),
  tilt: axis('ptz.tilt'),
  zoom: null,
  yaw: null,
  pitch: null,
  roll: null,
  ...change,
});

const map = (
  payload: unknown,
  change: Partial<DeviceSettings['telemetry']> = {},
): ReturnType<typeof mapTelemetry> =>
  mapTelemetry(
    mapping(change),
    parseTelemetry(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    5,
    false,
  );

describe('telemetry mapping', () => {
  it('reads nested fields and numeric strings', () => {
    expect(map({ ptz: { pan: '12.5', tilt: -3 } })).toMatchObject({ panDeg: 12.5, tiltDeg: -3, zoom: 1 });
  });

  it('turns radians, inverted signs and normalised ranges into degrees', () => {
    const found = map(
      { ptz: { pan: Math.PI / 2, tilt: 0.5, zoom: 0.5 } },
      {
        pan: axis('ptz.pan', { unit: 'rad' }),
        tilt: axis('ptz.tilt', { unit: 'normalized', range: [-90, 30], sign: -1 }),
        zoom: axis('ptz.zoom', { unit: 'normalized', range: [1, 31] }),
      },
    );
    expect(found).toMatchObject({ panDeg: 90, tiltDeg: -0, zoom: 16 });
  });

  it('leaves other devices of the same topic alone', () => {
    const match = { path: 'id', value: '7' };
    expect(map({ id: 8, ptz: { pan: 1, tilt: 1 } }, { match })).toBe('other device');
    expect(map({ id: 7, ptz: { pan: 1, tilt: 1 } }, { match })).toMatchObject({ panDeg: 1 });
  });

  it.each([
    ['{"ptz":{"pan":NaN,"tilt":1}}', 'it is not valid JSON (it may be truncated or contain NaN)'],
    ['', 'it is empty'],
    [{ ptz: { tilt: 1 } }, 'field ptz.pan is missing'],
    [{ ptz: { pan: 'north', tilt: 1 } }, 'field ptz.pan is not a number'],
    [{ ptz: { pan: '', tilt: 1 } }, 'field ptz.pan is not a number'],
    [{ ptz: { pan: null, tilt: 1 } }, 'field ptz.pan is missing'],
  ])('answers %j with what is wrong', (payload, reason) => {
    const fault = map(payload);
    expect(fault).toBeInstanceOf(AppError);
    expect((fault as AppError).message).toContain(reason);
  });
});
