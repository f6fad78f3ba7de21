import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { radFromDeg } from '../../src/geometry/angles.js';
import {
  bearingFromPixel,
  centredLens,
  idealFromPixelJacobian,
  LENS_PARAMETERS,
  pixelByLens,
  pixelFromBearing,
  pixelJacobian,
  type Lens,
} from '../../src/geometry/lens.js';
import {
  angleBetween,
  exponential,
  fromEuler,
  fromPanTilt,
  fromTwoBearings,
  logarithm,
  multiply,
  normalize,
  rotate,
  toEuler,
  type Vec3,
} from '../../src/geometry/rotation.js';

const angle = (limit: number): fc.Arbitrary<number> => fc.double({ min: -limit, max: limit, noNaN: true });

describe('rotations', () => {
  it('come back from Euler angles', () => {
    fc.assert(
      fc.property(angle(3.1), angle(1.4), angle(3.1), (yaw, pitch, roll) => {
        const back = toEuler(fromEuler(yaw, pitch, roll));
        expect(back.yawRad).toBeCloseTo(yaw, 9);
        expect(back.pitchRad).toBeCloseTo(pitch, 9);
        expect(back.rollRad).toBeCloseTo(roll, 9);
      }),
    );
  });

  it('come back from rotation vectors', () => {
    fc.assert(
      fc.property(angle(1.7), angle(1.7), angle(1.7), (x, y, z) => {
        logarithm(exponential([x, y, z])).forEach((v, i) => expect(v).toBeCloseTo([x, y, z][i]!, 7));
      }),
    );
  });

  it('come back from rotation vectors of nearly half a turn, up to the sign of the axis at half a turn itself', () => {
    const axes: readonly Vec3[] = [[1, 0, 0], [0, 1, 0], [0, 0, 1], normalize([1, -2, 3]), normalize([-1, 1, 0])]; // prettier-ignore
    for (const axis of axes) {
      for (const short of [1e-3, 1e-6, 1e-10, 0]) {
        const turned = exponential([axis[0] * (Math.PI - short), axis[1] * (Math.PI - short), axis[2] * (Math.PI - short)]); // prettier-ignore
        expect(angleBetween(exponential(logarithm(turned)), turned)).toBeLessThan(1e-6);
      }
    }
  });

  it('have the agreed signs: pan right, tilt up, roll right side down', () => {
    const [, right] = rotate(fromPanTilt(radFromDeg(10), 0), [1, 0, 0]);
    expect(right).toBeGreaterThan(0);
    expect(rotate(fromPanTilt(0, radFromDeg(10)), [1, 0, 0])[2]).toBeLessThan(0);
    expect(rotate(fromEuler(0, 0, radFromDeg(10)), [0, 1, 0])[2]).toBeGreaterThan(0);
  });

  it('are found from two bearings, whatever full turns pan carries', () => {
    fc.assert(
      fc.property(
        angle(3),
        angle(1),
        angle(1),
        fc.integer({ min: -3, max: 3 }),
        (yaw, pitch, roll, turns) => {
          const rotation = fromEuler(yaw + 2 * Math.PI * turns, pitch, roll);
          const [a, b]: [Vec3, Vec3] = [normalize([1, 0.2, 0.1]), normalize([1, -0.3, 0.2])];
          const found = fromTwoBearings(a, b, rotate(rotation, a), rotate(rotation, b));
          expect(angleBetween(found!, fromEuler(yaw, pitch, roll))).toBeLessThan(1e-6);
        },
      ),
    );
  });

  it('compose', () => {
    const a = exponential([0, 0, 0.3]);
    expect(toEuler(multiply(a, a)).yawRad).toBeCloseTo(0.6, 12);
  });
});

