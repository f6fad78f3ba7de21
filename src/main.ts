#!/usr/bin/env node
import process from 'node:process';
import { CommanderError } from 'commander';
import { createOpencvSolverPool } from './adapters/opencv-solver-pool.js';
import { buildProgram } from './cli/program.js';
import { EXIT, type Shell } from './cli/shell.js';
import { AppError } from './ports/app-error.js';

const SOLVER_PROCESSES = 2;

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupted.abort(new AppError('interrupted', 'Interrupted.', 'Start it again.')));
}

const shell: Shell = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  openSolver: () => createOpencvSolverPool({ workers: SOLVER_PROCESSES }),
  signal: interrupted.signal,
  exitCode: EXIT.ok,
};

const tell = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.unusable;
  if (interrupted.signal.aborted) {
    shell.err('Interrupted.\n');
    return EXIT.interrupted;
  }
  if (error instanceof AppError) {
    shell.err(`${error.message} ${error.remedy}\n`);
    return EXIT.unusable;
  }
  throw error;
};

try {
  await buildProgram(shell).parseAsync(process.argv);
} catch (error) {
  shell.exitCode = tell(error);
}
process.exitCode = shell.exitCode;
