import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg, wrapDeg } from '../../src/geometry/angles.js';

describe('angles', () => {
  it('wraps any pan into [-180, 180)', () => {
    expect([0, 180, -180, 190, -190, 720.5].map(wrapDeg)).toEqual([0, -180, -180, -170, 170, 0.5]);
  });

  it('turns degrees into radians and back', () => {
    expect(degFromRad(radFromDeg(12.5))).toBeCloseTo(12.5, 12);
  });
});
