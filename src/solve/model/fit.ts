import type { Refined } from '../estimation/rotation-refinement.js';
import type { Observation } from './observation.js';

/** What the guided matches around a first rotation come to. */
export interface Fit {
  readonly refined: Refined;
  /** The matches that agree. */
  readonly observations: readonly Observation[];
  readonly matches: number;
  /** Residuals up to this agree, px. */
  readonly fitPx: number;
}
