import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { degFromRad, radFromDeg } from '../../../src/geometry/angles.js';
import { bearingFromPixel, LENS_PARAMETERS, type Lens } from '../../../src/geometry/lens.js';
import { invertSymmetric } from '../../../src/geometry/linear.js';
import { fromEuler, rotate, type Vec3 } from '../../../src/geometry/rotation.js';
import { adjustBundle } from '../../../src/solve/estimation/bundle-adjustment.js';
import type { ScanGeometry } from '../../../src/solve/estimation/scan-geometry.js';
import { directionByLens } from '../../../src/solve/estimation/tie-residual.js';
import {
  headColumns,
  layoutSize,
  lensColumns,
  ownColumn,
} from '../../../src/solve/estimation/scan-layout.js';
import { attitudeAtStop, HEAD_TERMS, withTermsAdded } from '../../../src/solve/head/pointing-model.js';
import { ORDINARY_TERMS } from '../../../src/solve/head/rare-terms.js';
import { LENS, ordinaryCamera } from '../../support/synthetic-scan.js';
import { circleOf, makeScan, type MadeScan } from '../../support/tied-scan.js';

/** The lens with one of its five parameters moved. */
const movedLens = (lens: Lens, k: number, step: number): Lens => {
  const parameter = LENS_PARAMETERS[k]!;
  if (parameter === 'logFocal') return { ...lens, focalPx: lens.focalPx * Math.exp(step) };
  return { ...lens, [parameter]: lens[parameter] + step };
};
const lensStep = (k: number): number => (k < 3 ? 1e-6 : 1e-3);

