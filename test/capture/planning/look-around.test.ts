import { describe, expect, it } from '@jest/globals';
import { looksAround } from '../../../src/capture/planning/look-around.js';
import { givenHfovDeg, planFromSettings } from '../../../src/capture/planning/scan-plan.js';
import type { DeviceSettings } from '../../../src/config/settings.js';
import { fakeDevice } from '../../fakes/fake-settings.js';

const ptz = (changes: Partial<DeviceSettings['ptz']>): DeviceSettings['ptz'] => ({
  ...{ panRangeDeg: [-180, 180], tiltRangeDeg: [-90, 20], zoomRange: [1, 30], panSign: 1, tiltSign: 1 },
  ...changes,
});

const looks = (panDeg: number, tiltDeg: number, changes: Partial<DeviceSettings['ptz']> = {}) =>
  looksAround({ panDeg, tiltDeg, zoom: 12 }, { ptz: ptz(changes) });

describe('looking around', () => {
  it('begins where the camera stands, at its widest zoom', () => {
    expect(looks(20, -5)[0]).toEqual({ panDeg: 20, tiltDeg: -5, zoom: 1 });
    expect(looks(20, -5, { zoomRange: [2, 9] })[0]).toEqual({ panDeg: 20, tiltDeg: -5, zoom: 2 });
    expect(looks(20, -5, { zoomRange: null })[0]).toEqual({ panDeg: 20, tiltDeg: -5, zoom: 1 });
  });

  it('turns to the right and down, across the seam of a head that turns all around', () => {
    expect(looks(178, -5).map(({ panDeg }) => panDeg)).toEqual([178, 179.5, -178, -174, -175, -178]);
    expect(looks(0, -5).map(({ tiltDeg }) => tiltDeg)).toEqual([-5, -5, -5, -5, -9, -6.5]);
  });

  it('turns to the other side where the range ends', () => {
    const there = looks(168, -88, { panRangeDeg: [-170, 170] });
    expect(there.map(({ panDeg }) => panDeg)).toEqual([168, 166.5, 164, 160, 161, 164]);
    expect(there.map(({ tiltDeg }) => tiltDeg)).toEqual([-88, -88, -88, -88, -84, -86.5]);
  });

  it('turns less in a range that has no room for more, and counts pan as the range does', () => {
    const there = looks(359, 1, { panRangeDeg: [-3, 3], tiltRangeDeg: [-1, 2] });
    expect(Math.max(...there.map(({ panDeg }) => panDeg))).toBe(3);
    expect(there[0]!.panDeg).toBe(-1);
    expect(Math.min(...there.map(({ tiltDeg }) => tiltDeg))).toBe(-1);
  });
});

describe('a plan from the settings', () => {
  const lens = { zoomToHfovDeg: [[1, 60]], k1: 0, k2: 0 } as const;
  const zoomsOf = (device: DeviceSettings): number[] => [
    ...new Set(planFromSettings(device)?.stops.map(({ zoom }) => zoom)),
  ];

  it('needs a lens', () => {
    const device = { ...fakeDevice('site-a', 'cam-1', 'north'), ptz: ptz({}) };
    expect(planFromSettings(device)).toBeNull();
    expect(planFromSettings({ ...device, lens })).toMatchObject({ rowCount: 5, leftOut: [] });
  });

  it('leaves the lens at its widest where telemetry does not tell when it has come to rest', () => {
    const device = { ...fakeDevice('site-a', 'cam-1', 'north'), ptz: ptz({ zoomRange: [2, 30] }), lens };
    const axis = { path: 'zoom', unit: 'magnification', sign: 1, range: null } as const;
    expect(device.telemetry.zoom).toBeNull();
    expect(zoomsOf(device)).toEqual([2]);
    expect(zoomsOf({ ...device, telemetry: { ...device.telemetry, zoom: axis } })).toEqual([2, 4, 8]);
  });
});

describe('a given lens', () => {
  it('is magnified from the nearest zoom known', () => {
    const lens = { zoomToHfovDeg: [[1, 60] as const, [10, 6.6] as const] };
    expect(givenHfovDeg(lens, 1)).toBeCloseTo(60, 9);
    expect(givenHfovDeg(lens, 10)).toBeCloseTo(6.6, 9);
    expect(givenHfovDeg(lens, 2)).toBeCloseTo(32.2, 1);
  });
});
