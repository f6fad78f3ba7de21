import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../src/geometry/angles.js';
import { pixelFromBearing, type Lens } from '../../src/geometry/lens.js';
import { seededRandom } from '../../src/geometry/random.js';
import { fromPanTilt, rotate, transpose, type Mat3, type Vec3 } from '../../src/geometry/rotation.js';
import { adjustBundle, type Tie } from '../../src/solve/bundle-adjustment.js';
import { LENS } from '../support/synthetic-scan.js';

const PANS = Array.from({ length: 24 }, (_, i) => i * 15 - 180);
const NOISE_DEG = 0.03;

const random = seededRandom(11);
const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const claimed = PANS.map((pan) => fromPanTilt(radFromDeg(pan), radFromDeg(-5)));
const truth = PANS.map((pan) =>
  fromPanTilt(radFromDeg(pan + NOISE_DEG * gauss()), radFromDeg(-5 + NOISE_DEG * gauss())),
);

const seenBy = (mountFromBody: Mat3, point: Vec3, lens: Lens): readonly [number, number] | null => {
  const pixel = pixelFromBearing(lens, rotate(transpose(mountFromBody), point));
  if (pixel === null || pixel[0] < 0 || pixel[1] < 0 || pixel[0] > 639 || pixel[1] > 359) return null;
  return [pixel[0] + 0.2 * gauss(), pixel[1] + 0.2 * gauss()];
};

/** Points that two neighbours see, of the pairs wanted. */
const tiesOf = (isTied: (a: number, b: number) => boolean): Tie[] => {
  const points = Array.from({ length: 4000 }, (): Vec3 => {
    const [azimuth, z] = [2 * Math.PI * random(), -0.4 + 0.6 * random()];
    const ring = Math.sqrt(1 - z * z);
    return [ring * Math.cos(azimuth), ring * Math.sin(azimuth), z];
  });
  const pairs = PANS.map((_, a) => [a, (a + 1) % PANS.length] as const).filter(([a, b]) => isTied(a, b));
  return pairs.flatMap(([stopA, stopB]) =>
    points.flatMap((point) => {
      const [a, b] = [seenBy(truth[stopA]!, point, LENS), seenBy(truth[stopB]!, point, LENS)];
      return a && b ? [{ stopA, stopB, ax: a[0], ay: a[1], bx: b[0], by: b[1] }] : [];
    }),
  );
};

const adjusted = (ties: readonly Tie[]) =>
  adjustBundle({
    ...{ claimed, lenses: [LENS], lensOf: PANS.map(() => 0), freeLens: false, ties },
    encoderSigmaRad: radFromDeg(NOISE_DEG),
  });

describe('the encoders’ noise, from what a scan’s stops turned against them', () => {
  it('is told where every stop is tied to its neighbours', () => {
    const { encoderSigmaRad, looseRad } = adjusted(tiesOf(() => true));
    expect(degFromRad(encoderSigmaRad)).toBeGreaterThan(0.6 * NOISE_DEG);
    expect(degFromRad(encoderSigmaRad)).toBeLessThan(1.3 * NOISE_DEG);
    expect(degFromRad(Math.max(...looseRad.flat()))).toBeLessThan(0.5 * NOISE_DEG);
  });

  it('is not taken to be small where hardly any are tied, and those that are not are loose by all of it', () => {
    const { encoderSigmaRad, looseRad } = adjusted(tiesOf((a) => a === 0 || a === 5 || a === 6));
    expect(degFromRad(encoderSigmaRad)).toBeGreaterThan(0.5 * NOISE_DEG);
    expect(degFromRad(looseRad[15]![2])).toBeGreaterThan(0.6 * NOISE_DEG);
    expect(looseRad[6]![2]).toBeLessThan(0.8 * looseRad[15]![2]);
  });
});
