import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { CalibrationSolver } from '../src/ports/calibration-solver.js';
import type { SolveAnswer } from '../src/solve/answer.js';
import { writeCapture } from './capture-writer.js';
import { queryOf, type Condition, type Place } from './cases.js';
import { Random } from './random.js';
import { lensOf, SCANS, writeScan, type ScanName } from './scans.js';

/** What came of one query. */
export interface Outcome {
  readonly condition: string;
  readonly place: string;
  readonly dir: string;
  readonly light: string;
  readonly mustRefuse: boolean;
  readonly answered: boolean;
  readonly truthDeg: readonly [number, number, number];
  /** Found − true about each axis, and the same over its standard error; null when refused. */
  readonly errorDeg: readonly [number, number, number] | null;
  readonly errorInSigmas: readonly [number, number, number] | null;
  readonly focalError: number | null;
  readonly inliers: number;
  readonly solveMs: number;
  readonly memoryMb: number;
  readonly failureLog: string | null;
}

/** Resident memory of this process's children, MB (Linux). */
const childrenMemoryMb = (): number => {
  const tasks = `/proc/${process.pid}/task`;
  const pids = readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8').trim().split(' '),
  );
  const sizes = pids
    .filter(Boolean)
    .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0));
  return sizes.reduce((sum, kb) => sum + kb / 1024, 0);
};

const slug = (text: string): string => text.replace(/[^a-z0-9]+/gi, '-').toLowerCase();

export class CaseRunner {
  /** Seconds that each reference took. */
  readonly buildSeconds = new Map<string, number>();

  constructor(
    private readonly solver: CalibrationSolver,
    private readonly workDir: string,
    private readonly signal: AbortSignal,
  ) {}

  async run(place: Place, condition: Condition, index: number): Promise<Outcome> {
    const plan = SCANS[condition.scan];
    const referenceDir = await this.reference(place, condition.scan);
    const query = queryOf(place, plan, condition, index);
    const dir = path.join(this.workDir, slug(place.name), slug(condition.name), String(index));
    const { zoom, offsetDeg } = query.pose;
    // A query is read from the same encoders as the scan.
    const random = new Random(`encoders of ${place.name}, ${condition.name}, ${index}`);
    const pan = query.pose.panDeg + plan.encoderNoiseDeg * random.gauss();
    const tilt = query.pose.tiltDeg + plan.encoderNoiseDeg * random.gauss();
    const frames = [{ draw: query.draw, telemetry: { pan, tilt, zoom } }];
    await writeCapture(dir, { kind: 'query', frames, lens: lensOf(plan), jpegQuality: 75 });
    const request = { referenceDir, queryDir: dir, thresholdDeg: 0.5, masks: [] };
    const answer = await this.solver.solve(request, this.signal);
    const focalPx = (plan.camera.widthPx / 2 / Math.tan((plan.camera.hfovDeg * Math.PI) / 360)) * zoom;
    return {
      condition: condition.name,
      place: place.name,
      dir,
      light: query.light,
      mustRefuse: condition.refuse !== undefined,
      truthDeg: offsetDeg,
      ...judge(answer, offsetDeg),
      focalError: answer.lens === null ? null : answer.lens.focal_px / focalPx - 1,
      inliers: answer.inliers,
      solveMs: answer.solve_ms,
      memoryMb: childrenMemoryMb(),
      failureLog: answer.failure_log,
    };
  }

  private async reference(place: Place, name: ScanName): Promise<string> {
    const dir = path.join(this.workDir, slug(place.name), `scan-${slug(name)}`);
    const key = `${place.name}, ${name}`;
    if (this.buildSeconds.has(key)) return dir;
    await writeScan(dir, SCANS[name], place.panorama);
    const startedMs = performance.now();
    await this.solver.prepareReference(dir, [], this.signal);
    this.buildSeconds.set(key, (performance.now() - startedMs) / 1000);
    return dir;
  }
}

const judge = (
  answer: SolveAnswer,
  truth: readonly [number, number, number],
): Pick<Outcome, 'answered' | 'errorDeg' | 'errorInSigmas'> => {
  if (!answer.success || answer.sigma === null)
    return { answered: false, errorDeg: null, errorInSigmas: null };
  const found = [answer.yaw_offset!, answer.pitch_offset!, answer.roll_offset!];
  const sigma = [answer.sigma.yaw, answer.sigma.pitch, answer.sigma.roll];
  const errorDeg = found.map((value, axis) => value - truth[axis]!) as [number, number, number];
  const errorInSigmas = errorDeg.map((error, axis) => error / sigma[axis]!) as [number, number, number];
  return { answered: true, errorDeg, errorInSigmas };
};
