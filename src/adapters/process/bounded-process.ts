import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { errorCodeOf } from '../../ports/app-error.js';

export interface ProcessRun {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Null when it was ended by a signal. */
  readonly exitCode: number | null;
  /** Ended by us because time was up. */
  readonly wasKilled: boolean;
}

export interface ProcessLimits {
  readonly timeoutMs: number;
  /** Ends the program as soon as it says this on standard error. */
  readonly endOn?: RegExp;
  readonly env?: NodeJS.ProcessEnv;
}

const MAX_STDERR = 20_000;
const SETPRIV = '/usr/bin/setpriv';
const living = new Set<ChildProcess>();

/** Ends a child that leads a group of its own, and with it all that it has started. */
const killGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (fault) {
    if (errorCodeOf(fault) !== 'ESRCH') throw fault;
  }
};

// Children do not outlive us: not when we end, and, where the system can do it, not when we are killed either.
process.on('exit', () => living.forEach(killGroup));

/** The command that runs a program so that it dies with us even when we are killed, where the system can do that. */
export const dyingWithUs = (program: string, args: readonly string[]): [string, string[]] =>
  existsSync(SETPRIV) ? [SETPRIV, ['--pdeathsig', 'KILL', '--', program, ...args]] : [program, [...args]];

/**
 * Runs a program to its end or to the deadline, when it is killed for certain (SIGKILL: a hung ffmpeg ignores the polite
 * signals), and with it what it has started. Rejects with the signal's reason when aborted, and with the system's error when
 * it cannot be started; either way the process is gone by then.
 */
export const runBounded = (
  program: string,
  args: readonly string[],
  { timeoutMs, endOn, env = process.env }: ProcessLimits,
  signal: AbortSignal,
): Promise<ProcessRun> => {
  signal.throwIfAborted();
  const child = spawn(...dyingWithUs(program, args), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env,
  });
  living.add(child);
  const stdout: Buffer[] = [];
  let stderr = '';
  let wasKilled = false;
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR);
    if (endOn?.test(stderr) === true) kill();
  });
  const kill = (): void => killGroup(child);
  const deadline = setTimeout(() => {
    wasKilled = true;
    kill();
  }, timeoutMs);
  signal.addEventListener('abort', kill, { once: true });
  return new Promise<ProcessRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode: number | null) => {
      if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      else resolve({ stdout: Buffer.concat(stdout), stderr, exitCode, wasKilled });
    });
  }).finally(() => {
    clearTimeout(deadline);
    signal.removeEventListener('abort', kill);
    living.delete(child);
  });
};
