import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { radFromDeg } from '../../src/geometry/angles.js';
import { bearingFromPixel, centredLens } from '../../src/geometry/lens.js';
import { seededRandom } from '../../src/geometry/random.js';
import {
  angleBetween, exponential, fromEuler, fromPanTilt, identity, multiply, rotate, transpose, type Mat3, type Vec3,
} from '../../src/geometry/rotation.js'; // prettier-ignore
import {
  refineRotation,
  residualOf,
  type CaptureGeometry,
  type Observation,
} from '../../src/solve/refine.js';

const LENS = centredLens(1100, -0.06, 0.01, 1280, 720);
const FOCAL_PRIOR = 0.004;
const angle = (limitDeg: number): fc.Arbitrary<number> =>
  fc.double({ min: -limitDeg, max: limitDeg, noNaN: true }).map(radFromDeg);
const small = fc.tuple(angle(4), angle(4), angle(4));
const any = fc.tuple(angle(179), angle(80), angle(179));

interface Setting {
  readonly captures: readonly CaptureGeometry[];
  readonly observations: readonly Observation[];
}

const looks = [[-100, -6], [15, 9]] as const; // prettier-ignore

/** What two captures see of a mount that has turned by `turn`: half a pixel of noise, every tenth match wrong. */
const settingOf = (turn: Mat3, seed: number, pans = [0, 0]): Setting => {
  const random = seededRandom(seed);
  const captures = looks.map(([pan, tilt], i) => ({
    claimed: fromPanTilt(radFromDeg(pan + pans[i]!), radFromDeg(tilt)),
    lens: LENS,
  }));
  const observations = Array.from({ length: 120 }, (_, i): Observation => {
    const capture = i % 2;
    const [x, y] = [20 + 1240 * random(), 20 + 680 * random()];
    const [dx, dy] = i % 10 === 9 ? [9 * random(), -9 * random()] : [random() - 0.5, random() - 0.5];
    const mountFromBody = multiply(turn, captures[capture]!.claimed);
    const landmark = rotate(mountFromBody, bearingFromPixel(LENS, x, y));
    return { capture, x: x + dx, y: y + dy, landmark, spread: 1 };
  });
  return { captures, observations };
};

const refined = ({ captures, observations }: Setting, start = identity()) =>
  refineRotation({ captures, observations, focalPrior: FOCAL_PRIOR }, start);

const runs = { numRuns: 25, seed: 7 };

describe('the refined rotation', () => {
  it('is the turn of the mount', () => {
    fc.assert(
      fc.property(small, fc.nat(1000), (euler, seed) => {
        const turn = fromEuler(...euler);
        expect(angleBetween(refined(settingOf(turn, seed)).rotation, turn)).toBeLessThan(radFromDeg(0.02));
      }),
      runs,
    );
  });

  it('does not change with the order of matches', () => {
    fc.assert(
      fc.property(small, fc.nat(1000), (euler, seed) => {
        const setting = settingOf(fromEuler(...euler), seed);
        const random = seededRandom(seed + 1);
        const shuffled = setting.observations
          .map((observation) => ({ observation, rank: random() }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ observation }) => observation);
        const [a, b] = [refined(setting), refined({ ...setting, observations: shuffled })];
        expect(angleBetween(a.rotation, b.rotation)).toBeLessThan(1e-6);
        a.sigmaRad.forEach((sigma, i) => expect(b.sigmaRad[i]! / sigma).toBeCloseTo(1, 3));
      }),
      runs,
    );
  });

  it('does not change with whole turns of pan', () => {
    const turns = fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }));
    fc.assert(
      fc.property(small, turns, (euler, [first, second]) => {
        const turn = fromEuler(...euler);
        const other = refined(settingOf(turn, 3, [360 * first, 360 * second]));
        expect(angleBetween(other.rotation, refined(settingOf(turn, 3)).rotation)).toBeLessThan(1e-6);
      }),
      runs,
    );
  });

  it('turns with a common rotation of scan and captures', () => {
    fc.assert(
      fc.property(small, any, (euler, common) => {
        const setting = settingOf(fromEuler(...euler), 5);
        const everything = fromEuler(...common);
        const turned: Setting = {
          captures: setting.captures.map(({ claimed, lens }) => ({ claimed: multiply(everything, claimed), lens })),
          observations: setting.observations.map((one) => ({ ...one, landmark: rotate(everything, one.landmark) })),
        };
        const [own, other] = [refined(setting), refined(turned)];
        const expected = multiply(multiply(everything, own.rotation), transpose(everything));
        expect(angleBetween(other.rotation, expected)).toBeLessThan(1e-6);
        expect(other.focalScale).toBeCloseTo(own.focalScale, 6);
      }),
      runs,
    );
  }); // prettier-ignore
});

describe('the Jacobian of a residual', () => {
  const STEP = 1e-6;

  it('is what finite differences give, by rotation and focal length', () => {
    fc.assert(
      fc.property(small, fc.nat(1000), (euler, seed) => {
        const rotation = fromEuler(...euler);
        const { captures, observations } = settingOf(rotation, seed);
        const observation = observations[seed % observations.length]!;
        const geometry = captures[observation.capture]!;
        const at = (w: Vec3, scale: number) =>
          residualOf(observation, geometry, multiply(exponential(w), rotation), scale)!;
        const row = at([0, 0, 0], 1);
        for (let k = 0; k < 4; k++) {
          const w = [0, 1, 2].map((i) => (i === k ? STEP : 0)) as [number, number, number];
          const back = w.map((value) => -value) as [number, number, number];
          const ahead = at(w, k === 3 ? Math.exp(STEP) : 1);
          const behind = at(back, k === 3 ? Math.exp(-STEP) : 1);
          expect(Math.abs(row.ju[k]! - (ahead.u - behind.u) / (2 * STEP))).toBeLessThan(0.05);
          expect(Math.abs(row.jv[k]! - (ahead.v - behind.v) / (2 * STEP))).toBeLessThan(0.05);
        }
      }),
      runs,
    );
  });
});
