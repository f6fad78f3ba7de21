import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../src/geometry/angles.js';
import { seededRandom } from '../../src/geometry/random.js';
import { toEuler } from '../../src/geometry/rotation.js';
import type { Cause } from '../../src/solve/model/answer.js';
import { judge, type Verdict } from '../../src/solve/cause.js';
import { jointEvidence } from '../../src/solve/estimation/joint-offset.js';
import { gaussOf, ordinaryCamera, turnOf, type Happened } from '../support/synthetic-scan.js';
import { captureTurn, circleOf, makeScan, type MadeScan } from '../support/tied-scan.js';

const THRESHOLD_DEG = 0.5;
const LOOKS = [[-100, -16], [-20, 2], [60, -20], [140, 8]] as const; // prettier-ignore
const TRIES = 2;

/** Two cameras with ordinary heads, each scanned in two rows. */
const scanWith = (noiseDeg: number): MadeScan[] =>
  [0, 1].map((k) =>
    makeScan({
      ...{ camera: ordinaryCamera(500 + k), stops: circleOf([-20, 8]), seed: 70 + k, points: 3000 },
      encodersDeg: { pan: noiseDeg, tilt: noiseDeg, play: 0 },
    }),
  );
const NOISE_DEG = 0.02;
const CAMERAS = { exact: scanWith(0), noisy: scanWith(NOISE_DEG) };
type Encoders = keyof typeof CAMERAS;

interface Said {
  readonly cause: Cause | null;
  readonly verdict: Verdict | null;
}

/** What is said of a camera to which something happened, from so many looks; `happenedAt` may differ from look to look. */
const said = (
  scan: MadeScan,
  attempt: number,
  looks: number,
  happenedAt: (look: number) => Happened,
  noiseDeg = 0,
): Said => {
  const random = seededRandom(1000 + attempt);
  const gauss = gaussOf(random);
  const turns = LOOKS.slice(0, looks).map(([pan, tilt], i) =>
    captureTurn(scan, {
      ...{ panDeg: pan + 10 * random(), tiltDeg: tilt + 4 * random(), seed: 10 * attempt + i },
      own: [radFromDeg(noiseDeg) * gauss(), radFromDeg(noiseDeg) * gauss(), 0],
      ...happenedAt(i),
    }),
  );
  const verdict = judge(jointEvidence(scan.reference, turns), THRESHOLD_DEG);
  return { verdict, cause: verdict?.cause ?? null };
};

const sayings = (
  encoders: Encoders,
  looks: number,
  happenedAt: (look: number, attempt: number) => Happened,
): Said[] =>
  CAMERAS[encoders].flatMap((scan) =>
    Array.from({ length: TRIES }, (_, attempt) => {
      const noiseDeg = encoders === 'noisy' ? NOISE_DEG : 0;
      return said(scan, attempt, looks, (look) => happenedAt(look, attempt), noiseDeg);
    }),
  );

const causesOf = (all: readonly Said[]): (Cause | null)[] => [...new Set(all.map(({ cause }) => cause))];

/** How far the worst of an answer's angles is off, in standard errors; angles in degrees. */
const worstSigmas = ({ verdict }: Said, [yaw, pitch, roll]: readonly number[]): number => {
  const { yawRad, pitchRad, rollRad } = toEuler(verdict!.rotation);
  const errors = [yawRad - radFromDeg(yaw!), pitchRad - radFromDeg(pitch!), rollRad - radFromDeg(roll!)];
  return Math.max(...errors.map((error, i) => Math.abs(error) / verdict!.sigmaRad[i]!));
};

interface Case {
  readonly what: string;
  readonly happened: Happened;
  /** Yaw, pitch and roll that are to be told, degrees. */
  readonly told: readonly [number, number, number];
  readonly cause: Cause;
}

const turned = (what: string, cause: Cause, ...told: [number, number, number]): Case => ({
  ...{ what, cause, told },
  happened: { turn: turnOf(...told) },
});
const reseated = (collimation: number, tiltZero: number, roll: number): Case => ({
  ...{ what: `its body sits ${collimation}°/${tiltZero}°/${roll}° otherwise`, cause: 'body_reseated' },
  told: [collimation, tiltZero, roll],
  happened: {
    terms: {
      ...{ collimation: radFromDeg(collimation), tiltZero: radFromDeg(tiltZero), roll: radFromDeg(roll) },
    },
  },
});
const slipped = (cause: Cause, slip: { pan?: number; tilt?: number }): Case => ({
  ...{ what: `its ${Object.keys(slip).join()} encoder slipped by ${Object.values(slip).join()}°`, cause },
  told: [slip.pan ?? 0, slip.tilt ?? 0, 0],
  happened: { slip },
});

