import { solveSymmetric } from '../../geometry/linear.js';

/** Information matrix and gradient of a linearised problem; of the symmetric matrix the lower half alone is kept. */
export class NormalEquations {
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;

  constructor(readonly size: number) {
    this.hessian = new Float64Array(size * size);
    this.gradient = new Float64Array(size);
  }

  /**
   * One residual: its derivatives by the parameters `columns`, and its weight (an inverse variance). Columns may repeat: what is
   * said of one parameter twice adds up.
   */
  add(columns: ArrayLike<number>, derivatives: ArrayLike<number>, residual: number, weight: number): void {
    const { hessian, gradient, size } = this;
    for (let i = 0; i < columns.length; i++) {
      const row = columns[i]!;
      const scaled = weight * derivatives[i]!;
      if (scaled === 0) continue;
      gradient[row] = gradient[row]! - scaled * residual;
      for (let j = 0; j < columns.length; j++) {
        const column = columns[j]!;
        if (column > row) continue;
        const at = row * size + column;
        hessian[at] = hessian[at]! + scaled * derivatives[j]!;
      }
    }
  }

  /** What is known of one parameter beforehand: `excess` is how far it lies beyond that. */
  addPrior(parameter: number, excess: number, information: number): void {
    const at = parameter * this.size + parameter;
    this.hessian[at] = this.hessian[at]! + information;
    this.gradient[parameter] = this.gradient[parameter]! - information * excess;
  }
}

/** What is to be fitted; `State` is whatever the parameters' steps move. */
export interface RobustProblem<State> {
  readonly size: number;
  /**
   * Adds every residual with the weight that its length gets, and the priors; answers all lengths (Infinity where there is no
   * residual).
   */
  linearize(state: State, normal: NormalEquations, weightOf: (length: number) => number): Float64Array;
  moved(state: State, step: Float64Array): State;
}

export interface RobustOptions {
  readonly iterations: number;
  /** The spread at the start, where it is known already. */
  readonly startSpread?: number;
  /** Standard deviation per axis of the residuals that are right, from all lengths. */
  readonly spreadOf: (lengths: Float64Array) => number;
  /** Share of its weight, 0 to 1, that a residual keeps so many spreads from nothing. */
  readonly loss: (spreads: number) => number;
  /** From so many iterations on the spread is kept: estimated anew with every step, it and the state may chase each other for ever. */
  readonly keepSpreadAfter?: number;
  /** A step this small against the standard errors changes nothing that is told. */
  readonly convergedSigmas: number;
}

/** What came of it; `normal` holds the information at the end, whose inverse is the plain covariance. */
export interface RobustFit<State> {
  readonly state: State;
  readonly normal: NormalEquations;
  readonly lengths: Float64Array;
  readonly spread: number;
  readonly converged: boolean;
}

/** Counts nothing from `reach` spreads on (Tukey). */
export const tukey =
  (reach: number) =>
  (spreads: number): number => {
    const t = spreads / reach;
    return t >= 1 ? 0 : (1 - t * t) ** 2;
  };

/** Falls off smoothly and never ends: what is far at first may come near (Geman and McClure). */
export const gemanMcClure =
  (scale: number) =>
  (spreads: number): number =>
    1 / (1 + (spreads / scale) ** 2) ** 2;

/** √(stepᵀ·information·step): how far a step goes, in standard errors. */
const lengthInSigmas = (step: Float64Array, { hessian, size }: NormalEquations): number => {
  let squared = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) squared += 2 * step[i]! * hessian[i * size + j]! * step[j]!;
    squared += step[i]! * hessian[i * size + i]! * step[i]!;
  }
  return Math.sqrt(Math.max(0, squared));
};

/**
 * Iteratively reweighted Gauss-Newton. Weights are inverse variances, those of the residuals by their own spread, so that priors
 * stand beside them as they are.
 */
export const fitRobustly = <State>(
  problem: RobustProblem<State>,
  start: State,
  { iterations, startSpread, spreadOf, loss, keepSpreadAfter = iterations, convergedSigmas }: RobustOptions,
): RobustFit<State> => {
  const evaluate = (state: State, spread: number) => {
    const normal = new NormalEquations(problem.size);
    const weightOf = (length: number): number => loss(length / spread) / (spread * spread);
    return { normal, lengths: problem.linearize(state, normal, weightOf) };
  };
  let state = start;
  let spread = startSpread ?? spreadOf(problem.linearize(start, new NormalEquations(problem.size), () => 0));
  let evaluated = evaluate(state, spread);
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (iteration < keepSpreadAfter) spread = spreadOf(evaluated.lengths);
    const step = solveSymmetric(evaluated.normal.hessian, evaluated.normal.gradient, problem.size);
    if (step === null) break;
    state = problem.moved(state, step);
    // The last step is too small to be worth another look.
    if (lengthInSigmas(step, evaluated.normal) < convergedSigmas)
      return { state, spread, converged: true, ...evaluated };
    evaluated = evaluate(state, spread);
  }
  return { state, spread, converged: false, ...evaluated };
};
