import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { radFromDeg } from '../../../src/geometry/angles.js';
import { bearingFromPixel, centredLens } from '../../../src/geometry/lens.js';
import { invertSymmetric } from '../../../src/geometry/linear.js';
import { seededRandom } from '../../../src/geometry/random.js';
import {
  emptyRow,
  fillResidual,
  focalScaleSigmaOf,
  refineRotation,
  TURN_PARAMETERS,
  turnedView,
  turnSigmaRad,
} from '../../../src/solve/estimation/rotation-refinement.js';
import type { CaptureGeometry, Observation } from '../../../src/solve/model/observation.js';
import {
  angleBetween, exponential, fromEuler, fromPanTilt, identity, logarithm, multiply, rotate, transpose, type Mat3, type Vec3,
} from '../../../src/geometry/rotation.js'; // prettier-ignore

const SIZE = { widthPx: 1280, heightPx: 720 };
/** Its optical axis meets the picture beside the middle, as everywhere. */
const LENS = { ...centredLens(1100, -0.06, 0.01, 1280, 720), centreX: 648, centreY: 352 };
const FOCAL_PRIOR = 0.004;
const angle = (limitDeg: number): fc.Arbitrary<number> =>
  fc.double({ min: -limitDeg, max: limitDeg, noNaN: true }).map(radFromDeg);
const small = fc.tuple(angle(4), angle(4), angle(4));
const any = fc.tuple(angle(179), angle(80), angle(179));

interface Setting {
  readonly capture: CaptureGeometry;
  readonly observations: readonly Observation[];
}

const looks = [[-100, -6], [15, 9]] as const; // prettier-ignore

interface Seen {
  /** Added to pan, degrees. */
  readonly pan?: number;
  readonly points?: number;
  /** True focal length over the expected one. */
  readonly focalScale?: number;
  readonly wrong?: boolean;
}

/** What a capture sees of a mount that has turned by `turn`: half a pixel of noise, every tenth match wrong. */
const settingOf = (
  turn: Mat3,
  seed: number,
  { pan: turned = 0, points = 120, focalScale = 1, wrong = true }: Seen = {},
): Setting => {
  const random = seededRandom(seed);
  const [pan, tilt] = looks[seed % 2]!;
  const capture = { claimed: fromPanTilt(radFromDeg(pan + turned), radFromDeg(tilt)), lens: LENS };
  const lens = { ...LENS, focalPx: LENS.focalPx * focalScale };
  const observations = Array.from({ length: points }, (_, landmarkId): Observation => {
    const [x, y] = [20 + 1240 * random(), 20 + 680 * random()];
    const isWrong = wrong && landmarkId % 10 === 9;
    const [dx, dy] = isWrong ? [9 * random(), -9 * random()] : [random() - 0.5, random() - 0.5];
    const landmark = rotate(multiply(turn, capture.claimed), bearingFromPixel(lens, x, y));
    return { landmarkId, x: x + dx, y: y + dy, landmark, spread: 1 };
  });
  return { capture, observations };
};

const refined = (setting: Setting, start = identity()) =>
  refineRotation({ ...setting, ...SIZE, focalPrior: FOCAL_PRIOR }, start);

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
        turnSigmaRad(a).forEach((sigma, i) => expect(turnSigmaRad(b)[i]! / sigma).toBeCloseTo(1, 3));
      }),
      runs,
    );
  });

  it('does not change with whole turns of pan', () => {
    fc.assert(
      fc.property(small, fc.integer({ min: -4, max: 4 }), (euler, turns) => {
        const turn = fromEuler(...euler);
        const other = refined(settingOf(turn, 3, { pan: 360 * turns }));
        expect(angleBetween(other.rotation, refined(settingOf(turn, 3)).rotation)).toBeLessThan(1e-6);
      }),
      runs,
    );
  });

  it('turns with a common rotation of scan and capture', () => {
    fc.assert(
      fc.property(small, any, (euler, common) => {
        const { capture, observations } = settingOf(fromEuler(...euler), 5);
        const everything = fromEuler(...common);
        const turned: Setting = {
          capture: { ...capture, claimed: multiply(everything, capture.claimed) },
          observations: observations.map((one) => ({ ...one, landmark: rotate(everything, one.landmark) })),
        };
        const [own, other] = [refined({ capture, observations }), refined(turned)];
        const expected = multiply(multiply(everything, own.rotation), transpose(everything));
        expect(angleBetween(other.rotation, expected)).toBeLessThan(1e-6);
        expect(other.focalScale).toBeCloseTo(own.focalScale, 6);
      }),
      runs,
    );
  });

  it('comes with the focal length, also where that is far from what was expected', () => {
    const turn = fromEuler(0.02, -0.01, 0.03);
    for (const focalScale of [0.97, 1, 1.06]) {
      const found = refined(settingOf(turn, 4, { focalScale }));
      expect(found.focalScale).toBeCloseTo(focalScale, 3);
      expect(angleBetween(found.rotation, turn)).toBeLessThan(radFromDeg(0.02));
      expect(found.converged).toBe(true);
    }
  });
});

