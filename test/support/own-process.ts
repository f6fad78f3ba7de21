import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { dyingWithUs } from '../../src/adapters/process/bounded-process.js';

/** A child of the test that runs one module with arguments. */
export interface OwnProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line printed that matches. */
  line(matching: RegExp): Promise<string>;
  /** Resolves with the exit code (null when killed) and everything printed. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** What Ctrl-C in its terminal does: SIGINT to the program and its children at once. Needs `dir`. */
  pressCtrlC(): void;
}

export interface OwnProcessOptions {
  /** It may write no file that is larger. */
  readonly fileLimitKb?: number;
  /** It works in this folder, in a group of processes of its own as in a terminal. */
  readonly dir?: string;
  /** Besides the test's own environment, as it stands when the process is started. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a compiled module of test/ or src/ in a process of its own. */
export const startOwnProcess = (
  module: URL,
  args: readonly string[],
  { fileLimitKb, dir, env }: OwnProcessOptions = {},
): OwnProcess => {
  const limit = fileLimitKb === undefined ? '' : `ulimit -f ${fileLimitKb}; `;
  const command = [process.execPath, module.pathname, ...args];
  const child = spawn(...dyingWithUs('bash', ['-c', `${limit}exec "$@"`, 'bash', ...command]), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: dir !== undefined,
    cwd: dir,
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  const line = (matching: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = stdout.split('\n').find((each) => matching.test(each));
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', look);
      void ended.then(() => reject(new Error(`ended without ${matching}: ${stdout}${stderr}`)));
      look();
    });
  return { child, line, ended, pressCtrlC: () => void process.kill(-child.pid!, 'SIGINT') };
};
