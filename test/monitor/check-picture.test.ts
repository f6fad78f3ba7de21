import { describe, expect, it } from '@jest/globals';
import { shiftOf } from '../../src/monitor/check-picture.js';

const SIZE = { widthPx: 1280, heightPx: 720 };
const VIEW = { panDeg: 40, tiltDeg: 0, focalPx: 1108, k1: 0, k2: 0 };

describe('the shift drawn in the picture', () => {
  it('moves the scene left when the camera looks too far right', () => {
    const shift = shiftOf({ yaw: 1, pitch: 0, roll: 0 }, VIEW, SIZE);
    expect(shift?.dx).toBeCloseTo(-1108 * Math.tan(Math.PI / 180), 6);
    expect(shift?.dy).toBeCloseTo(0, 6);
  });

  it('moves the scene down when the camera looks too high', () => {
    const shift = shiftOf({ yaw: 0, pitch: 1, roll: 0 }, { ...VIEW, panDeg: 0 }, SIZE);
    expect(shift?.dy).toBeCloseTo(1108 * Math.tan(Math.PI / 180), 6);
  });

  it('turns the scene against the camera', () => {
    const shift = shiftOf({ yaw: 0, pitch: 0, roll: 2 }, { ...VIEW, panDeg: 0 }, SIZE);
    expect(shift?.rollDeg).toBeCloseTo(-2, 6);
  });
});
