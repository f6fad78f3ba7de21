import path from 'node:path';
import { startOwnProcess, type OwnProcess } from '../../test/support/own-process.js';
import type { WorkerLine, WorkerPlan } from './worker.js';
import { usageOf, type Usage } from './usage.js';

const WORKER = new URL('./worker.js', import.meta.url);
const SAMPLE_MS = 5000;
const NODE_WARNING = /\(node:\d+\) Warning: NodeVersion[^]*?created\)\n/;

export interface Worker {
  readonly name: string;
  readonly pid: number;
  readonly lines: WorkerLine[];
  /** As it was last looked at. */
  usage: Usage | null;
  readonly process: OwnProcess;
}

/** The programs of the fleet, and all they said. */
export class Workers {
  readonly all: Worker[] = [];
  private readonly timer = setInterval(() => this.look(), SAMPLE_MS);
  private onLine: (line: WorkerLine) => void = () => undefined;

  constructor(
    private readonly dir: string,
    private readonly plan: Pick<WorkerPlan, 'settingsFile' | 'recordedDir'>,
  ) {}

  /** Each has a disk of its own, and a host that nobody else can look at. */
  start(): Worker {
    const name = `worker-${this.all.length + 1}`;
    const plan: WorkerPlan = { ...this.plan, spoolDir: path.join(this.dir, name), host: name };
    const process = startOwnProcess(WORKER, ['bench', JSON.stringify(plan)]);
    const worker: Worker = { name, pid: process.child.pid ?? 0, lines: [], usage: null, process };
    let rest = '';
    process.child.stdout?.on('data', (chunk: Buffer) => {
      const parts = `${rest}${chunk.toString()}`.split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts.map((part) => JSON.parse(part) as WorkerLine)) {
        worker.lines.push(line);
        this.onLine(line);
      }
    });
    this.all.push(worker);
    return worker;
  }

  get pids(): number[] {
    return this.all.map(({ pid }) => pid);
  }

  get lines(): WorkerLine[] {
    return this.all.flatMap(({ lines }) => lines);
  }

  /** Resolves when what they have said fulfils the condition; rejects when one of them ends before. */
  until(condition: () => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not within ${withinMs / 60_000} min`)), withinMs);
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(late);
        resolve();
      };
      this.onLine = look;
      for (const { name, process } of this.all)
        void process.ended.then(({ code, stderr }) => {
          if (code !== null) reject(new Error(`${name} ended: ${stderr}`));
        });
      look();
    });
  }

  async kill({ process }: Worker): Promise<void> {
    this.look();
    process.child.kill('SIGKILL');
    await process.ended;
  }

  /** Stops them; answers what they logged. */
  async stop(): Promise<string> {
    this.look();
    clearInterval(this.timer);
    for (const { process } of this.all) process.child.kill('SIGTERM');
    const ended = await Promise.all(this.all.map(({ process }) => process.ended));
    return ended.map(({ stderr }) => stderr.replace(NODE_WARNING, '')).join('');
  }

  private look(): void {
    for (const worker of this.all) {
      if (worker.process.child.exitCode !== null || worker.process.child.signalCode !== null) continue;
      worker.usage = usageOf(worker.pid);
    }
  }
}