const CASES: readonly Case[] = [
  turned('nothing happened', 'none', 0, 0, 0),
  turned('its mount turned by less than is worth telling', 'none', 0.08, -0.1, 0.06),
  turned('its mount turned', 'mount_rotation', 0.7, 1.2, -0.4),
  turned('its mount turned about the tilt axis of one look', 'mount_rotation', 0, -0.6, 0),
  turned('its mount leans and turned', 'mount_rotation', -2.5, 0.5, 0.8),
  slipped('pan_slip', { pan: -2.2 }),
  slipped('pan_slip', { pan: 0.7 }),
  slipped('tilt_slip', { tilt: 0.7 }),
  slipped('tilt_slip', { tilt: -2.4 }),
  reseated(0.8, 0, 0),
  reseated(0, 0, -0.9),
  reseated(-0.7, 0, 1.1),
  reseated(0.9, 1.4, -0.7),
];

describe.each<Encoders>(['exact', 'noisy'])('with four looks, encoders %s', (encoders) => {
  it.each(CASES)('$what: $cause', ({ happened, told, cause }) => {
    const all = sayings(encoders, 4, () => happened);
    expect(causesOf(all)).toEqual([cause]);
    for (const each of all) expect(worstSigmas(each, told)).toBeLessThan(4);
  });
});

describe('with two looks', () => {
  it.each(CASES)('$what: $cause', ({ happened, told, cause }) => {
    const all = sayings('exact', 2, () => happened);
    expect(causesOf(all)).toEqual([cause]);
    for (const each of all) expect(worstSigmas(each, told)).toBeLessThan(4);
  });
});

describe('a lone look', () => {
  it('tells a turn of the mount, within its standard error', () => {
    const all = sayings('exact', 1, () => ({ turn: turnOf(0.7, 1.2, -0.4) }));
    expect(causesOf(all)).toEqual(['mount_rotation']);
    for (const each of all) expect(worstSigmas(each, [0.7, 1.2, -0.4])).toBeLessThan(4);
  });

  it('leaves open whether an encoder slipped or the mount turned', () => {
    expect(causesOf(sayings('exact', 1, () => ({ slip: { pan: 0.9 } })))).toEqual(['unclear']);
    expect(causesOf(sayings('exact', 1, () => ({ slip: { tilt: 0.9 } })))).toEqual(['unclear']);
    expect(causesOf(sayings('exact', 1, () => ({ turn: turnOf(0.9, 0, 0) })))).toEqual(['unclear']);
  });

  it('that shows nothing tells nothing', () => {
    expect(causesOf(sayings('exact', 1, () => ({})))).toEqual(['none']);
  });
});

describe('what nothing explains is told by nobody', () => {
  it.each([2, 4])('looks that each turned otherwise, %i of them', (looks) => {
    const turns = [turnOf(0.9, 0.2, -0.7), turnOf(-0.6, 0.8, 0.5), turnOf(0.3, -1, 0.9), turnOf(0, 0.9, -0.8)];
    expect(causesOf(sayings('exact', looks, (look) => ({ turn: turns[look]! })))).toEqual([null]);
  }); // prettier-ignore

  it('a mount that moved between looks', () => {
    const all = sayings('exact', 4, (look) => (look < 2 ? {} : { turn: turnOf(0.1, 0.7, 0.4) }));
    expect(causesOf(all)).toEqual([null]);
  });
});

describe('both encoders that slipped', () => {
  it('are not named, and the angles of both are told', () => {
    const verdicts = sayings('exact', 4, () => ({ slip: { pan: 1.9, tilt: 1.4 } }));
    expect(causesOf(verdicts)).toEqual(['unclear']);
    for (const { verdict } of verdicts) {
      const { yawRad, pitchRad, rollRad } = toEuler(verdict!.rotation);
      expect([yawRad, pitchRad, rollRad].map((angle) => degFromRad(angle).toFixed(1))).toEqual([
        '1.9',
        '1.4',
        '0.0',
      ]);
    }
  });
});

describe('a verdict', () => {
  it('tells the standard errors that its looks leave, smaller for more of them', () => {
    const sigmaOf = (looks: number): number => {
      const { verdict } = said(CAMERAS.noisy[0]!, 1, looks, () => ({ turn: turnOf(0.7, 1.2, -0.4) }), NOISE_DEG);
      return degFromRad(Math.hypot(...verdict!.sigmaRad));
    };
    expect(sigmaOf(4)).toBeLessThan(0.75 * sigmaOf(1));
    // What the scan itself does not know stays, however many looks there are.
    expect(sigmaOf(4)).toBeGreaterThan(0.25 * sigmaOf(1));
  }); // prettier-ignore

  it('tells the focal length that all looks agree on', () => {
    const [scan] = CAMERAS.exact;
    const { lens } = scan!.made.camera;
    const longer = { ...lens, focalPx: 1.04 * lens.focalPx };
    const turns = LOOKS.map(([panDeg, tiltDeg], i) =>
      captureTurn(scan!, { panDeg, tiltDeg, seed: 40 + i, lens: longer }),
    );
    const { focalScale, focalScaleSigma } = judge(jointEvidence(scan!.reference, turns), THRESHOLD_DEG)!;
    expect(Math.abs(focalScale - 1.04)).toBeLessThan(4 * focalScaleSigma);
    expect(focalScaleSigma).toBeLessThan(0.002);
  });
});
