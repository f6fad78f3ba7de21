import { describe, expect, it } from '@jest/globals';
import { radFromDeg } from '../../../src/geometry/angles.js';
import { invertSymmetric } from '../../../src/geometry/linear.js';
import { identity, logarithm, multiply, transpose } from '../../../src/geometry/rotation.js';
import type { HeadTerm } from '../../../src/solve/head/pointing-model.js';
import {
  disagreementFactor,
  fitJointly,
  jointEvidence,
  offsetSigmaRad,
  withModelError,
  type CaptureTurn,
  type Happening,
  type JointFit,
} from '../../../src/solve/estimation/joint-offset.js';
import type { Reference } from '../../../src/solve/model/reference.js';
import { TURN_PARAMETERS } from '../../../src/solve/estimation/rotation-refinement.js';
import { ordinaryCamera, turnOf, type Happened } from '../../support/synthetic-scan.js';
import { captureTurn, circleOf, makeScan } from '../../support/tied-scan.js';

const scan = makeScan({
  ...{ camera: ordinaryCamera(21), stops: circleOf([-20, 8]), seed: 21, points: 3000 },
  encodersDeg: { pan: 0.01, tilt: 0.01, play: 0 },
});
const LOOKS = [[-100, -16], [-20, 2], [60, -20], [140, 8]] as const; // prettier-ignore
const MOUNT: Happening = { mount: 'turned', terms: [] };

const turnsOf = (happened: Happened, looks: readonly (readonly [number, number])[] = LOOKS): CaptureTurn[] =>
  looks.map(([panDeg, tiltDeg], i) => captureTurn(scan, { panDeg, tiltDeg, seed: 300 + i, ...happened }));

const fitOf = (happened: Happened, happening: Happening, looks = 4, reference = scan.reference): JointFit | null =>
  fitJointly(jointEvidence(reference, turnsOf(happened, LOOKS.slice(0, looks))), happening, identity()); // prettier-ignore

/** Sums of squares a value that a happening leaves, in standard errors. */
const left = ({ chiSquare, freedom }: JointFit): number => chiSquare / freedom;

describe('the account of several looks', () => {
  it('finds a turn of the mount, within its standard errors', () => {
    const turn = turnOf(1.4, -0.6, 0.9);
    const fit = fitOf({ turn }, MOUNT)!;
    const off = logarithm(multiply(fit.rotation, transpose(turn)));
    const size = Math.round(Math.sqrt(fit.covariance.length));
    off.forEach((error, i) =>
      expect(Math.abs(error) / Math.sqrt(fit.covariance[i * (size + 1)]!)).toBeLessThan(4),
    );
    expect(fit.freedom).toBe(4 * TURN_PARAMETERS - 4);
    expect(left(fit)).toBeLessThan(2.5);
  });

  it.each<[string, readonly HeadTerm[]]>([
    ['tilt zero', ['tiltZero']],
    ['seat of the body', ['collimation', 'roll']],
    ['both', ['tiltZero', 'collimation', 'roll']],
  ])('finds how the head has changed: %s', (_, terms) => {
    const changes = terms.map((_term, i) => radFromDeg([1.1, -0.8, 1.3][i]!));
    const changed = Object.fromEntries(terms.map((term, i) => [term, changes[i]!]));
    const happening = { mount: 'still', terms } as const;
    const fit = fitOf({ terms: changed }, happening)!;
    fit.changes.forEach((change, i) => {
      const sigma = Math.sqrt(fit.covariance[i * (terms.length + 2)]!);
      expect(Math.abs(change - changes[i]!) / sigma).toBeLessThan(4);
      expect(sigma).toBeLessThan(radFromDeg(0.03));
    });
    expect(left(fit)).toBeLessThan(2.5);
    // A mount that turned does not explain it.
    expect(left(fitOf({ terms: changed }, MOUNT)!)).toBeGreaterThan(100);
  });

  it('is none where looks do not tell as much as is asked', () => {
    expect(fitOf({}, { mount: 'turned', terms: ['tiltZero', 'collimation', 'roll'] }, 1)).toBeNull();
    expect(fitOf({}, MOUNT, 1)).not.toBeNull();
  });

  it('of one look is what that look says', () => {
    const turn = turnOf(0.5, 0.4, -0.3);
    const [only] = turnsOf({ turn }, [LOOKS[0]]);
    const fit = fitJointly(jointEvidence(scan.reference, [only!]), MOUNT, identity())!;
    const off = logarithm(multiply(fit.rotation, transpose(only!.refined.rotation)));
    for (const error of off) expect(Math.abs(error)).toBeLessThan(1e-9);
    expect(fit.focalScale).toBeCloseTo(only!.refined.focalScale, 9);
    expect([fit.freedom, disagreementFactor(fit)]).toEqual([0, 1]);
  });

  it('counts an exact look more', () => {
    const [exact, rough] = turnsOf({}, LOOKS.slice(0, 2));
    const turn = turnOf(0.02, 0.02, 0.02);
    const off: CaptureTurn = {
      ...rough!,
      refined: {
        ...rough!.refined,
        rotation: multiply(turn, rough!.refined.rotation),
        covariance: rough!.refined.covariance!.map((value) => 400 * value),
      },
    };
    const fit = fitJointly(jointEvidence(scan.reference, [exact!, off]), MOUNT, identity())!;
    const alone = fitJointly(jointEvidence(scan.reference, [exact!]), MOUNT, identity())!;
    const moved = Math.hypot(...logarithm(multiply(fit.rotation, transpose(alone.rotation))));
    expect(moved).toBeLessThan(0.2 * Math.hypot(...logarithm(turn)));
  });

  it('makes standard errors larger where looks disagree, and never smaller', () => {
    const fit = fitOf({}, MOUNT)!;
    const disagreeing = { ...fit, chiSquare: 9 * fit.freedom };
    expect(disagreementFactor(disagreeing)).toBeCloseTo(3, 12);
    expect(disagreementFactor({ ...fit, chiSquare: 0 })).toBe(1);
    const agreeing = offsetSigmaRad({ ...fit, chiSquare: 0 });
    offsetSigmaRad(disagreeing).forEach((sigma, i) => expect(sigma / agreeing[i]!).toBeCloseTo(3, 9));
  });
});