describe('its standard errors', () => {
  /** Errors of many captures over their standard errors, rms: about the mount's x, y, z, and of the focal length. */
  const scatterOf = (points: number): number[] => {
    const turn = fromEuler(0.01, 0.02, -0.015);
    const tries = Array.from({ length: 150 }, (_, i) => {
      const found = refined(settingOf(turn, 2000 + 2 * i, { points }));
      const [x, y, z] = logarithm(multiply(found.rotation, transpose(turn)));
      const sigma = (k: number): number => Math.sqrt(found.covariance![k * (TURN_PARAMETERS + 1)]!);
      return [x, y, z, Math.log(found.focalScale)].map((error, k) => error / sigma(k));
    });
    return [0, 1, 2, 3].map((k) =>
      Math.sqrt(tries.reduce((sum, errors) => sum + errors[k]! ** 2, 0) / tries.length),
    );
  };

  it.each([60, 400])('tell how far it is off, with %i points', (points) => {
    for (const rms of scatterOf(points)) {
      expect(rms).toBeGreaterThan(0.65);
      expect(rms).toBeLessThan(1.35);
    }
  });

  it('are none where nothing is seen', () => {
    const { capture } = settingOf(identity(), 1);
    const blind = refined({ capture, observations: [] });
    expect(turnSigmaRad(blind)).toEqual([Infinity, Infinity, Infinity]);
    expect(focalScaleSigmaOf(blind)).toBe(Infinity);
  });

  it('are never smaller than those of independent points', () => {
    const found = refined(settingOf(identity(), 6));
    const plain = invertSymmetric(found.information, TURN_PARAMETERS)!;
    for (let at = 0; at < TURN_PARAMETERS ** 2; at += TURN_PARAMETERS + 1)
      expect(found.covariance![at]).toBeGreaterThanOrEqual(plain[at]!);
  });

  it('leave wrong matches out', () => {
    const { weights, observations } = (() => {
      const setting = settingOf(identity(), 8);
      return { ...setting, ...refined(setting) };
    })();
    const wrong = observations.filter((_, i) => i % 10 === 9 && weights[i] === 0).length;
    const right = observations.filter((_, i) => i % 10 !== 9 && weights[i]! > 0).length;
    expect(wrong).toBeGreaterThanOrEqual(9);
    expect(right).toBe(108);
  });
});

describe('the Jacobian of a residual', () => {
  const STEP = 1e-6;

  it('is what finite differences give, by rotation and focal length', () => {
    fc.assert(
      fc.property(small, fc.nat(1000), (euler, seed) => {
        const rotation = fromEuler(...euler);
        const { capture, observations } = settingOf(rotation, seed);
        const observation = observations[seed % observations.length]!;
        const at = (w: Vec3, focalScale: number) => {
          const row = emptyRow();
          const view = turnedView(capture, { rotation: multiply(exponential(w), rotation), focalScale });
          expect(fillResidual(observation, view, row)).toBe(true);
          return row;
        };
        const row = at([0, 0, 0], 1);
        for (let k = 0; k < TURN_PARAMETERS; k++) {
          const w = [0, 1, 2].map((i) => (i === k ? STEP : 0)) as [number, number, number];
          const back = w.map((value) => -value) as [number, number, number];
          const ahead = at(w, k === 3 ? Math.exp(STEP) : 1);
          const behind = at(back, k === 3 ? Math.exp(-STEP) : 1);
          expect(Math.abs(row.ju[k]! - (ahead.u - behind.u) / (2 * STEP))).toBeLessThan(0.001);
          expect(Math.abs(row.jv[k]! - (ahead.v - behind.v) / (2 * STEP))).toBeLessThan(0.001);
        }
      }),
      runs,
    );
  });

  it('is none behind the image plane', () => {
    const { capture } = settingOf(identity(), 1);
    const view = turnedView(capture, { rotation: identity(), focalScale: 1 });
    const [x, y, z] = rotate(capture.claimed, [1, 0, 0]);
    expect(fillResidual({ landmark: [-x, -y, -z], x: 0, y: 0 }, view, emptyRow())).toBe(false);
  });
});
