import type { AppError } from '../../ports/app-error.js';
import type { CheckOutcome } from './outcome.js';

/**
 * Who wants to know more of the sweeps than lines of text. A sweep is named by the time that it was scheduled for: programs
 * that share one tell their parts under the same name. What is answered resolves when it is safe, so that it will be told
 * whatever becomes of this program; being told the same again changes nothing.
 */
export interface SweepWatch {
  readonly started?: (scheduledForMs: number) => Heard;
  readonly outcome?: (outcome: CheckOutcome, scheduledForMs: number) => Heard;
  /** All outcomes, in the order of the settings, of a program that made the whole sweep; it ends with its last camera else. */
  readonly finished?: (outcomes: readonly CheckOutcome[], tookMs: number, scheduledForMs: number) => Heard;
  readonly failed?: (fault: AppError, scheduledForMs: number) => Heard;
  /** A line for people that is no single check's. Whoever tells what has the same key: it is told once. */
  readonly notice?: (line: string, key: string) => Heard;
  /** The same where the store may be what is wrong: what cannot be kept is told at once, by each program. */
  readonly stalled?: (line: string, key: string) => Heard;
}

export type Heard = Promise<void> | void;

export type Role = 'all' | 'worker' | 'scheduler';
