import process from 'node:process';
import { answerJobs } from '../../src/adapters/process/child-jobs.js';

/** A child of a pool that takes as long as it is told to, and says which process it is. */
answerJobs(async ({ ms }: { readonly ms: number }) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return process.pid;
});
