import type { AppError } from '../../ports/app-error.js';
import type { CheckOutcome } from './outcome.js';

/**
 * Observes sweeps. A sweep is named by its scheduled time: programs that share one report their parts under the same
 * name. Each call resolves once its report is safe, whatever happens to this program; repeated calls change nothing.
 */
export interface SweepWatch {
  readonly started?: (scheduledForMs: number) => MaybeAsync;
  readonly outcome?: (outcome: CheckOutcome, scheduledForMs: number) => MaybeAsync;
  /** All outcomes, in the order of the settings; called by the program that finishes the sweep. */
  readonly finished?: (
    outcomes: readonly CheckOutcome[],
    tookMs: number,
    scheduledForMs: number,
  ) => MaybeAsync;
  readonly failed?: (fault: AppError, scheduledForMs: number) => MaybeAsync;
  /** A line for people that belongs to no single check; lines with the same key are reported once. */
  readonly notice?: (line: string, key: string) => MaybeAsync;
  /** The same when the store itself may be down: a line that cannot be stored is reported at once, by each program. */
  readonly stalled?: (line: string, key: string) => MaybeAsync;
}

export type MaybeAsync = Promise<void> | void;

export type Role = 'all' | 'worker' | 'scheduler';
