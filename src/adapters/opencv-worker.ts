import process from 'node:process';
import { AppError } from '../ports/app-error.js';
import { createOpenCvEyes } from './opencv-features.js';
import { FolderSolver } from './opencv-solve.js';
import type { SolverJob, SolverReply } from './opencv-worker-messages.js';

/** A child process that solves: one job at a time, each answered once over the IPC channel. */
const solver = new FolderSolver(createOpenCvEyes());

const run = async (job: SolverJob): Promise<SolverReply> => {
  if (job.kind === 'prepare')
    return { kind: 'report', report: await solver.prepare(job.referenceDir, job.masks) };
  if (job.kind === 'prepare-layer')
    return {
      kind: 'layer-report',
      report: await solver.prepareLayer(job.referenceDir, job.layerDir, job.masks),
    };
  return { kind: 'answer', answer: await solver.solve(job) };
};

process.on('message', (job: SolverJob) => {
  run(job).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error; // a programmer's error: the parent sees the crash
      const { code, message, remedy } = error;
      process.send?.({ kind: 'failed', code, message, remedy } satisfies SolverReply);
    },
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent decides when workers end.
process.on('SIGINT', () => undefined);
