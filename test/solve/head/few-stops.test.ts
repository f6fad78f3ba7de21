import { describe, expect, it } from '@jest/globals';
import { degFromRad, radFromDeg } from '../../../src/geometry/angles.js';
import { seededRandom } from '../../../src/geometry/random.js';
import { toEuler, type Mat3, type Vec3 } from '../../../src/geometry/rotation.js';
import { fitJointly, jointEvidence, offsetSigmaRad } from '../../../src/solve/estimation/joint-offset.js';
import {
  captureOf,
  gaussOf,
  LENS,
  lookOf,
  ordinaryCamera,
  scanOf,
  seeFeatures,
  settingOf,
  solve,
  turnOf,
} from '../../support/synthetic-scan.js';
import { captureTurn, makeScan, type MadeScan, type QueryMade, type Stop } from '../../support/tied-scan.js';

interface Layout {
  readonly name: string;
  readonly stops: readonly Stop[];
  /** Where queries look: the middle, and how far from it. */
  readonly around: readonly [panDeg: number, tiltDeg: number];
  readonly away: readonly [panDeg: number, tiltDeg: number];
  readonly cameras: number;
  /** A scan of one stop needs to be told its lens. */
  readonly isLensGiven?: boolean;
}

const rowOf = (tiltDeg: number, pansDeg: readonly number[]): Stop[] =>
  pansDeg.map((panDeg) => ({ panDeg, tiltDeg }));
const PANS = [-50, -25, 0, 25, 50];

const ONE: Layout = {
  ...{ name: 'one stop', stops: rowOf(-6, [20]), around: [20, -6], away: [20, 10] },
  ...{ cameras: 16, isLensGiven: true },
};
const ROW: Layout = {
  ...{ name: 'five stops in one row', stops: rowOf(-8, PANS), around: [0, -8], away: [70, 15], cameras: 10 },
};
const ROWS: Layout = {
  ...{ name: 'ten stops in two rows', stops: [...rowOf(-15, PANS), ...rowOf(5, PANS)] },
  ...{ around: [0, -5], away: [70, 18], cameras: 6 },
};
/** Nothing but the head ties the two pairs of stops to each other. */
const ARCS: Layout = {
  ...{ name: 'two arcs, bridged', stops: rowOf(-8, [-50, -25, 65, 90]), around: [20, -8], away: [25, 5] },
  cameras: 16,
};
const TILTED_ARCS: Layout = {
  ...ARCS,
  name: 'two arcs at different tilts, bridged',
  stops: [...rowOf(-20, [-50, -25]), ...rowOf(8, [65, 90])],
};

interface Told {
  /** Found − true, radians: yaw, pitch, roll. */
  readonly errors: Vec3;
  readonly sigmas: Vec3;
}

/** What a look tells of a mount that turned, against what it did. */
const toldBy = (scan: MadeScan, query: QueryMade & { readonly turn: Mat3 }): Told => {
  const turn = captureTurn(scan, query);
  const fit = fitJointly(jointEvidence(scan.reference, [turn]), { mount: 'turned', terms: [] }, query.turn)!;
  const [found, truth] = [toEuler(fit.rotation), toEuler(query.turn)];
  return {
    errors: [found.yawRad - truth.yawRad, found.pitchRad - truth.pitchRad, found.rollRad - truth.rollRad],
    sigmas: offsetSigmaRad(fit),
  };
};

const lengthDeg = (v: Vec3): number => degFromRad(Math.hypot(...v));

const scanBy = (camera: number, { stops, isLensGiven = false }: Layout, noiseDeg = 0): MadeScan =>
  makeScan({
    ...{ camera: ordinaryCamera(400 + camera), stops, isLensGiven, seed: 60 + camera },
    encodersDeg: { pan: noiseDeg, tilt: noiseDeg, play: 0 },
  });

/** Three looks a camera, each of a mount that turned by up to two degrees about every axis. */
const triesOf = (layout: Layout, noiseDeg = 0): Told[] =>
  Array.from({ length: layout.cameras }, (_, camera) => camera).flatMap((camera) => {
    const scan = scanBy(camera, layout, noiseDeg);
    const random = seededRandom(camera);
    const gauss = gaussOf(random);
    const off = (most: number): number => most * (2 * random() - 1);
    return [0, 1, 2].map((k) =>
      toldBy(scan, {
        panDeg: layout.around[0] + off(layout.away[0]),
        tiltDeg: layout.around[1] + off(layout.away[1]),
        turn: turnOf(off(2), off(2), off(2)),
        own: [radFromDeg(noiseDeg) * gauss(), radFromDeg(noiseDeg) * gauss(), 0],
        seed: 3 * camera + k,
      }),
    );
  });

const inSigmas = ({ errors, sigmas }: Told): number =>
  Math.max(...errors.map((error, i) => Math.abs(error) / sigmas[i]!));

