import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../../src/geometry/angles.js';
import { seededRandom } from '../../../src/geometry/random.js';
import { angleBetween, fromEuler, type Mat3, rotate, type Vec3 } from '../../../src/geometry/rotation.js';
import { DESCRIPTOR_WORDS } from '../../../src/solve/model/hamming.js';
import { type Evidence, rejectionOf } from '../../../src/solve/verification/acceptance.js';
import { refinedAs } from '../../support/refined.js';
import {
  captureOf, otherWorld, scanOf, seeFeatures, settingOf, solve, turnedLook, turnOf, type World,
} from '../../support/synthetic-scan.js'; // prettier-ignore

const STEP_DEG = 12;

/** What hangs between the columns: every tenth point. */
const hungOf = ({ points }: World): number[] => [...points.keys()].filter((i) => i % 10 === 0);

/** A hall of equal columns: what stands in one sector stands in all, but for every tenth point. */
const hallOf = ({ points, words }: World): World => {
  const azimuthOf = ([x, y]: Vec3): number => degFromRad(Math.atan2(y, x)) + 180;
  const all = [...points.keys()];
  const column = all.filter((i) => azimuthOf(points[i]!) < STEP_DEG);
  const hung = hungOf({ points, words });
  const placed = Array.from({ length: 360 / STEP_DEG }, (_, sector) =>
    turnOf(sector * STEP_DEG, 0, 0),
  ).flatMap((turn) => column.map((i) => ({ point: rotate(turn, points[i]!), i })));
  const world = [...placed, ...hung.map((i) => ({ point: points[i]!, i }))];
  return {
    points: world.map(({ point }) => point),
    words: Uint32Array.from(
      world.flatMap(({ i }) => [...words.subarray(i * DESCRIPTOR_WORDS, (i + 1) * DESCRIPTOR_WORDS)]),
    ),
  };
};

const otherWordsOf = (count: number): Uint32Array => {
  const random = seededRandom(3);
  return Uint32Array.from({ length: count }, () => random() * 2 ** 32);
};

const hall = hallOf(otherWorld());
const plain = scanOf();
const scan = {
  ...plain,
  features: plain.stops.map(({ panDeg, tiltDeg }, i) => seeFeatures({ panDeg, tiltDeg }, 100 + i, hall, 2)),
};
const setting = settingOf(scan);

const answerTo = (turn: Mat3, place = hall) => {
  const look = turnedLook(25, -3, turn);
  return solve(setting, [captureOf(look, seeFeatures(look, 9, place, 2))]);
};

/** Another hall of the same columns, or what a mirror shows of it: what hangs there is nowhere to be seen. */
const bareHall = ({ points, words }: World): World => {
  const columns = points.length - hungOf(otherWorld()).length;
  return { points: points.slice(0, columns), words: words.slice(0, columns * DESCRIPTOR_WORDS) };
};

