import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { dyingWithUs } from '../../src/adapters/process/bounded-process.js';

/** A server that nobody here wrote, running for a test. */
export interface StartedProgram {
  readonly pid: number;
  readonly stdin: Writable;
  /** Everything it has said. */
  output(): string;
  /** Ends it for certain, also when it is frozen, and waits until it is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface ProgramPlan {
  readonly command: string;
  readonly args: readonly string[];
  /** What it says once it serves. */
  readonly ready: RegExp;
  /** Debian packages that bring it. */
  readonly packages: string;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const READY_MS = 15_000;
const STOP_MS = 2_000;

const stopped = async (child: Child, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await closed;
  clearTimeout(late);
};

const missing = ({ command, packages }: ProgramPlan, cause: unknown): Error =>
  new Error(`${command} does not run here. Please type: sudo apt-get install -y ${packages}`, { cause });

/** Starts a program and waits until it serves. */
export const startProgram = async (plan: ProgramPlan): Promise<StartedProgram> => {
  const child: Child = spawn(...dyingWithUs(plan.command, plan.args), { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  // What is written to a server that has ended is lost, as on a cut cable.
  child.stdin.on('error', (fault: Error) => (said += `\nstdin: ${fault.message}`));
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => child.kill('SIGKILL'), READY_MS);
    let isReady = false;
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      // What is said later is not looked through: it may be much.
      isReady ||= plan.ready.test(said);
      if (!isReady) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', (fault) => reject(missing(plan, fault)));
    child.once('close', () => {
      clearTimeout(late);
      reject(missing(plan, new Error(said)));
    });
  });
  return {
    pid: child.pid!,
    stdin: child.stdin,
    output: () => said,
    stop: (signal = 'SIGTERM') => stopped(child, signal),
  };
};

/** A port of loopback that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
