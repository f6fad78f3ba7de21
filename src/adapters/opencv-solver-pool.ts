import { fork, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { AppError } from '../ports/app-error.js';
import type { CalibrationSolver } from '../ports/calibration-solver.js';
import { dyingWithUs } from './bounded-process.js';
import type { SolverJob, SolverReply } from './opencv-worker-messages.js';

/** Jobs after which a worker is replaced, so that no leak of the native side can grow. */
const JOBS_PER_WORKER = 2000;

interface Worker {
  readonly child: ChildProcess;
  jobs: number;
}

const startWorker = (): Worker => {
  const entry = fileURLToPath(new URL('./opencv-worker.js', import.meta.url));
  const [execPath, execArgv] = dyingWithUs(process.execPath, process.execArgv);
  const child = fork(entry, [], {
    // A worker in the middle of its work does not notice that nobody waits for it any more.
    ...{ execPath, execArgv },
    // The binding prints at load; nothing of a worker belongs on the terminal.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, OPENCV4NODEJS_DISABLE_AUTOBUILD: '1', MALLOC_ARENA_MAX: '2' },
  });
  return { child, jobs: 0 };
};

/** One job on one worker; rejects when the worker dies or the signal aborts (the worker is then killed). */
const ask = (worker: Worker, job: SolverJob, signal: AbortSignal): Promise<SolverReply> =>
  new Promise((resolve, reject) => {
    const { child } = worker;
    let stderr = '';
    const onErrorText = (chunk: Buffer): void => {
      stderr = (stderr + chunk.toString()).slice(-2000);
    };
    const finish = (settle: () => void): void => {
      child.off('message', onMessage).off('exit', onExit);
      child.stderr?.off('data', onErrorText);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onMessage = (reply: SolverReply): void => finish(() => resolve(reply));
    const onExit = (code: number | null, name: string | null): void =>
      finish(() => reject(new WorkerDied(`The solver's process ended (${name ?? code}): ${stderr.trim()}`)));
    const onAbort = (): void => {
      child.kill('SIGKILL');
      finish(() => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')));
    };
    child.on('message', onMessage).on('exit', onExit);
    child.stderr?.on('data', onErrorText);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.jobs++;
    child.send(job);
  });

class WorkerDied extends Error {
  override readonly name = 'WorkerDied';
}

const isAlive = ({ child }: Worker): boolean =>
  child.exitCode === null && child.signalCode === null && child.connected;

/** Solver in a bounded pool of child processes: a crash costs one retry, memory stays bounded. */
export const createOpencvSolverPool = ({ workers }: { readonly workers: number }): CalibrationSolver => {
  const limit = pLimit(workers);
  const idle: Worker[] = [];
  const all = new Set<Worker>();

  const runOnce = async (job: SolverJob, signal: AbortSignal): Promise<SolverReply> => {
    signal.throwIfAborted();
    let worker = idle.pop();
    if (worker === undefined || !isAlive(worker)) {
      worker = startWorker();
      all.add(worker);
      const started = worker;
      worker.child.once('exit', () => all.delete(started));
    }
    const reply = await ask(worker, job, signal);
    if (worker.jobs < JOBS_PER_WORKER) idle.push(worker);
    else worker.child.disconnect();
    return reply;
  };

  const run = (job: SolverJob, signal: AbortSignal): Promise<SolverReply> =>
    limit(async () => {
      try {
        return await runOnce(job, signal);
      } catch (error) {
        if (!(error instanceof WorkerDied)) throw error;
      }
      try {
        return await runOnce(job, signal);
      } catch (error) {
        if (!(error instanceof WorkerDied)) throw error;
        throw new AppError(
          'solver_crashed',
          'The solver crashed twice on this picture.',
          'Keep the folder and report it.',
          error,
        );
      }
    });

  const expect = <K extends SolverReply['kind']>(
    reply: SolverReply,
    kind: K,
  ): Extract<SolverReply, { kind: K }> => {
    if (reply.kind === 'failed') throw new AppError(reply.code, reply.message, reply.remedy);
    if (reply.kind !== kind) throw new Error(`the solver answered ${reply.kind} for ${kind}`);
    return reply as Extract<SolverReply, { kind: K }>;
  };

  return {
    prepareReference: async (referenceDir, masks, signal) =>
      expect(await run({ kind: 'prepare', referenceDir, masks }, signal), 'report').report,
    prepareLayer: async (request, signal) =>
      expect(await run({ kind: 'prepare-layer', ...request }, signal), 'layer-report').report,
    solve: async (request, signal) =>
      expect(await run({ kind: 'solve', ...request }, signal), 'answer').answer,
    close: async () => {
      await Promise.all(
        [...all].map(
          ({ child }) =>
            new Promise<void>((resolve) => {
              child.once('exit', () => resolve());
              child.kill('SIGKILL');
            }),
        ),
      );
    },
  };
};
