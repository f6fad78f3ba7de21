import { cpuSecondsOf, family, textOf } from '../family.js';

/** What a process of the product is for. */
export type Part = 'program' | 'solver' | 'pictures';
export const PARTS: readonly Part[] = ['program', 'solver', 'pictures'];

const partOf = (pid: number): Part => {
  const command = textOf(`/proc/${pid}/cmdline`);
  if (command.includes('opencv-worker')) return 'solver';
  return command.includes('jimp-pictures/worker') ? 'pictures' : 'program';
};

const TICKS_A_SECOND = 100;

/** Processor time of one process alone, its children left out. */
const ownCpuSeconds = (pid: number): number => {
  const [user = 0, system = 0] = (textOf(`/proc/${pid}/stat`).split(') ')[1] ?? '')
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / TICKS_A_SECOND;
};

const peakMb = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;

/** Seconds of processor time, or megabytes, by part. */
export type ByPart = Readonly<Record<Part, number>>;

const sumByPart = (pids: readonly number[], measure: (pid: number) => number): ByPart => {
  const sums: Record<Part, number> = { program: 0, solver: 0, pictures: 0 };
  for (const pid of pids) sums[partOf(pid)] += measure(pid);
  return sums;
};

export interface Usage {
  readonly cpuS: ByPart;
  /** The most each of its processes ever held, summed. */
  readonly peakMb: ByPart;
}

/** What a worker has used until now, with all its processes. */
export const usageOf = (pid: number): Usage => {
  const pids = family(pid);
  return { cpuS: sumByPart(pids, ownCpuSeconds), peakMb: sumByPart(pids, peakMb) };
};

/** Processor time of the stand-ins for AWS: the children of this process that are no workers, and this process itself. */
export const servicesCpuSeconds = (workers: readonly number[]): number =>
  cpuSecondsOf(process.pid) - workers.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
