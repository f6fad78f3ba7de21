import type { CalibrationSolver } from '../ports/calibration-solver.js';

/** What a command may use of the outside; main.ts fills it, tests bring their own. */
export interface Shell {
  out(text: string): void;
  err(text: string): void;
  /** A solver alone, without settings; close it. */
  openSolver(): CalibrationSolver;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  exitCode: number;
}

export const EXIT = { ok: 0, unusable: 2, interrupted: 130 } as const;
