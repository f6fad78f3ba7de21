import { describe, expect, it } from '@jest/globals';
import { eigenSymmetric, invertSymmetric, solveSymmetric } from '../../src/geometry/linear.js';
import { seededRandom } from '../../src/geometry/random.js';

const N = 12;
/** B·Bᵀ of a random B: symmetric, and positive definite. */
const positive = (seed: number): Float64Array => {
  const random = seededRandom(seed);
  const b = Array.from({ length: N * N }, () => random() - 0.5);
  return Float64Array.from({ length: N * N }, (_, at) => {
    const [row, column] = [Math.floor(at / N), at % N];
    return b
      .slice(row * N, row * N + N)
      .reduce((sum, value, k) => sum + value * b[column * N + k]!, row === column ? 0.01 : 0);
  });
};

describe('symmetric matrices', () => {
  it.each([1, 2, 3])('are put together again from their eigenvectors (seed %d)', (seed) => {
    const a = positive(seed);
    const { values, vectors } = eigenSymmetric(a, N);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) {
        let [value, unit] = [0, 0];
        for (let k = 0; k < N; k++) {
          value += values[k]! * vectors[i * N + k]! * vectors[j * N + k]!;
          unit += vectors[k * N + i]! * vectors[k * N + j]!;
        }
        expect(value).toBeCloseTo(a[i * N + j]!, 12);
        expect(unit).toBeCloseTo(Number(i === j), 12);
      }
    }
    expect(Math.min(...values)).toBeGreaterThan(0);
  });

  it('of diagonal form, of equal eigenvalues and of none are no trouble', () => {
    expect([...eigenSymmetric(Float64Array.from([3, 0, 0, 1]), 2).values]).toEqual([3, 1]);
    expect([...eigenSymmetric(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
    const [low, high] = [...eigenSymmetric(Float64Array.from([1, 1, 1, 1]), 2).values].sort((a, b) => a - b);
    expect(low).toBeCloseTo(0, 15);
    expect(high).toBeCloseTo(2, 15);
  });

  it('are solved and inverted, or null where they are not positive definite', () => {
    const a = positive(4);
    const b = Float64Array.from({ length: N }, (_, i) => i - 3);
    const x = solveSymmetric(a, b, N)!;
    const inverse = invertSymmetric(a, N)!;
    for (let i = 0; i < N; i++) {
      expect([...x].reduce((sum, value, k) => sum + a[i * N + k]! * value, 0)).toBeCloseTo(b[i]!, 8);
      expect([...b].reduce((sum, value, k) => sum + inverse[i * N + k]! * value, 0)).toBeCloseTo(x[i]!, 8);
    }
    const indefinite = Float64Array.from([1, 2, 2, 1]);
    expect(solveSymmetric(indefinite, new Float64Array(2), 2)).toBeNull();
    expect(invertSymmetric(indefinite, 2)).toBeNull();
  });
});
