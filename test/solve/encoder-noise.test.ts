import { describe, expect, it } from '@jest/globals';
import { radFromDeg } from '../../src/geometry/angles.js';
import { fromPanTilt } from '../../src/geometry/rotation.js';
import { encoderSigmaOf, encoderSigmaOfQuery } from '../../src/solve/encoder-noise.js';

const at = (panDeg: number) => fromPanTilt(radFromDeg(panDeg), radFromDeg(-8));

describe('the encoders’ noise', () => {
  it('is what the scan’s frame lost by averaging over its stops', () => {
    const { panRad, tiltRad } = encoderSigmaOf([0.0003, 0.0004, 0.001], 36);
    expect(panRad).toBeCloseTo(0.006, 12);
    expect(tiltRad).toBeCloseTo(0.003, 12);
  });

  it('at one capture goes into yaw, and about its own tilt axis into pitch and roll', () => {
    const encoders = { panRad: 0.002, tiltRad: 0.001 };
    const [x, y, z] = encoderSigmaOfQuery(encoders, [at(0)]);
    expect([x, y, z].map((value) => Number(value.toFixed(9)))).toEqual([0, 0.001, 0.002]);
    const aside = encoderSigmaOfQuery(encoders, [at(90)]);
    expect(aside[0]).toBeCloseTo(0.001, 12);
    expect(aside[1]).toBeCloseTo(0, 12);
  });

  it('averages over captures', () => {
    const [x, y, z] = encoderSigmaOfQuery({ panRad: 0.002, tiltRad: 0.001 }, [
      at(0),
      at(90),
      at(180),
      at(270),
    ]);
    expect(z).toBeCloseTo(0.001, 12);
    expect(Math.hypot(x, y)).toBeCloseTo(0.0005, 12);
  });
});
