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
