import { fork, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { AppError } from '../../ports/app-error.js';
import { timeoutSignal } from '../../async/timeout-signal.js';
import { dyingWithUs } from './bounded-process.js';
import type { ChildReply } from './child-jobs.js';

/** Jobs after which a child is replaced, so that no leak of its native side can grow. */
const JOBS_PER_CHILD = 2000;

interface ChildPoolOptions {
  /** A module that calls `answerJobs`. */
  readonly entry: URL;
  /** Children working at once, one job each. */
  readonly size: number;
  /** A child that takes longer for a job is killed (default: no limit). */
  readonly timeoutMs?: number;
}

/** Runs jobs in child processes: a crash costs one retry, memory stays bounded, the event loop stays free. */
interface ChildPool<Job, Result> {
  /**
   * AppErrors of the job; {@link ChildDied} when two children did not survive it, or it took too long; the signal's reason when
   * it aborts. A job goes to the child that was at the same `subject` last, if it is free: it may have kept what it read.
   */
  run(job: Job, signal: AbortSignal, subject?: string): Promise<Result>;
  /** Kills the children for good; their jobs end with {@link ChildDied}. */
  close(): Promise<void>;
}

/** A child ended without an answer. */
export class ChildDied extends Error {
  override readonly name = 'ChildDied';
  constructor(
    message: string,
    /** Killed by us when the job timed out. */
    readonly wasLate = false,
  ) {
    super(message);
  }
}

interface Child {
  readonly process: ChildProcess;
  jobs: number;
  /** The subject of its last job. */
  subject: string | undefined;
}

const startChild = (entry: URL): Child => {
  // A busy child does not notice that its parent is gone.
  const [execPath, execArgv] = dyingWithUs(process.execPath, process.execArgv);
  const child = fork(fileURLToPath(entry), [], {
    ...{ execPath, execArgv },
    // The OpenCV binding prints at load; nothing of a child belongs on the terminal.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, OPENCV4NODEJS_DISABLE_AUTOBUILD: '1', MALLOC_ARENA_MAX: '2' },
    // Pictures go through as they are.
    serialization: 'advanced',
  });
  return { process: child, jobs: 0, subject: undefined };
};

/** Runs one job on one child; rejects when the child dies or the signal aborts (which kills the child). */
const ask = <Job extends object, Result>(
  child: Child,
  job: Job,
  signal: AbortSignal,
): Promise<ChildReply<Result>> =>
  new Promise((resolve, reject) => {
    const { process: asked } = child;
    let stderr = '';
    const onErrorText = (chunk: Buffer): void => {
      stderr = (stderr + chunk.toString()).slice(-2000);
    };
    const finish = (settle: () => void): void => {
      asked.off('message', onMessage).off('exit', onExit);
      asked.stderr?.off('data', onErrorText);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onMessage = (reply: ChildReply<Result>): void => finish(() => resolve(reply));
    const onExit = (code: number | null, name: string | null): void =>
      finish(() => reject(new ChildDied(`its process ended (${name ?? code}): ${stderr.trim()}`)));
    const onAbort = (): void => {
      asked.kill('SIGKILL');
      finish(() => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')));
    };
    asked.on('message', onMessage).on('exit', onExit);
    asked.stderr?.on('data', onErrorText);
    signal.addEventListener('abort', onAbort, { once: true });
    child.jobs += 1;
    asked.send(job);
  });

const isAlive = ({ process: { exitCode, signalCode, connected } }: Child): boolean =>
  exitCode === null && signalCode === null && connected;

const ended = ({ process: child }: Child): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

/** Children are started when they are first needed. */
export const createChildPool = <Job extends object, Result>({
  entry,
  size,
  timeoutMs,
}: ChildPoolOptions): ChildPool<Job, Result> => {
  const limit = pLimit(size);
  let isClosed = false;
  const idle: Child[] = [];
  const all = new Set<Child>();

  const takeChild = (subject: string | undefined): Child => {
    const same = idle.findLastIndex((child) => child.subject === subject);
    const [kept] = idle.splice(same, 1); // the last one when none is the same
    if (kept !== undefined && isAlive(kept)) return kept;
    const started = startChild(entry);
    all.add(started);
    started.process.once('exit', () => all.delete(started));
    return started;
  };

  const runOnce = async (job: Job, signal: AbortSignal, subject?: string): Promise<Result> => {
    signal.throwIfAborted();
    if (isClosed) throw new ChildDied('it was closed');
    const child = takeChild(subject);
    child.subject = subject;
    const reply = await ask<Job, Result>(child, job, signal);
    if (child.jobs < JOBS_PER_CHILD) idle.push(child);
    else child.process.disconnect();
    if ('result' in reply) return reply.result;
    throw new AppError(reply.code, reply.message, reply.remedy);
  };

  const runInTime = async (job: Job, signal: AbortSignal, subject?: string): Promise<Result> => {
    if (timeoutMs === undefined) return runOnce(job, signal, subject);
    const deadline = timeoutSignal(timeoutMs);
    return runOnce(job, AbortSignal.any([signal, deadline]), subject).catch((fault: unknown) => {
      signal.throwIfAborted();
      throw deadline.aborted ? new ChildDied('it took too long', true) : fault;
    });
  };

  const retry = (job: Job, signal: AbortSignal, subject?: string): Promise<Result> =>
    runInTime(job, signal, subject).catch((fault: unknown) => {
      if (!(fault instanceof ChildDied) || fault.wasLate) throw fault;
      return runInTime(job, signal, subject);
    });

  return {
    run: (job, signal, subject) => limit(() => retry(job, signal, subject)),
    close: async () => {
      isClosed = true;
      await Promise.all([...all].map(ended));
    },
  };
};
