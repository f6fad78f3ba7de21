import { describe, expect, it } from '@jest/globals';
import { LENS_PARAMETERS } from '../../../src/geometry/lens.js';
import { logarithm, multiply, transpose, type Vec3 } from '../../../src/geometry/rotation.js';
import type { ScanGeometry } from '../../../src/solve/estimation/scan-geometry.js';
import { influenceOfScan } from '../../../src/solve/estimation/scan-influence.js';
import {
  headColumns,
  layoutSize,
  lensColumns,
  ownColumn,
} from '../../../src/solve/estimation/scan-layout.js';
import {
  attitudeAtStop,
  attitudeOf,
  encoderAxes,
  HEAD_TERMS,
  withTermsAdded,
} from '../../../src/solve/head/pointing-model.js';
import type { CaptureTurn } from '../../../src/solve/estimation/joint-offset.js';
import { lensAtZoom, levelOf } from '../../../src/solve/model/lens-levels.js';
import { refineRotation, TURN_PARAMETERS } from '../../../src/solve/estimation/rotation-refinement.js';
import { HEIGHT, LENS, ordinaryCamera, turnOf, WIDTH } from '../../support/synthetic-scan.js';
import {
  captureTurn,
  landmarksOf,
  makeScan,
  type MadeScan,
  type QueryMade,
} from '../../support/tied-scan.js';

/** One parameter of the scan moved by a step, in the order of the layout. */
const movedGeometry = (
  { solution: { layout, geometry } }: MadeScan,
  column: number,
  step: number,
): ScanGeometry => {
  const { head, own, lenses } = geometry;
  const nudge = Float64Array.from(headColumns(layout), (place) => (place === column ? step : 0));
  return {
    head: withTermsAdded(head, nudge),
    own: own.map((errors, stop): Vec3 => {
      const moved = (k: number): number => errors[k]! + (ownColumn(stop) + k === column ? step : 0);
      return [moved(0), moved(1), moved(2)];
    }),
    lenses: lenses.map((lens, level) => {
      const k = lensColumns(layout, level).indexOf(column);
      const parameter = LENS_PARAMETERS[k];
      if (parameter === undefined) return lens;
      if (parameter === 'logFocal') return { ...lens, focalPx: lens.focalPx * Math.exp(step) };
      return { ...lens, [parameter]: lens[parameter] + step };
    }),
  };
};

const SIZE = { widthPx: WIDTH, heightPx: HEIGHT };

/** The capture solved again, had the scan come to another geometry: its landmarks, and what head and lens make of the query. */
const solvedAgain = (
  { problem, sightings, reference, landmarkOf }: MadeScan,
  { capture, refined, observations }: CaptureTurn,
  { head, own, lenses }: ScanGeometry,
): CaptureTurn['refined'] => {
  const rotations = problem.stops.map((at, stop) => attitudeAtStop(head, at, own[stop]!));
  const { landmarks } = landmarksOf(sightings, rotations, (stop) => lenses[problem.lensOf[stop]!]!);
  expect(landmarks.landmarkOf).toHaveLength(landmarkOf.filter((id) => id >= 0).length);
  const { zooms } = reference.posterior;
  const levels = lenses.map((lens, level) => levelOf(zooms[level]!.zoom, lens, WIDTH, HEIGHT));
  const again = observations.map((observation) => {
    const [x, y, z] = landmarks.bearings.subarray(3 * observation.landmarkId);
    return { ...observation, landmark: [x!, y!, z!] as const };
  });
  const geometry = {
    claimed: attitudeOf(head, capture.at),
    lens: lensAtZoom(levels, capture.zoom, WIDTH, HEIGHT),
  };
  const asked = { observations: again, capture: geometry, ...SIZE, focalPrior: 0.004 };
  return refineRotation(asked, refined.rotation, refined.focalScale);
};

const zoomed = { zoom: 1.5, lens: { ...LENS, focalPx: 1.5 * LENS.focalPx, k1: -0.01, centreX: 325 } };
const scan = makeScan({
  camera: ordinaryCamera(4),
  zoomed: [zoomed],
  stops: [
    ...[-25, 0, 25].map((panDeg) => ({ panDeg, tiltDeg: -12 })),
    ...[-12, 14].map((panDeg, level) => ({ panDeg, tiltDeg: 4, level })),
  ],
  ...{ seed: 2, noisePx: 0 },
});
/** What the camera's lens truly is half way: as between the levels that the scan calibrated. */
const betweenZooms = lensAtZoom(
  scan.truth.lenses.map((lens, level) => levelOf([1, zoomed.zoom][level]!, lens, WIDTH, HEIGHT)),
  ...([1.25, WIDTH, HEIGHT] as const),
);
const { layout } = scan.solution;
const size = layoutSize(layout);
const lensPlaces = layout.lensParameters.length;