describe('a place that repeats itself', () => {
  it.each([1, STEP_DEG - 1, 90])('tells a mount turned by %s° from one turned by whole columns', (deg) => {
    const turn = turnOf(deg, 0.4, -0.6);
    const { yaw_offset: yaw, pitch_offset: pitch, roll_offset: roll, failure_log } = answerTo(turn);
    expect(failure_log).toBeNull();
    const found = fromEuler(radFromDeg(yaw!), radFromDeg(pitch!), radFromDeg(roll!));
    expect(degFromRad(angleBetween(found, turn))).toBeLessThan(0.05);
  });

  it('does not answer a picture that shows its columns and nothing of what hangs between them', () => {
    const { success, failure_log } = answerTo(turnOf(1, 0.4, -0.6), bareHall(hall));
    expect(success).toBe(false);
    expect(failure_log).toMatch(/^ambiguous/);
  });

  /** Of the picture so much, from the left, shows the hall, the rest something else. */
  const answerToPart = (share: number) => {
    const { points, words } = hall;
    const look = turnedLook(25, -3, turnOf(1, 0.4, -0.6));
    const right = seeFeatures(look, 9, { points, words }, 2);
    const wrong = seeFeatures(look, 9, { points, words: otherWordsOf(words.length) }, 2);
    const isRight = (i: number): boolean => right.x[i]! < share * right.widthPx;
    const descriptors = right.descriptors.map((word, at) =>
      isRight(Math.floor(at / DESCRIPTOR_WORDS)) ? word : wrong.descriptors[at]!,
    );
    return solve(setting, [captureOf(look, { ...right, descriptors })]);
  };

  it.each([0.35, 0.45])('does not answer a picture of which a part alone agrees: %s of it', (share) => {
    const { success, failure_log } = answerToPart(share);
    expect(success).toBe(false);
    expect(failure_log).toMatch(/^ambiguous/);
  });

  it('answers a picture that is dark in one corner, where what is seen agrees to a fraction of a pixel', () => {
    const { yaw_offset: yaw, failure_log } = answerToPart(0.6);
    expect(failure_log).toBeNull();
    expect(yaw).toBeCloseTo(1, 1);
  });

  it('does not ask for what hangs where the picture is dark', () => {
    const hungFrom = bareHall(hall).points.length;
    const only = (isKept: (point: Vec3, i: number) => boolean): World => {
      const kept = [...hall.points.keys()].filter((i) => isKept(hall.points[i]!, i));
      const words = kept.flatMap((i) => [
        ...hall.words.subarray(i * DESCRIPTOR_WORDS, (i + 1) * DESCRIPTOR_WORDS),
      ]);
      return { points: kept.map((i) => hall.points[i]!), words: Uint32Array.from(words) };
    };
    const isUp = ([, , z]: Vec3): boolean => z < 0;
    // Columns above, and below what hangs there once.
    const place = only((point, i) => isUp(point) === i < hungFrom);
    const features = plain.stops.map((stop, i) => seeFeatures(stop, 100 + i, place, 2));
    const look = turnedLook(25, -3, turnOf(1, 0.4, -0.6));
    const dark = seeFeatures(look, 9, only((point, i) => isUp(point) && i < hungFrom), 2); // prettier-ignore
    const { yaw_offset: yaw, failure_log } = solve(settingOf({ ...plain, features }), [
      captureOf(look, dark),
    ]);
    expect(failure_log).toBeNull();
    expect(yaw).toBeCloseTo(1, 1);
  });

  it('answers one in poor light, which hides most of what hangs there', () => {
    const { points, words } = hall;
    const hungFrom = bareHall(hall).points.length;
    const other = otherWordsOf(words.length);
    const isHidden = (i: number): boolean => i >= hungFrom && i % 8 !== 0;
    const dim = words.map((word, at) => (isHidden(Math.floor(at / DESCRIPTOR_WORDS)) ? other[at]! : word));
    const { yaw_offset: yaw, failure_log } = answerTo(turnOf(1, 0.4, -0.6), { points, words: dim });
    expect(failure_log).toBeNull();
    expect(yaw).toBeCloseTo(1, 1);
  });
});

const evidence: Evidence = {
  refined: { ...refinedAs(turnOf(0, 0, 0)), sigmaPx: 1.5 },
  inliers: Array.from({ length: 360 }, (_, i) => ({
    ...{
      x: (i % 24) * 50 + 40,
      y: Math.floor(i / 24) * 45 + 20,
      landmark: [1, 0, 0] as const,
      landmarkId: i,
      spread: 1,
    },
  })),
  ...{
    log10Nfa: -20,
    isNear: true,
    finalLog10Nfa: -400,
    restsOnRepeats: () => true,
    decoyInliers: 60,
    widthPx: 1280,
    heightPx: 720,
    thresholdDeg: 0.5,
  },
};

describe('points that agree by the hundred', () => {
  it('carry an answer when each of them says something', () => {
    expect(rejectionOf(evidence)).toBeNull();
  });

  it('carry none when each agrees hardly better than chance, as tiles do', () => {
    expect(rejectionOf({ ...evidence, finalLog10Nfa: -40 })).toMatch(/too loosely$/);
    expect(rejectionOf({ ...evidence, finalLog10Nfa: -0.9 * 360 })).toMatch(/^ambiguous/);
  });

  it('carry none when the search that found them was hardly surer than chance', () => {
    expect(rejectionOf({ ...evidence, log10Nfa: -8 })).toMatch(/^ambiguous/);
    expect(rejectionOf({ ...evidence, log10Nfa: -8, restsOnRepeats: () => false })).toBeNull();
  });

  it('carry none when they were sought in the whole scan and hardly surer than chance', () => {
    const unlike = { ...evidence, log10Nfa: -8, restsOnRepeats: () => false };
    expect(rejectionOf({ ...unlike, isNear: false })).toMatch(/could be chance$/);
    expect(rejectionOf({ ...unlike, isNear: false, log10Nfa: -10 })).toBeNull();
  });

  it('carry none when each of those sought in the whole scan agrees loosely, as mirrored windows do', () => {
    const far = { ...evidence, isNear: false };
    const unlike = { ...far, restsOnRepeats: () => false };
    expect(rejectionOf({ ...unlike, finalLog10Nfa: -0.6 * 360 })).toMatch(/too loosely$/);
    expect(rejectionOf({ ...unlike, finalLog10Nfa: -0.8 * 360 })).toBeNull();
    expect(rejectionOf({ ...far, finalLog10Nfa: -0.8 * 360 })).toMatch(/^ambiguous/);
    expect(rejectionOf({ ...far, finalLog10Nfa: -1.1 * 360 })).toBeNull();
  });

  it('carry one where the place has nothing like them, as in another season', () => {
    expect(rejectionOf({ ...evidence, finalLog10Nfa: -0.3 * 360, restsOnRepeats: () => false })).toBeNull();
  });
});
