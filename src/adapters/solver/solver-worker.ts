import { answerJobs } from '../process/child-jobs.js';
import { measureFieldOfView } from './field-of-view.js';
import { createOpenCvEyes } from './akaze-features.js';
import { FolderSolver } from './folder-solver.js';
import type { SolverJob, SolverResult } from './solver-jobs.js';

/** A child process that solves. */
const eyes = createOpenCvEyes();
const solver = new FolderSolver(eyes);

answerJobs(async (job: SolverJob): Promise<SolverResult> => {
  if (job.kind === 'prepare')
    return { kind: 'report', report: await solver.prepare(job.referenceDir, job.masks) };
  if (job.kind === 'prepare-layer')
    return {
      kind: 'layer-report',
      report: await solver.prepareLayer(job.referenceDir, job.layerDir, job.masks),
    };
  if (job.kind === 'measure-view')
    return { kind: 'view', view: await measureFieldOfView(eyes, job.captureDir, job.masks) };
  return { kind: 'answer', answer: await solver.solve(job) };
});