describe('the direction of a pixel', () => {
  const lens: Lens = { ...LENS, k1: -0.08, k2: 0.01, centreX: 326, centreY: 175 };
  const angle = fc.double({ min: -1.4, max: 1.4, noNaN: true });
  const pixels = fc.tuple(
    fc.double({ min: 0, max: 639, noNaN: true }),
    fc.double({ min: 0, max: 359, noNaN: true }),
  );

  it('has the derivatives by the lens that finite differences give', () => {
    fc.assert(
      fc.property(pixels, angle, angle, angle, ([u, v], yaw, pitch, roll) => {
        const mountFromBody = fromEuler(yaw, pitch, roll);
        directionByLens(mountFromBody, lens, u, v).forEach((by, k) => {
          const step = lensStep(k);
          const ahead = rotate(mountFromBody, bearingFromPixel(movedLens(lens, k, step), u, v));
          const behind = rotate(mountFromBody, bearingFromPixel(movedLens(lens, k, -step), u, v));
          by.forEach((value, axis) =>
            expect(Math.abs(value - (ahead[axis]! - behind[axis]!) / (2 * step))).toBeLessThan(1e-8),
          );
        });
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});

/** The geometry with one of all parameters moved, in the order of the layout. */
const movedGeometry = ({ problem, solution: { layout } }: MadeScan, column: number, step: number) => {
  const { head, own, lenses } = problem.start;
  const term = headColumns(layout).indexOf(column);
  const nudge = new Float64Array(HEAD_TERMS.length);
  if (term >= 0) nudge[term] = step;
  return {
    head: withTermsAdded(head, nudge),
    own: own.map((errors, stop): Vec3 => {
      const at = column - ownColumn(stop);
      const moved = (k: number): number => errors[k]! + (k === at ? step : 0);
      return [moved(0), moved(1), moved(2)];
    }),
    lenses: lenses.map((lens, level) => {
      const k = lensColumns(layout, level).indexOf(column);
      return k < 0 ? lens : movedLens(lens, k, step);
    }),
  };
};

/** All ties' residuals, px: three values a tie. */
const residualsOf = ({ problem }: MadeScan, { head, own, lenses }: ScanGeometry): Float64Array => {
  const rotations = problem.stops.map((at, stop) => attitudeAtStop(head, at, own[stop]!));
  const look = (stop: number, u: number, v: number): Vec3 =>
    rotate(rotations[stop]!, bearingFromPixel(lenses[problem.lensOf[stop]!]!, u, v));
  return Float64Array.from(
    problem.ties.flatMap(({ stopA, stopB, ax, ay, bx, by }) => {
      const focalPx = Math.min(
        ...[stopA, stopB].map((stop) => problem.start.lenses[problem.lensOf[stop]!]!.focalPx),
      );
      const [a, b] = [look(stopA, ax, ay), look(stopB, bx, by)];
      return [0, 1, 2].map((i) => focalPx * (a[i]! - b[i]!));
    }),
  );
};

describe('what a scan’s ties tell of all parameters together', () => {
  const zoomed = { zoom: 1.6, lens: { ...LENS, focalPx: 1.6 * LENS.focalPx, k1: -0.02, centreY: 184 } };
  const camera = ordinaryCamera(3);
  /** Two zoom levels, exact ties, and the truth to start from: only derivatives and priors are left. */
  const stops = [
    ...[-20, 0, 22].map((panDeg) => ({ panDeg, tiltDeg: -4 })),
    ...[-8, 12].map((panDeg, i) => ({ panDeg, tiltDeg: 5 + 3 * i, level: i })),
  ];
  const changes = {
    terms: HEAD_TERMS,
    start: { head: camera.head, own: stops.map((): Vec3 => [0, 0, 0]), lenses: [camera.lens, zoomed.lens] },
  };
  const scan = makeScan({ camera, zoomed: [zoomed], stops, seed: 5, noisePx: 0, changes });
  const { layout, covariance, sigmaPx, encoders } = scan.solution;
  const size = layoutSize(layout);

  /** What is known beforehand: what a scan without ties leaves, and the encoders. */
  const priorOf = (): Float64Array => {
    const alone = adjustBundle({ ...scan.problem, ties: [] });
    const sigmas = [encoders.panRad, encoders.tiltRad, encoders.playRad];
    return Float64Array.from({ length: size }, (_, i) =>
      i < 3 * stops.length ? 1 / sigmas[i % 3]! ** 2 : 1 / alone.covariance[i * (size + 1)]!,
    );
  };

  it('is what finite differences of the ties’ residuals tell', () => {
    const columns = Array.from({ length: size }, (_, column) => {
      const lensColumn = (column - 3 * stops.length - HEAD_TERMS.length) % LENS_PARAMETERS.length;
      const step = column < 3 * stops.length + HEAD_TERMS.length ? 1e-6 : lensStep(lensColumn);
      const ahead = residualsOf(scan, movedGeometry(scan, column, step));
      const behind = residualsOf(scan, movedGeometry(scan, column, -step));
      return ahead.map((value, i) => (value - behind[i]!) / (2 * step));
    });
    const prior = priorOf();
    const information = Float64Array.from({ length: size * size }, (_, at) => {
      const [row, column] = [Math.floor(at / size), at % size];
      const told = columns[row]!.reduce((sum, value, i) => sum + value * columns[column]![i]!, 0);
      return told / sigmaPx ** 2 + (row === column ? prior[row]! : 0);
    });
    const expected = invertSymmetric(information, size)!;
    const sigma = (i: number): number => Math.sqrt(expected[i * (size + 1)]!);
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        const off = covariance[row * size + column]! - expected[row * size + column]!;
        expect(Math.abs(off) / sigma(row) / sigma(column)).toBeLessThan(1e-3);
      }
  });
});

interface Found {
  readonly name: string;
  /** Found − true. */
  readonly error: number;
  readonly sigma: number;
}

/** The ordinary terms and the first lens, radians and px, with standard errors. */
const foundOf = ({ solution, truth }: MadeScan): Found[] => {
  const { layout, covariance, geometry } = solution;
  const size = layoutSize(layout);
  const sigmaOf = (column: number): number => Math.sqrt(covariance[column * (size + 1)]!);
  const [lens, trueLens] = [geometry.lenses[0]!, truth.lenses[0]!];
  return [
    ...ORDINARY_TERMS.map((term) => ({
      name: term,
      error: geometry.head[term] - truth.head[term],
      sigma: sigmaOf(headColumns(layout)[HEAD_TERMS.indexOf(term)]!),
    })),
    ...LENS_PARAMETERS.map((parameter, k) => ({
      name: parameter,
      error:
        parameter === 'logFocal'
          ? Math.log(lens.focalPx / trueLens.focalPx)
          : lens[parameter] - trueLens[parameter],
      sigma: sigmaOf(lensColumns(layout, 0)[k]!),
    })),
  ];
};

const errorOf = (found: readonly Found[], name: string): number =>
  Math.abs(found.find((one) => one.name === name)!.error);

const ROWS = circleOf([-25, -5, 15]);
const POINTS = 2500;

describe('a camera’s head and lens, from 36 stops', () => {
  // As exact as 0.3 px in pictures of 1280 px.
  const scans = [1, 2, 3].map((seed) =>
    makeScan({
      camera: ordinaryCamera(seed),
      ...{ stops: ROWS, seed, points: POINTS, noisePx: 0.15 },
    }),
  );

  it.each([0, 1, 2])('are found, camera %i', (i) => {
    const found = foundOf(scans[i]!);
    for (const term of ['tiltAxis', 'tiltZero', 'roll'])
      expect(degFromRad(errorOf(found, term))).toBeLessThan(0.01);
    expect(errorOf(found, 'panGain')).toBeLessThan(3e-5);
    for (const centre of ['centreX', 'centreY']) expect(errorOf(found, centre)).toBeLessThan(0.4);
  });

  it('are off by what their standard errors say', () => {
    const inSigmas = scans.flatMap((scan) => foundOf(scan).map(({ error, sigma }) => error / sigma));
    expect(Math.max(...inSigmas.map(Math.abs))).toBeLessThan(4.5);
    const rms = Math.sqrt(inSigmas.reduce((sum, value) => sum + value ** 2, 0) / inSigmas.length);
    expect(rms).toBeGreaterThan(0.6);
    expect(rms).toBeLessThan(1.6);
  });

  it('are found as they are where nothing errs', () => {
    const exact = makeScan({
      camera: ordinaryCamera(8),
      ...{ stops: ROWS, seed: 8, points: 1500, noisePx: 0 },
    });
    const found = foundOf(exact);
    for (const term of ['tiltAxis', 'tiltZero', 'collimation', 'roll'])
      expect(degFromRad(errorOf(found, term))).toBeLessThan(1e-4);
    for (const centre of ['centreX', 'centreY']) expect(errorOf(found, centre)).toBeLessThan(1e-2);
  });

  it('are found although every tenth tie is wrong', () => {
    const scan = scans[0]!;
    const ties = scan.problem.ties.map((tie, i) =>
      i % 10 === 3 ? { ...tie, bx: tie.bx + 4 + (i % 7), by: tie.by - 3 - (i % 5) } : tie,
    );
    const found = foundOf({ ...scan, solution: adjustBundle({ ...scan.problem, ties }) });
    for (const term of ['tiltAxis', 'tiltZero', 'roll'])
      expect(degFromRad(errorOf(found, term))).toBeLessThan(0.015);
  });
});

describe('the encoders’ noise, from what a scan’s stops turned against them', () => {
  const NOISE_DEG = 0.02;
  const noisy = (seed: number, encodersDeg: { pan: number; tilt: number; play: number }) =>
    makeScan({
      camera: ordinaryCamera(seed),
      ...{ stops: ROWS, seed, points: POINTS, encodersDeg },
    }).solution.encoders;

  it.each([4, 5])('is told where every stop is tied to its neighbours, camera %i', (seed) => {
    const { panRad, tiltRad, playRad } = noisy(seed, { pan: NOISE_DEG, tilt: NOISE_DEG, play: 0 });
    for (const sigma of [panRad, tiltRad]) {
      expect(degFromRad(sigma)).toBeGreaterThan(0.5 * NOISE_DEG);
      expect(degFromRad(sigma)).toBeLessThan(1.5 * NOISE_DEG);
    }
    expect(degFromRad(playRad)).toBeLessThan(0.5 * NOISE_DEG);
  });

  it('is told of each axis on its own, and of the play about the one that no encoder reads', () => {
    const ofTilt = noisy(6, { pan: 0, tilt: NOISE_DEG, play: 0 });
    expect(degFromRad(ofTilt.tiltRad)).toBeGreaterThan(0.5 * NOISE_DEG);
    expect(degFromRad(ofTilt.panRad)).toBeLessThan(0.3 * NOISE_DEG);
    const ofPlay = noisy(7, { pan: 0, tilt: 0, play: NOISE_DEG });
    expect(degFromRad(ofPlay.playRad)).toBeGreaterThan(0.5 * NOISE_DEG);
    expect(degFromRad(ofPlay.playRad)).toBeLessThan(1.5 * NOISE_DEG);
    expect(degFromRad(ofPlay.panRad)).toBeLessThan(0.3 * NOISE_DEG);
  });

  it('is none where the encoders are exact', () => {
    const exact = noisy(8, { pan: 0, tilt: 0, play: 0 });
    for (const sigma of [exact.panRad, exact.tiltRad, exact.playRad])
      expect(degFromRad(sigma)).toBeLessThan(0.008);
  });

  describe('in one row of stops', () => {
    const encodersDeg = { pan: 0.03, tilt: 0.03, play: 0 };
    const row = (isTied: (a: number, b: number) => boolean) =>
      makeScan({
        ...{ camera: ordinaryCamera(9), stops: circleOf([-5], 24), seed: 11, noisePx: 0.2 },
        ...{ encodersDeg, isTied, points: POINTS },
        // The lens is known: a few ties do not tell it.
        isLensGiven: true,
      }).solution;
    const ownSigmaDeg = ({ covariance, layout }: ReturnType<typeof row>, stop: number): number => {
      const at = ownColumn(stop);
      return degFromRad(Math.sqrt(covariance[at * (layoutSize(layout) + 1)]!));
    };
    const isNext = (a: number, b: number): boolean => (b - a + 24) % 24 === 1 || (a - b + 24) % 24 === 1;

    it('is told where each is tied to its neighbours, and none is loose', () => {
      const solution = row(isNext);
      expect(degFromRad(solution.encoders.panRad)).toBeGreaterThan(0.6 * 0.03);
      expect(degFromRad(solution.encoders.panRad)).toBeLessThan(1.3 * 0.03);
      const loosest = Math.max(...solution.rotations.map((_, stop) => ownSigmaDeg(solution, stop)));
      expect(loosest).toBeLessThan(0.5 * 0.03);
    });

    it('is not taken to be small where hardly any are tied, and those that are not are loose by all of it', () => {
      const solution = row((a, b) => isNext(a, b) && [0, 5, 6].includes(Math.min(a, b)));
      const panDeg = degFromRad(solution.encoders.panRad);
      expect(panDeg).toBeGreaterThan(0.5 * 0.03);
      expect(ownSigmaDeg(solution, 15)).toBeGreaterThan(0.99 * panDeg);
      expect(ownSigmaDeg(solution, 6)).toBeLessThan(0.8 * ownSigmaDeg(solution, 15));
    });
  });
});

describe('a scan of one stop', () => {
  it('leaves everything as it was known before', () => {
    const { solution, problem } = makeScan({
      ...{ camera: ordinaryCamera(2), stops: [{ panDeg: 20, tiltDeg: -6 }], seed: 1, isLensGiven: true },
    });
    expect(problem.ties).toEqual([]);
    expect(solution.geometry.head).toEqual(problem.start.head);
    const { layout, covariance } = solution;
    for (const column of headColumns(layout).subarray(0, 4))
      expect(degFromRad(Math.sqrt(covariance[column * (layoutSize(layout) + 1)]!))).toBeCloseTo(0.5, 6);
    expect(solution.encoders.panRad).toBeLessThan(radFromDeg(0.01));
  });
});
