import { answerJobs } from './child-jobs.js';
import { createOpenCvEyes } from './opencv-features.js';
import { FolderSolver } from './opencv-solve.js';
import type { SolverJob, SolverResult } from './opencv-worker-messages.js';

/** A child process that solves. */
const solver = new FolderSolver(createOpenCvEyes());

answerJobs(async (job: SolverJob): Promise<SolverResult> => {
  if (job.kind === 'prepare')
    return { kind: 'report', report: await solver.prepare(job.referenceDir, job.masks) };
  if (job.kind === 'prepare-layer')
    return {
      kind: 'layer-report',
      report: await solver.prepareLayer(job.referenceDir, job.layerDir, job.masks),
    };
  return { kind: 'answer', answer: await solver.solve(job) };
});
