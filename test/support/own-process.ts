import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

/** A child of the test that runs one module with arguments. */
export interface OwnProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line printed that matches. */
  line(matching: RegExp): Promise<string>;
  /** Resolves with the exit code (null when killed) and everything printed. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Runs a compiled module of test/ or src/ in a process of its own, which may be kept from writing large files. */
export const startOwnProcess = (
  module: URL,
  args: readonly string[],
  { fileLimitKb }: { readonly fileLimitKb?: number } = {},
): OwnProcess => {
  const limit = fileLimitKb === undefined ? '' : `ulimit -f ${fileLimitKb}; `;
  const command = [process.execPath, module.pathname, ...args];
  const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'bash', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
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
  return { child, line, ended };
};
