import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Matrix3 } from '../../../src/sandbox/camera/matrix.js';
import {
  choosePointing,
  drawBacklashDeg,
  drawPointing,
  type HeadTerms,
  IDEAL_POINTING,
  mountFromBody,
  type Pointing,
  principalPointAt,
} from '../../../src/sandbox/camera/pointing.js';
import { attitudeOf, IDEAL_HEAD } from '../../../src/solve/head/pointing-model.js';

const RAD = Math.PI / 180;
const SEEDS = Array.from({ length: 3000 }, (_, seed) => seed);

const angle = (mostDeg: number) => fc.double({ min: -mostDeg, max: mostDeg, noNaN: true });
const anyPan = angle(175);
const anyTilt = angle(60);
const anySmall = angle(1);

/** The head with nothing wrong but these terms. */
const headWith = (terms: Partial<HeadTerms>): HeadTerms => ({ ...IDEAL_POINTING, ...terms });

/** Where the camera looks: to the right of the mount's forward and up from its level, degrees. */
const gazeOf = (m: Matrix3): { azimuthDeg: number; elevationDeg: number } => ({
  azimuthDeg: Math.atan2(m[3], m[0]) / RAD,
  elevationDeg: Math.asin(-m[6]) / RAD,
});

/** How far the right side of the picture is below its left, degrees. */
const dipOf = (m: Matrix3): number => Math.asin(m[7]) / RAD;

const expectClose = (a: ArrayLike<number>, b: ArrayLike<number>): void =>
  expect(Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at]!)))).toBeLessThan(1e-12);

