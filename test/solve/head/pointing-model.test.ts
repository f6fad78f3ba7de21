import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { radFromDeg } from '../../../src/geometry/angles.js';
import {
  exponential,
  fromPanTilt,
  logarithm,
  multiply,
  norm,
  transpose,
} from '../../../src/geometry/rotation.js';
import {
  attitudeAtStop,
  attitudeByTerms,
  attitudeOf,
  encoderAxes,
  HEAD_TERMS,
  IDEAL_HEAD,
  withTermsAdded,
  type HeadTerms,
} from '../../../src/solve/head/pointing-model.js';

const smallRad = fc.double({ min: -0.03, max: 0.03, noNaN: true });
const gain = fc.double({ min: -0.006, max: 0.006, noNaN: true });
const heads: fc.Arbitrary<HeadTerms> = fc.record({
  ...{ tiltAxis: smallRad, tiltZero: smallRad, collimation: smallRad, roll: smallRad },
  ...{ panGain: gain, tiltGain: gain },
  ...{
    eccentricitySin: smallRad,
    eccentricityCos: smallRad,
    flexure: smallRad,
    panBacklash: smallRad,
    tiltBacklash: smallRad,
  },
});
const looks = fc.record({
  panRad: fc.double({ min: -3.5, max: 3.5, noNaN: true }),
  tiltRad: fc.double({ min: -1.5, max: 1.5, noNaN: true }),
  panWay: fc.constantFrom(-1, 0, 1),
  tiltWay: fc.constantFrom(-1, 0, 1),
});

describe('a pan-tilt head', () => {
  it('is Rz(pan)·Ry(tilt) where it is ideal', () => {
    const at = { panRad: radFromDeg(140), tiltRad: radFromDeg(-35) };
    const expected = fromPanTilt(at.panRad, at.tiltRad);
    attitudeOf(IDEAL_HEAD, at).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14));
  });

  it('raises its optical axis by the error of its tilt zero, and turns it aside by its collimation', () => {
    const at = { panRad: 0, tiltRad: 0 };
    const high = attitudeOf({ ...IDEAL_HEAD, tiltZero: 0.01 }, at);
    expect(high[6]).toBeCloseTo(-Math.sin(0.01), 12);
    const aside = attitudeOf({ ...IDEAL_HEAD, collimation: 0.01 }, at);
    expect(aside[3]).toBeCloseTo(Math.sin(0.01), 12);
  });

  it('has derivatives by its terms that agree with finite differences', () => {
    const step = 1e-6;
    fc.assert(
      fc.property(heads, looks, (head, at) => {
        const base = attitudeOf(head, at);
        attitudeByTerms(head, at).forEach((analytic, term) => {
          const nudge = new Float64Array(HEAD_TERMS.length);
          nudge[term] = step;
          const moved = attitudeOf(withTermsAdded(head, nudge), at);
          const numeric = logarithm(multiply(moved, transpose(base)));
          analytic.forEach((value, axis) => expect(numeric[axis]! / step).toBeCloseTo(value, 5));
        });
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('turns about its encoder axes where only its encoders err', () => {
    fc.assert(
      fc.property(heads, looks, (head, at) => {
        const step = 1e-6;
        const [pan, tilt] = encoderAxes(head, at);
        const byPan = attitudeOf(head, { ...at, panRad: at.panRad + step });
        const byTilt = attitudeOf(head, { ...at, tiltRad: at.tiltRad + step });
        const base = attitudeOf(head, at);
        const turnOf = (moved: Float64Array) => logarithm(multiply(moved, transpose(base)));
        // Gains and eccentricity scale the turn; its axis stays.
        const off = (a: readonly number[], b: readonly number[]): number =>
          norm([a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!]);
        expect(off(turnOf(byPan), pan) / step).toBeLessThan(1e-3);
        expect(off(turnOf(byTilt), tilt) / step).toBeLessThan(1e-3);
        const own = attitudeAtStop(head, at, [1e-3, 0, 0]);
        const expected = multiply(exponential([0, 0, 1e-3]), base);
        own.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
      }),
      { seed: 2, numRuns: 60 },
    );
  });
});
