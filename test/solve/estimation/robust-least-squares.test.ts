import { describe, expect, it } from '@jest/globals';
import { invertSymmetric } from '../../../src/geometry/linear.js';
import { seededRandom } from '../../../src/geometry/random.js';
import {
  fitRobustly,
  gemanMcClure,
  NormalEquations,
  tukey,
  type RobustOptions,
  type RobustProblem,
} from '../../../src/solve/estimation/robust-least-squares.js';
import { gaussOf } from '../../support/synthetic-scan.js';

/** A straight line y = a + b·x through points, with what is known of a and b beforehand. */
interface Line {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Value and standard error; none where nothing is known. */
  readonly priors?: readonly (readonly [value: number, sigma: number] | null)[];
  /** Moves by this part of every step. */
  readonly share?: number;
}

class LineFit implements RobustProblem<readonly number[]> {
  readonly size = 2;
  linearized = 0;

  constructor(private readonly line: Line) {}

  linearize(
    state: readonly number[],
    normal: NormalEquations,
    weightOf: (length: number) => number,
  ): Float64Array {
    this.linearized++;
    this.line.priors?.forEach((prior, i) => {
      if (prior) normal.addPrior(i, state[i]! - prior[0], 1 / prior[1] ** 2);
    });
    return Float64Array.from(this.line.points, ([x, y]) => {
      const residual = state[0]! + state[1]! * x - y;
      normal.add([0, 1], [1, x], residual, weightOf(Math.abs(residual)));
      return Math.abs(residual);
    });
  }

  moved(state: readonly number[], step: Float64Array): readonly number[] {
    return state.map((value, i) => value + (this.line.share ?? 1) * step[i]!);
  }
}

const median = (values: Float64Array): number => Float64Array.from(values).sort()[values.length >> 1] ?? 0;

const OPTIONS: RobustOptions = {
  ...{ iterations: 30, convergedSigmas: 0.001, loss: tukey(4.7) },
  spreadOf: (lengths) => Math.max(1e-3, median(lengths) / 0.6745),
};

const fitLine = (line: Line, options: Partial<RobustOptions> = {}) =>
  fitRobustly(new LineFit(line), [0, 0], { ...OPTIONS, ...options });

const NOISE = 0.1;
/** y = 2 − 0.5·x, with noise. */
const pointsOf = (count: number, seed: number): [number, number][] => {
  const random = seededRandom(seed);
  const gauss = gaussOf(random);
  return Array.from({ length: count }, (_, i) => {
    const x = -1 + (2 * i) / (count - 1);
    return [x, 2 - 0.5 * x + NOISE * gauss()];
  });
};

const sigmaOf = ({ normal }: ReturnType<typeof fitLine>, i: number): number =>
  Math.sqrt(invertSymmetric(normal.hessian, 2)![3 * i]!);

