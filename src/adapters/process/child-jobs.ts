import process from 'node:process';
import { AppError } from '../../ports/app-error.js';

/** A child process's answer to a job. */
export type ChildReply<Result> =
  { readonly result: Result } | { readonly code: string; readonly message: string; readonly remedy: string };

/** The child's side of a pool: answers each job once over the IPC channel. A programming error ends the child, which the parent notices. */
export const answerJobs = <Job, Result>(answer: (job: Job) => Promise<Result>): void => {
  const reply = (told: ChildReply<Result>): void => void process.send?.(told);
  process.on('message', (job: Job) => {
    answer(job).then(
      (result) => reply({ result }),
      (fault: unknown) => {
        if (!(fault instanceof AppError)) throw fault;
        const { code, message, remedy } = fault;
        reply({ code, message, remedy });
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group; the parent decides when its children end.
  process.on('SIGINT', () => undefined);
};
