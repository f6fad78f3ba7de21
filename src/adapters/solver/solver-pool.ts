import { AppError } from '../../ports/app-error.js';
import type { CalibrationSolver } from '../../ports/calibration-solver.js';
import { ChildDied, createChildPool } from '../process/child-pool.js';
import type { SolverJob, SolverResult } from './solver-jobs.js';
import { featuresFile } from './feature-file.js';

type Of<K extends SolverResult['kind']> = Extract<SolverResult, { kind: K }>;

/** Solver in a bounded pool of child processes. */
export const createOpencvSolverPool = ({ workers }: { readonly workers: number }): CalibrationSolver => {
  const entry = new URL('./solver-worker.js', import.meta.url);
  const pool = createChildPool<SolverJob, SolverResult>({ entry, size: workers });

  const ask = async <K extends SolverResult['kind']>(
    kind: K,
    job: SolverJob,
    signal: AbortSignal,
  ): Promise<Of<K>> => {
    const subject = 'referenceDir' in job ? job.referenceDir : undefined;
    const result = await pool.run(job, signal, subject).catch((fault: unknown) => {
      if (!(fault instanceof ChildDied)) throw fault;
      throw new AppError(
        'solver_crashed',
        'The solver crashed twice on this picture.',
        'Keep the folder and report it.',
        fault,
      );
    });
    if (result.kind !== kind) throw new Error(`the solver answered ${result.kind} for ${kind}`);
    return result as Of<K>;
  };

  return {
    featuresFile,
    prepareReference: async (referenceDir, masks, signal) =>
      (await ask('report', { kind: 'prepare', referenceDir, masks }, signal)).report,
    prepareLayer: async (request, signal) =>
      (await ask('layer-report', { kind: 'prepare-layer', ...request }, signal)).report,
    solve: async (request, signal) => (await ask('answer', { kind: 'solve', ...request }, signal)).answer,
    measureFieldOfView: async (captureDir, masks, signal) =>
      (await ask('view', { kind: 'measure-view', captureDir, masks }, signal)).view,
    close: () => pool.close(),
  };
};