describe('lens', () => {
  const lens = centredLens(1100, -0.08, 0.01, 1280, 720);
  /** As real ones are: its optical axis meets the picture beside the middle. */
  const aside: Lens = { ...lens, centreX: 651.3, centreY: 353.8 };
  const pixels = fc.tuple(
    fc.double({ min: 0, max: 1279, noNaN: true }),
    fc.double({ min: 0, max: 719, noNaN: true }),
  );

  it('brings pixels back', () => {
    fc.assert(
      fc.property(pixels, ([u, v]) => {
        for (const each of [lens, aside]) {
          const back = pixelFromBearing(each, bearingFromPixel(each, u, v))!;
          expect(back[0]).toBeCloseTo(u, 6);
          expect(back[1]).toBeCloseTo(v, 6);
        }
      }),
    );
  });

  /** The lens with one of {@link LENS_PARAMETERS} moved. */
  const moved = (k: number, step: number): Lens => {
    const parameter = LENS_PARAMETERS[k]!;
    if (parameter === 'logFocal') return { ...aside, focalPx: aside.focalPx * Math.exp(step) };
    return { ...aside, [parameter]: aside[parameter] + step };
  };
  const stepOf = (k: number): number => (k < 3 ? 1e-6 : 1e-3);

  it('has the derivatives of ideal coordinates by its five parameters that finite differences give', () => {
    const idealOf = (changed: Lens, u: number, v: number): [number, number] => {
      const [forward, right, down] = bearingFromPixel(changed, u, v);
      return [right / forward, down / forward];
    };
    fc.assert(
      fc.property(pixels, ([u, v]) => {
        const { x, y, d } = idealFromPixelJacobian(aside, u, v);
        const ideal = idealOf(aside, u, v);
        expect(x).toBeCloseTo(ideal[0], 10);
        expect(y).toBeCloseTo(ideal[1], 10);
        LENS_PARAMETERS.forEach((_, k) => {
          const step = stepOf(k);
          const [ahead, behind] = [idealOf(moved(k, step), u, v), idealOf(moved(k, -step), u, v)];
          expect(Math.abs(d[k]! - (ahead[0] - behind[0]) / (2 * step))).toBeLessThan(1e-8);
          expect(Math.abs(d[k + 5]! - (ahead[1] - behind[1]) / (2 * step))).toBeLessThan(1e-8);
        });
      }),
    );
  });

  it('has them in its very middle, too', () => {
    const { x, y, d } = idealFromPixelJacobian(aside, aside.centreX, aside.centreY);
    expect([x, y]).toEqual([0, 0]);
    const inv = 1 / aside.focalPx;
    [0, 0, 0, -inv, 0, 0, 0, 0, 0, -inv].forEach((value, i) => expect(d[i]).toBeCloseTo(value, 15));
  });

  it('has the derivatives of a pixel by its five parameters that finite differences give', () => {
    fc.assert(
      fc.property(pixels, ([u, v]) => {
        const body = bearingFromPixel(aside, u, v);
        const d = pixelByLens(aside, body);
        LENS_PARAMETERS.forEach((_, k) => {
          const step = stepOf(k);
          const ahead = pixelFromBearing(moved(k, step), body)!;
          const behind = pixelFromBearing(moved(k, -step), body)!;
          expect(Math.abs(d[k]! - (ahead[0] - behind[0]) / (2 * step))).toBeLessThan(1e-4);
          expect(Math.abs(d[k + 5]! - (ahead[1] - behind[1]) / (2 * step))).toBeLessThan(1e-4);
        });
      }),
    );
  });

  it('has the Jacobian that finite differences give', () => {
    const body: Vec3 = [0.9, 0.31, -0.17];
    const jacobian = pixelJacobian(lens, body);
    for (let k = 0; k < 3; k++) {
      const moved = body.map((value, i) => (i === k ? value + 1e-6 : value)) as [number, number, number];
      const [u0, v0] = pixelFromBearing(lens, body)!;
      const [u1, v1] = pixelFromBearing(lens, moved)!;
      expect(jacobian[k]).toBeCloseTo((u1 - u0) / 1e-6, 1);
      expect(jacobian[3 + k]).toBeCloseTo((v1 - v0) / 1e-6, 1);
    }
  });
});
