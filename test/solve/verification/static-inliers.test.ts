import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../src/geometry/random.js';
import { identity, type Mat3 } from '../../../src/geometry/rotation.js';
import type { Refined } from '../../../src/solve/estimation/rotation-refinement.js';
import type { Motion } from '../../../src/solve/localization/overlay-motion.js';
import type { Observation } from '../../../src/solve/model/observation.js';
import { refineWithoutStill } from '../../../src/solve/verification/static-inliers.js';

/** Points about (`offPx`, 0) of where the scan's picture has them, which is the origin for all. */
const about = (count: number, offPx: number, scatterPx: number, seed: number): Observation[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (): Observation => {
    const [length, angle] = [scatterPx * Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
    const [x, y] = [offPx + length * Math.cos(angle), length * Math.sin(angle)];
    return { x, y, landmark: [1, 0, 0], landmarkId: 0, spread: 1 };
  });
};

/** An answer here is a shift to the right, which stands in for the first number of a rotation. */
const answerOf = (offPx: number): Mat3 => [offPx, ...identity().slice(1)] as unknown as Mat3;

const motion: Motion = {
  still: () => [0, 0],
  answered: (_, { rotation }) => [rotation[0]!, 0],
};

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean of what is kept, as least squares would have it. */
const refine = (kept: readonly Observation[]): Refined => {
  const offPx = meanOf(kept.map(({ x }) => x));
  const spread = Math.sqrt(meanOf(kept.map(({ x, y }) => ((x - offPx) ** 2 + y ** 2) / 2)));
  return { rotation: answerOf(offPx), focalScale: 1, sigmaPx: spread } as Refined;
};

const found = (observations: readonly Observation[]): number | null =>
  refineWithoutStill(observations, motion, refine)?.refined.rotation[0] ?? null;

describe('what hardly moved, with what is burnt in among it', () => {
  const burntIn = about(120, 0, 0.12, 1);

  it.each([0.7, 0.9, 1.4])('is told by the place alone: %s px', (offPx) => {
    const place = about(400, offPx, 0.22, 2);
    expect(refine([...place, ...burntIn]).rotation[0]).toBeLessThan(0.85 * offPx);
    expect(found([...place, ...burntIn])).toBeCloseTo(offPx, 1);
    expect(Math.abs(found([...place, ...burntIn])! - offPx)).toBeLessThan(0.03);
  });

  it('is left as it is where nothing is burnt in', () => {
    expect(found(about(400, 0.8, 0.3, 3))).toBeNull();
  });

  it('is left where the place itself is as good as still', () => {
    expect(found([...about(400, 0.25, 0.2, 4), ...burntIn])).toBeNull();
    expect(found([...about(400, 0.4, 0.25, 5), ...burntIn])).toBeNull();
  });

  it('is left where the points of a watermark scatter about standing still', () => {
    expect(found([...about(90, 0, 0.9, 6), ...burntIn.slice(0, 40)])).toBeNull();
  });

  it('is left where most stands still', () => {
    expect(found([...about(60, 0.9, 0.2, 7), ...burntIn])).toBeNull();
  });
});
