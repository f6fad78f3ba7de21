import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../src/geometry/angles.js';
import { fromPanTilt, multiply, toEuler, transpose } from '../../src/geometry/rotation.js';
import { mountFromBody } from '../../src/sandbox/camera/pointing.js';
import { IDEAL_HEAD_VIEW, ORDINARY_HEAD, renderView, type View, type ViewHead } from './render-view.js';

const view: View = { widthPx: 160, heightPx: 120, hfovDeg: 60, k1: -0.05, panDeg: 20, tiltDeg: -8 };
const shown = (changes: Partial<View>): Uint8Array => renderView({ ...view, ...changes });
const headWith = (terms: Partial<ViewHead>): { head: ViewHead } => ({
  head: { ...IDEAL_HEAD_VIEW, ...terms },
});

/** Mean difference of two pictures, levels. */
const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, level, at) => sum + Math.abs(level - b[at]!), 0) / a.length;

describe("the tests' own renderer", () => {
  it('has the ideal head unless it is given another', () => {
    expect(shown({})).toEqual(shown({ head: IDEAL_HEAD_VIEW }));
    expect(difference(shown({}), shown({ head: ORDINARY_HEAD }))).toBeGreaterThan(5);
  });

  it.each<[string, Partial<View>, Partial<View>]>([
    ['tilt zero', headWith({ tiltZeroDeg: 0.5 }), { tiltDeg: -7.5 }],
    ['tilt gain', headWith({ tiltGain: 0.25 }), { tiltDeg: -10 }],
    ['pan gain', headWith({ panGain: 0.1 }), { panDeg: 22 }],
    ['eccentricity, sine', { ...headWith({ eccentricitySinDeg: 0.5 }), panDeg: 90 }, { panDeg: 90.5 }],
    ['eccentricity, cosine', { ...headWith({ eccentricityCosDeg: 0.5 }), panDeg: 0 }, { panDeg: 0.5 }],
    ['collimation', { ...headWith({ collimationDeg: 0.5 }), tiltDeg: 0 }, { panDeg: 20.5, tiltDeg: 0 }],
    [
      'tilt axis',
      { ...headWith({ tiltAxisDeg: 2 }), panDeg: 0, tiltDeg: 5 },
      { panDeg: 0, tiltDeg: 5, offsetDeg: [0, 0, 2] },
    ],
    [
      'roll',
      { ...headWith({ rollDeg: 2 }), panDeg: 0, tiltDeg: 0 },
      { panDeg: 0, tiltDeg: 0, offsetDeg: [0, 0, 2] },
    ],
  ])('turns the camera by each term: %s', (_, crooked, straight) => {
    expect(difference(shown(crooked), shown(straight))).toBeLessThan(0.01);
  });

  it('moves the picture with the principal point', () => {
    const moved = shown({ k1: 0, ...headWith({ principalShare: [0.05, -0.025] }) });
    const middle = shown({ k1: 0 });
    for (let row = 10; row < 100; row++)
      expect(moved.slice(row * 160 + 8, row * 160 + 160)).toEqual(
        middle.slice((row + 4) * 160, (row + 4) * 160 + 152),
      );
  });

  it('points an ordinary head as the sandbox does, though the two share no line', () => {
    const body = Float64Array.from(mountFromBody(ORDINARY_HEAD, view.panDeg, view.tiltDeg));
    const claimed = fromPanTilt(radFromDeg(view.panDeg), radFromDeg(view.tiltDeg));
    const { yawRad, pitchRad, rollRad } = toEuler(multiply(body, transpose(claimed)));
    const offsetDeg = [degFromRad(yawRad), degFromRad(pitchRad), degFromRad(rollRad)] as const;
    const { principalShare } = ORDINARY_HEAD;
    const straight = shown({ ...headWith({ principalShare }), offsetDeg });
    expect(difference(shown({ head: ORDINARY_HEAD }), straight)).toBeLessThan(0.01);
  });
});