describe('how the errors of several looks go together', () => {
  const sizeOf = (covariance: Float64Array): number => Math.round(Math.sqrt(covariance.length));
  const sigmaYaw = (reference: Reference, turns: readonly CaptureTurn[]): number =>
    offsetSigmaRad({ ...fitJointly(jointEvidence(reference, turns), MOUNT, identity())!, chiSquare: 0 })[0];

  it('is a covariance: symmetric, and positive', () => {
    const { covariance } = jointEvidence(scan.reference, turnsOf({}));
    const size = sizeOf(covariance);
    expect(size).toBe(4 * TURN_PARAMETERS);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++) expect(covariance[i * size + j]).toBeCloseTo(covariance[j * size + i]!, 15);
    expect(invertSymmetric(covariance, size)).not.toBeNull();
  });

  it('lets encoders’ errors average out over looks', () => {
    const encoders = { panRad: 0.002, tiltRad: 0.0001, playRad: 0.0001 };
    const reference = { ...scan.reference, encoders };
    const turns = turnsOf({});
    expect(sigmaYaw(reference, turns.slice(0, 1))).toBeGreaterThan(0.0019);
    expect(sigmaYaw(reference, turns)).toBeCloseTo(0.001, 4);
  });

  it('keeps what the scan’s frame may be off by, however many looks there are', () => {
    const layer = { name: 'night', tieSigmaRad: [0.0001, 0.0001, 0.002] as const };
    const reference = { ...scan.reference, layer };
    expect(sigmaYaw(reference, turnsOf({}))).toBeGreaterThan(0.002);
    expect(sigmaYaw(scan.reference, turnsOf({}))).toBeLessThan(0.0005);
  });

  it('keeps what the scan does not know of the head, however often the camera looks there', () => {
    const alone = makeScan({
      ...{ camera: ordinaryCamera(22), stops: [{ panDeg: 0, tiltDeg: -5 }], seed: 1, isLensGiven: true },
    });
    const looks = Array.from({ length: 6 }, (_, i) =>
      captureTurn(alone, { panDeg: 15, tiltDeg: -9, seed: 500 + i }),
    );
    const [one, six] = [sigmaYaw(alone.reference, looks.slice(0, 1)), sigmaYaw(alone.reference, looks)];
    expect(six / one).toBeGreaterThan(0.9);
  });

  it('is as much larger as an explanation may be off by, where explanations are compared', () => {
    const evidence = jointEvidence(scan.reference, turnsOf({}));
    const tolerant = withModelError(evidence);
    const size = sizeOf(evidence.covariance);
    for (let i = 0; i < size; i++) {
      const more = tolerant.covariance[i * (size + 1)]! - evidence.covariance[i * (size + 1)]!;
      // Of rotations; a focal length is what it is.
      if (i % TURN_PARAMETERS === 3) expect(more).toBe(0);
      else expect(more).toBeGreaterThan(0);
    }
  });
});