describe('where a virtual head points', () => {
  it('is Rz(pan)·Ry(tilt) when it is ideal', () => {
    fc.assert(
      fc.property(anyPan, anyTilt, (panDeg, tiltDeg) => {
        const [cp, sp] = [Math.cos(panDeg * RAD), Math.sin(panDeg * RAD)];
        const [ct, st] = [Math.cos(tiltDeg * RAD), Math.sin(tiltDeg * RAD)];
        const expected = [cp * ct, -sp, cp * st, sp * ct, cp, sp * st, -st, 0, ct];
        expectClose(mountFromBody(IDEAL_POINTING, panDeg, tiltDeg), expected);
      }),
    );
  });

  it('is what the solver takes it for, though the two share no line', () => {
    const [small, gain] = [anySmall, angle(0.005)];
    const anyTerms = fc.record({
      ...{ tiltAxisDeg: small, tiltZeroDeg: small, collimationDeg: small, rollDeg: small },
      ...{ panGain: gain, tiltGain: gain, eccentricitySinDeg: small, eccentricityCosDeg: small },
    });
    fc.assert(
      fc.property(anyTerms, anyPan, anyTilt, (terms, panDeg, tiltDeg) => {
        const solvers = {
          ...IDEAL_HEAD,
          ...{ tiltAxis: terms.tiltAxisDeg * RAD, tiltZero: terms.tiltZeroDeg * RAD },
          ...{ collimation: terms.collimationDeg * RAD, roll: terms.rollDeg * RAD },
          ...{ panGain: terms.panGain, tiltGain: terms.tiltGain },
          eccentricitySin: terms.eccentricitySinDeg * RAD,
          eccentricityCos: terms.eccentricityCosDeg * RAD,
        };
        const at = { panRad: panDeg * RAD, tiltRad: tiltDeg * RAD };
        expectClose(mountFromBody(terms, panDeg, tiltDeg), attitudeOf(solvers, at));
      }),
    );
  });

  it('dips to the right at every pan when the tilt axis does', () => {
    fc.assert(
      fc.property(anySmall, anyPan, (tiltAxisDeg, panDeg) => {
        const level = mountFromBody(headWith({ tiltAxisDeg }), panDeg, 0);
        expect(dipOf(level)).toBeCloseTo(tiltAxisDeg, 9);
        expect(gazeOf(level).azimuthDeg).toBeCloseTo(panDeg, 9);
        // Turned about a crooked axis, the camera goes aside as it looks up.
        const up = gazeOf(mountFromBody(headWith({ tiltAxisDeg }), 0, 45));
        expect(up.azimuthDeg).toBeCloseTo(Math.atan(Math.sin(tiltAxisDeg * RAD)) / RAD, 9);
      }),
    );
  });

  it('is raised at every tilt by the tilt zero, and by its gain in proportion', () => {
    fc.assert(
      fc.property(anySmall, angle(0.005), anyPan, anyTilt, (tiltZeroDeg, tiltGain, panDeg, tiltDeg) => {
        const seen = gazeOf(mountFromBody(headWith({ tiltZeroDeg, tiltGain }), panDeg, tiltDeg));
        expect(seen.elevationDeg).toBeCloseTo(tiltDeg * (1 + tiltGain) + tiltZeroDeg, 9);
        expect(seen.azimuthDeg).toBeCloseTo(panDeg, 9);
      }),
    );
  });

  it('lies aside of the tilt axis by the collimation', () => {
    fc.assert(
      fc.property(anySmall, anyPan, anyTilt, (collimationDeg, panDeg, tiltDeg) => {
        const m = mountFromBody(headWith({ collimationDeg }), panDeg, tiltDeg);
        const alongTiltAxis = -Math.sin(panDeg * RAD) * m[0] + Math.cos(panDeg * RAD) * m[3];
        expect(Math.asin(alongTiltAxis) / RAD).toBeCloseTo(collimationDeg, 9);
      }),
    );
  });

  it('is not changed by the roll, which turns the picture about it', () => {
    fc.assert(
      fc.property(anySmall, anyPan, anyTilt, (rollDeg, panDeg, tiltDeg) => {
        const m = mountFromBody(headWith({ rollDeg }), panDeg, tiltDeg);
        const seen = gazeOf(m);
        expect(seen.azimuthDeg).toBeCloseTo(panDeg, 9);
        expect(seen.elevationDeg).toBeCloseTo(tiltDeg, 9);
        expect(m[7]).toBeCloseTo(Math.sin(rollDeg * RAD) * Math.cos(tiltDeg * RAD), 12);
      }),
    );
  });

  it('goes ahead of pan by the gain, from 0 on', () => {
    fc.assert(
      fc.property(angle(0.005), anyPan, (panGain, panDeg) => {
        const seen = gazeOf(mountFromBody(headWith({ panGain }), panDeg, 0));
        expect(seen.azimuthDeg).toBeCloseTo(panDeg * (1 + panGain), 9);
      }),
    );
  });

  it.each([
    [0, 0.04],
    [90, 0.03],
    [-90, -0.03],
    [180, -0.04],
  ])('sways about pan %d by what the pan circle is off its centre', (panDeg, errorDeg) => {
    const head = headWith({ eccentricitySinDeg: 0.03, eccentricityCosDeg: 0.04 });
    const ideal = mountFromBody(IDEAL_POINTING, panDeg + errorDeg, -7);
    expectClose(mountFromBody(head, panDeg, -7), ideal);
  });
});

describe('the principal point of a virtual lens', () => {
  const principal = { xShare: 0.01, yShare: -0.004 };
  const wander = { xShare: -0.012, yShare: 0.006 };
  const pointing: Pointing = { ...IDEAL_POINTING, principal, wander };

  it('wanders from the widest zoom to the longest, by the same for each doubling', () => {
    expect(principalPointAt(pointing, [1, 4], 1)).toEqual(principal);
    const halfway = principalPointAt(pointing, [1, 4], 2);
    expect(halfway.xShare).toBeCloseTo(0.004, 12);
    expect(halfway.yShare).toBeCloseTo(-0.001, 12);
    const longest = principalPointAt(pointing, [1, 4], 4);
    expect(longest.xShare).toBeCloseTo(-0.002, 12);
    expect(longest.yShare).toBeCloseTo(0.002, 12);
  });

  it('stays where it is in a lens without zoom', () => {
    expect(principalPointAt(pointing, [1, 1], 1)).toEqual(principal);
  });
});