const influenceOn = ({ capture, refined, observations }: CaptureTurn, { reference }: MadeScan = scan) =>
  influenceOfScan(reference, capture, { ...refined, observations });

/** So much of a parameter that something is moved by about a thousandth of a radian. */
const unitOf = (column: number): number => {
  const place = column - 3 * layout.stops - layout.terms.length;
  return place < 0 ? 1e-3 : [1e-3, 1e-2, 1e-2, 0.5, 0.5][place % lensPlaces]!;
};

const STEP = 0.01;

describe('how an answer moves with all that its scan determined', () => {
  it.each<[string, QueryMade]>([
    ['between stops', { panDeg: 6, tiltDeg: -6, seed: 1, turn: turnOf(0.7, -0.4, 0.9) }],
    ['beside them', { panDeg: 42, tiltDeg: -20, seed: 2, turn: turnOf(-2, 1, 0.5) }],
    ['between zooms', { panDeg: -9, tiltDeg: -2, seed: 3, zoom: 1.25, lens: betweenZooms }],
  ])('is what finite differences give, %s', (_, query) => {
    const turn = captureTurn(scan, query);
    expect(turn.observations.length).toBeGreaterThan(60);
    const influence = influenceOn(turn);
    for (let column = 0; column < size; column++) {
      const step = STEP * unitOf(column);
      const [ahead, behind] = [step, -step].map((by) =>
        solvedAgain(scan, turn, movedGeometry(scan, column, by)),
      );
      const turned = logarithm(multiply(ahead!.rotation, transpose(behind!.rotation)));
      const values = [...turned, Math.log(ahead!.focalScale / behind!.focalScale)];
      values.forEach((value, k) => {
        const told = influence[k * size + column]!;
        // Of a thousandth of a radian, a hundredth.
        expect(Math.abs(value / (2 * step) - told) * unitOf(column)).toBeLessThan(1e-5);
      });
    }
  });

  it('is nothing of what the scan did not estimate', () => {
    expect(layout.terms).not.toContain('flexure');
    expect(influenceOn(captureTurn(scan, { panDeg: 6, tiltDeg: -6, seed: 1 }))).toHaveLength(
      TURN_PARAMETERS * size,
    );
  });
});

describe('how an answer moves with a scan of one stop', () => {
  const alone = makeScan({
    ...{ camera: ordinaryCamera(5), stops: [{ panDeg: 30, tiltDeg: -10 }], seed: 3, noisePx: 0 },
    isLensGiven: true,
  });
  const places = headColumns(alone.solution.layout);
  const aloneSize = layoutSize(alone.solution.layout);
  const turnBy = (influence: Float64Array, column: number): Vec3 => [
    influence[column]!,
    influence[aloneSize + column]!,
    influence[2 * aloneSize + column]!,
  ];
  const headTurns = (panDeg: number, tiltDeg: number): number[] => {
    const influence = influenceOn(captureTurn(alone, { panDeg, tiltDeg, seed: 4 }), alone);
    return HEAD_TERMS.slice(0, 6).map((_, term) => Math.hypot(...turnBy(influence, places[term]!)));
  };

  it('has nothing of the head in it where the stop itself looks again', () => {
    for (const turned of headTurns(30, -10)) expect(turned).toBeLessThan(1e-3);
  });

  it('has the more of it the farther away the camera looks', () => {
    const [near, far] = [headTurns(33, -12), headTurns(48, -20)];
    // Squareness, tilt zero, collimation and roll.
    for (const term of [0, 1, 2, 3]) {
      expect(near[term]).toBeLessThan(0.07);
      expect(far[term]).toBeGreaterThan(3 * near[term]!);
    }
  });

  it('has all of what the stop’s own encoders err by in it', () => {
    const influence = influenceOn(captureTurn(alone, { panDeg: 30, tiltDeg: -10, seed: 4 }), alone);
    const axes = encoderAxes(alone.reference.head, alone.problem.stops[0]!);
    axes.forEach((axis, k) => {
      const turned = turnBy(influence, k);
      axis.forEach((value, i) => expect(turned[i]).toBeCloseTo(value, 3));
    });
  });
});