describe('ordinary heads scanned with few stops', () => {
  it.each([ONE, ROW, ROWS, ARCS, TILTED_ARCS])('$name: errors are what is told', (layout) => {
    const tries = triesOf(layout);
    expect(Math.max(...tries.map(inSigmas))).toBeLessThan(4.5);
    // Nor are they told to be far larger than they are.
    const rms = Math.sqrt(tries.reduce((sum, told) => sum + inSigmas(told) ** 2, 0) / tries.length);
    expect(rms).toBeGreaterThan(0.5);
    expect(rms).toBeLessThan(2);
  });

  it.each([ROWS, ARCS])('$name, encoders that scatter by 0.02°: errors are what is told', (layout) => {
    const tries = triesOf(layout, 0.02);
    const values = tries.flatMap(({ errors, sigmas }) => errors.map((error, i) => error / sigmas[i]!));
    const rms = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    expect(rms).toBeGreaterThan(0.7);
    expect(rms).toBeLessThan(1.3);
    // What four stops tell of their noise is little: errors over what is told have the long tails of Student's distribution.
    expect(Math.max(...tries.map(inSigmas))).toBeLessThan(5);
  });

  it('are known well from two rows, from one row along it, and hardly from one stop', () => {
    const turn = turnOf(0.5, -0.3, 0.4);
    const at = { panDeg: 12, tiltDeg: -2, seed: 9, turn };
    const [one, row, rows] = [ONE, ROW, ROWS].map((layout) => lengthDeg(toldBy(scanBy(0, layout), at).sigmas));
    expect(rows).toBeLessThan(0.015);
    expect(row).toBeGreaterThan(2 * rows!);
    expect(one).toBeGreaterThan(row!);
  }); // prettier-ignore
});

describe('the told standard error grows with the distance from the stops', () => {
  const turn = turnOf(0.5, -0.3, 0.4);
  const sigmasAt = (scan: MadeScan, places: readonly (readonly [number, number])[]): number[] =>
    places.map(([panDeg, tiltDeg]) => lengthDeg(toldBy(scan, { panDeg, tiltDeg, seed: 5, turn }).sigmas));
  const expectGrowing = (sigmas: readonly number[], factor: number): void => {
    for (let i = 1; i < sigmas.length; i++) expect(sigmas[i]).toBeGreaterThan(sigmas[i - 1]!);
    expect(sigmas.at(-1)).toBeGreaterThan(factor * sigmas[0]!);
  };

  it('of one stop, which knows its own place well whatever its head is', () => {
    const scan = scanBy(1, ONE);
    const aside = sigmasAt(scan, [[20, -6], [24, -6], [30, -6], [42, -6]]); // prettier-ignore
    expect(aside[0]).toBeLessThan(0.02);
    expectGrowing(aside, 8);
    expectGrowing(sigmasAt(scan, [[20, -6], [20, -8], [20, -12], [20, -18]]), 5); // prettier-ignore
  });

  it('of a row, above and below it and beside its ends', () => {
    const scan = scanBy(2, ROW);
    expectGrowing(sigmasAt(scan, [[5, -8], [5, -12], [5, -18], [5, -24]]), 4); // prettier-ignore
    expectGrowing(sigmasAt(scan, [[5, -8], [5, -4], [5, 2], [5, 8]]), 4); // prettier-ignore
    expectGrowing(sigmasAt(scan, [[40, -8], [62, -8], [75, -8]]), 1.2); // prettier-ignore
  });
});

describe('few stops seen as features, as the product sees them', () => {
  it.each([
    { ...ONE, look: [26, -8] as const },
    { ...ROW, look: [-38, -10] as const },
    { ...ARCS, look: [22, -9] as const },
  ])('$name: the answer is off by what it tells', ({ stops, isLensGiven, look: [pan, tilt] }) => {
    const camera = ordinaryCamera(40);
    const scan = scanOf(stops.map(({ panDeg, tiltDeg }) => lookOf(camera, panDeg, tiltDeg)));
    const lens = isLensGiven ? { zoomToHfovDeg: [[1, 60]] as const, k1: LENS.k1, k2: LENS.k2 } : null;
    const setting = settingOf({ ...scan, lens });
    const [yaw, pitch, roll] = [1.2, -0.7, 0.5] as const;
    const look = lookOf(camera, pan, tilt, { turn: turnOf(yaw, pitch, roll) });
    const answer = solve(setting, [captureOf(look, seeFeatures(look, 9))], 3);
    expect(answer).toMatchObject({ success: true, cause: 'mount_rotation', failure_log: null });
    const { yaw_offset, pitch_offset, roll_offset, sigma } = answer;
    expect(Math.abs(yaw_offset! - yaw) / sigma!.yaw).toBeLessThan(4.5);
    expect(Math.abs(pitch_offset! - pitch) / sigma!.pitch).toBeLessThan(4.5);
    expect(Math.abs(roll_offset! - roll) / sigma!.roll).toBeLessThan(4.5);
    expect(Math.max(sigma!.yaw, sigma!.pitch, sigma!.roll)).toBeLessThan(0.15);
  });

  it('ten in two rows tell the head, and what it is like', () => {
    const camera = ordinaryCamera(41);
    const { reference } = settingOf(
      scanOf(ROWS.stops.map(({ panDeg, tiltDeg }) => lookOf(camera, panDeg, tiltDeg))),
    );
    const { terms, sigma } = reference.report.head;
    const { head, lens } = camera;
    const told = [
      [terms.tilt_axis_deg! - degFromRad(head.tiltAxis), sigma.tilt_axis_deg!],
      [terms.tilt_zero_deg! - degFromRad(head.tiltZero), sigma.tilt_zero_deg!],
      [terms.collimation_deg! - degFromRad(head.collimation), sigma.collimation_deg!],
      [terms.roll_deg! - degFromRad(head.roll), sigma.roll_deg!],
      [terms.pan_gain! - head.panGain, sigma.pan_gain!],
      [terms.tilt_gain! - head.tiltGain, sigma.tilt_gain!],
    ] as const;
    for (const [error, one] of told) expect(Math.abs(error) / one).toBeLessThan(4.5);
    expect(sigma.roll_deg).toBeLessThan(0.05);
    const [found] = reference.report.lens;
    expect(Math.hypot(found!.cx - lens.centreX, found!.cy - lens.centreY)).toBeLessThan(2);
  });
});