describe('the head that a virtual camera is given', () => {
  const deviation = (values: readonly number[]): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const drawn = SEEDS.map((seed) => drawPointing(seed, false));

  it('is the same for the same seed and another for another', () => {
    expect(drawPointing(17, false)).toEqual(drawn[17]);
    expect(new Set(drawn.map(({ tiltZeroDeg }) => tiltZeroDeg)).size).toBe(SEEDS.length);
  });

  it.each<[string, (of: Pointing) => number, sigma: number, cut: number]>([
    ['tilt axis', ({ tiltAxisDeg }) => tiltAxisDeg, 0.25, 0.7],
    ['tilt zero', ({ tiltZeroDeg }) => tiltZeroDeg, 0.25, 0.7],
    ['collimation', ({ collimationDeg }) => collimationDeg, 0.25, 0.7],
    ['roll', ({ rollDeg }) => rollDeg, 0.25, 0.7],
    ['pan gain', ({ panGain }) => panGain, 0.001, 0.003],
    ['tilt gain', ({ tiltGain }) => tiltGain, 0.001, 0.003],
    ['eccentricity by sine', ({ eccentricitySinDeg }) => eccentricitySinDeg, 0.02, 0.06],
    ['eccentricity by cosine', ({ eccentricityCosDeg }) => eccentricityCosDeg, 0.02, 0.06],
    ['principal point across', ({ principal }) => principal.xShare, 0.006, 0.015],
    ['principal point down', ({ principal }) => principal.yShare, 0.006, 0.015],
  ])('scatters as heads do and no farther: %s', (_, of, sigma, cut) => {
    const values = drawn.map(of);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(cut);
    expect(deviation(values) / sigma).toBeGreaterThan(0.9);
    expect(deviation(values) / sigma).toBeLessThan(1.05);
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(sigma / 10);
  });

  it('has a principal point that wanders by at most 20 of 1280 pixels', () => {
    const ways = drawn.map(({ wander }) => Math.hypot(wander.xShare, wander.yShare) * 1280);
    expect(Math.max(...ways)).toBeLessThanOrEqual(20);
    expect(Math.max(...ways)).toBeGreaterThan(19);
    expect(Math.min(...ways)).toBeLessThan(1);
  });

  it('counts a whole turn as a whole turn when it turns endlessly, and is the same otherwise', () => {
    SEEDS.forEach((seed) => expect(drawPointing(seed, true)).toEqual({ ...drawn[seed], panGain: 0 }));
  });

  it('has gears with a play of 0.02° at most', () => {
    const plays = SEEDS.map(drawBacklashDeg);
    expect(Math.min(...plays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...plays)).toBeLessThanOrEqual(0.02);
    expect(plays.reduce((sum, play) => sum + play, 0) / plays.length).toBeCloseTo(0.01, 3);
    expect(drawBacklashDeg(17)).toBe(plays[17]);
  });

  it('is ideal only by name, or but for the terms that are named', () => {
    expect(choosePointing('ideal', 17, true)).toBe(IDEAL_POINTING);
    expect(choosePointing('drawn', 17, false)).toEqual(drawn[17]);
    expect(choosePointing({ rollDeg: -1 }, 17, true)).toEqual({ ...IDEAL_POINTING, rollDeg: -1 });
  });

  it('cannot turn endlessly with a pan gain: its picture would jump at the seam', () => {
    expect(choosePointing({ panGain: 0.002 }, 17, false).panGain).toBe(0.002);
    expect(() => choosePointing({ panGain: 0.002 }, 17, true)).toThrow(
      expect.objectContaining({ code: 'head_impossible', remedy: expect.stringContaining('end stops') }),
    );
  });
});