describe('a robust fit', () => {
  it('finds what fits, how far residuals spread and how sure it is', () => {
    const errors = Array.from({ length: 60 }, (_, seed) => {
      const fit = fitLine({ points: pointsOf(200, seed) });
      expect(fit.converged).toBe(true);
      expect(fit.spread).toBeGreaterThan(0.75 * NOISE);
      expect(fit.spread).toBeLessThan(1.25 * NOISE);
      return [(fit.state[0]! - 2) / sigmaOf(fit, 0), (fit.state[1]! + 0.5) / sigmaOf(fit, 1)];
    });
    for (const i of [0, 1]) {
      const rms = Math.sqrt(errors.reduce((sum, error) => sum + error[i]! ** 2, 0) / errors.length);
      expect(rms).toBeGreaterThan(0.75);
      expect(rms).toBeLessThan(1.3);
    }
  });

  it.each([
    ['Tukey', tukey(4.7)],
    ['Geman and McClure', gemanMcClure(3)],
  ])('leaves out what is far off, by the loss of %s', (_, loss) => {
    const points = pointsOf(300, 3).map(([x, y], i): [number, number] => [x, i % 4 === 0 ? y + 3 + x : y]);
    const { state } = fitLine({ points }, { loss });
    expect(Math.abs(state[0]! - 2)).toBeLessThan(0.03);
    expect(Math.abs(state[1]! + 0.5)).toBeLessThan(0.05);
  });

  it('takes priors in their own units, beside residuals in theirs', () => {
    // As sure as the points alone are of a: half way between both.
    const points = pointsOf(400, 5);
    const free = fitLine({ points }, { loss: () => 1 });
    const sigma = sigmaOf(free, 0);
    const held = fitLine({ points, priors: [[2.1, sigma], null] }, { loss: () => 1 });
    expect(held.state[0]).toBeCloseTo((free.state[0]! + 2.1) / 2, 3);
    expect(sigmaOf(held, 0)).toBeCloseTo(sigma / Math.SQRT2, 3);
  });

  it('takes priors alike whatever the unit of the residuals', () => {
    const prior: Line['priors'] = [[2.05, 0.02], null];
    const fine = fitLine({ points: pointsOf(100, 6), priors: prior });
    // The same points in thousandths, by parameters in thousandths.
    const coarse = fitLine({
      points: pointsOf(100, 6).map(([x, y]) => [x, 1000 * y]),
      priors: [[2050, 20], null],
    });
    expect(coarse.state[0]! / 1000).toBeCloseTo(fine.state[0]!, 6);
    expect(sigmaOf(coarse, 0) / 1000).toBeCloseTo(sigmaOf(fine, 0), 6);
  });

  it('is its priors alone where there is nothing else', () => {
    const fit = fitLine({ points: [], priors: [[3, 0.5], [-1, 2]] }); // prettier-ignore
    expect([...fit.state]).toEqual([3, -1]);
    expect(fit.converged).toBe(true);
    expect([sigmaOf(fit, 0), sigmaOf(fit, 1)]).toEqual([0.5, 2]);
  });

  it('says when it has not come to rest', () => {
    const points = pointsOf(50, 7);
    expect(fitLine({ points }, { iterations: 1 }).converged).toBe(false);
    expect(fitLine({ points, share: 0.2 }, { iterations: 8 }).converged).toBe(false);
    expect(fitLine({ points, share: 0.2 }, { iterations: 200 }).converged).toBe(true);
  });

  it('ends where its equations tell nothing of a parameter, and says so', () => {
    const upright = fitLine({ points: [[0, 1], [0, 1.1], [0, 0.9]] }); // prettier-ignore
    expect(upright).toMatchObject({ state: [0, 0], converged: false });
    expect(fitLine({ points: [] })).toMatchObject({ state: [0, 0], converged: false });
    // Singular but for rounding: what points do tell is found.
    const { state } = fitLine({ points: [[1, 1], [1, 1.1], [1, 0.9]] }); // prettier-ignore
    expect(state[0]! + state[1]!).toBeCloseTo(1, 6);
  });

  it('keeps a spread that is known from before, and one that has been estimated often enough', () => {
    const points = pointsOf(100, 9);
    const seen: number[] = [];
    const spreadOf = (lengths: Float64Array): number => {
      seen.push(lengths.length);
      return 0.1 + 0.05 * (seen.length % 2);
    };
    const slow = { spreadOf, keepSpreadAfter: 4, iterations: 12, loss: () => 1 };
    fitLine({ points, share: 0.5 }, { ...slow, startSpread: 0.2 });
    expect(seen).toHaveLength(4);
    seen.length = 0;
    fitLine({ points, share: 0.5 }, slow);
    expect(seen).toHaveLength(5);
  });
});

describe('normal equations', () => {
  it('add up what is said twice of one parameter', () => {
    const twice = new NormalEquations(2);
    twice.add([0, 0, 1], [2, 3, 7], 0.5, 4);
    const once = new NormalEquations(2);
    once.add([0, 1], [5, 7], 0.5, 4);
    // Of the symmetric matrix the lower half alone is kept.
    for (const at of [0, 2, 3]) expect(twice.hessian[at]).toBeCloseTo(once.hessian[at]!, 12);
    expect([...twice.gradient]).toEqual([...once.gradient]);
  });

  it('do not depend on the order of columns', () => {
    const [one, other] = [new NormalEquations(3), new NormalEquations(3)];
    one.add([0, 1, 2], [1, 2, 3], 0.1, 2);
    other.add([2, 0, 1], [3, 1, 2], 0.1, 2);
    expect(other).toEqual(one);
  });
});

describe('a loss', () => {
  it.each([
    ['Tukey', tukey(4.7), 4.7],
    ['Geman and McClure', gemanMcClure(3), Infinity],
  ])('of %s counts all at nothing, less the farther, and nothing beyond its reach', (_, loss, reach) => {
    expect(loss(0)).toBe(1);
    const shares = [0, 1, 2, 3, 4, 5, 8, 20].map(loss);
    for (let i = 1; i < shares.length; i++) expect(shares[i]).toBeLessThanOrEqual(shares[i - 1]!);
    expect(loss(reach)).toBe(0);
  });
});
