/**
 * Solves A·x = b for a symmetric positive definite A (n×n, row-major) by Cholesky; null when A is not positive definite.
 * `a` and `b` are left as they are.
 */
export const solveSymmetric = (a: Float64Array, b: Float64Array, n: number): Float64Array | null => {
  const factor = choleskyFactor(a, n);
  return factor === null ? null : substitute(factor, b, n);
};

/** The inverse of a symmetric positive definite matrix, or null. */
export const invertSymmetric = (a: Float64Array, n: number): Float64Array | null => {
  const factor = choleskyFactor(a, n);
  if (factor === null) return null;
  const inverse = new Float64Array(n * n);
  for (let col = 0; col < n; col++) {
    const unit = new Float64Array(n);
    unit[col] = 1;
    const x = substitute(factor, unit, n);
    for (let row = 0; row < n; row++) inverse[row * n + col] = x[row]!;
  }
  return inverse;
};

const choleskyFactor = (a: Float64Array, n: number): Float64Array | null => {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) return null;
        l[i * n + i] = Math.sqrt(sum);
      } else {
        l[i * n + j] = sum / l[j * n + j]!;
      }
    }
  }
  return l;
};

const substitute = (l: Float64Array, b: Float64Array, n: number): Float64Array => {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * x[k]!;
    x[i] = sum / l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * x[k]!;
    x[i] = sum / l[i * n + i]!;
  }
  return x;
};

/** Eigenvalues (in no order) and eigenvectors (n×n, row-major, one a column) of a symmetric matrix. */
interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 50;

/** The eigenvectors of a symmetric A (n×n, row-major) by Jacobi's rotations (Golub & Van Loan, 8.5); `a` is left as it is. */
export const eigenSymmetric = (a: Float64Array, n: number): SymmetricEigen => {
  const m = Float64Array.from(a);
  const vectors = Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  const size = m.reduce((sum, value) => sum + value ** 2, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const value = m[p * n + q]!;
        off += value ** 2;
        if (value === 0) continue;
        const ratio = (m[q * n + q]! - m[p * n + p]!) / (2 * value);
        const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
        const cosine = 1 / Math.hypot(1, tangent);
        rotateRows(m, n, p, q, cosine, tangent * cosine);
        rotateColumns(m, n, p, q, cosine, tangent * cosine);
        rotateColumns(vectors, n, p, q, cosine, tangent * cosine);
      }
    }
    if (off <= Number.EPSILON ** 2 * size) break;
  }
  return { values: Float64Array.from({ length: n }, (_, i) => m[i * n + i]!), vectors };
};

const rotateRows = (m: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void => {
  for (let k = 0; k < n; k++) {
    const [a, b] = [m[p * n + k]!, m[q * n + k]!];
    m[p * n + k] = cosine * a - sine * b;
    m[q * n + k] = sine * a + cosine * b;
  }
};

const rotateColumns = (
  m: Float64Array,
  n: number,
  p: number,
  q: number,
  cosine: number,
  sine: number,
): void => {
  for (let k = 0; k < n; k++) {
    const [a, b] = [m[k * n + p]!, m[k * n + q]!];
    m[k * n + p] = cosine * a - sine * b;
    m[k * n + q] = sine * a + cosine * b;
  }
};
