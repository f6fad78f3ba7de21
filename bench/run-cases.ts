import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { degFromRad, radFromDeg } from '../src/geometry/angles.js';
import {
  dot,
  fromPanTilt,
  multiply,
  rotate,
  toEuler,
  transpose,
  type Vec3,
} from '../src/geometry/rotation.js';
import type { CalibrationSolver } from '../src/ports/calibration-solver.js';
import type { SolveAnswer } from '../src/solve/model/answer.js';
import { writeCapture } from './capture-writer.js';
import { WRONG_DEG, type Condition } from './condition.js';
import { termErrorsOf, type TermErrors } from './head-terms.js';
import type { Peer, PeerFrame } from './peers/peer.js';
import type { Place } from './places.js';
import { queryOf, type Look, type Query } from './queries.js';
import { lensOf, writeScan, type ScanPlan } from './scans.js';

type Angles = readonly [number, number, number];

/** What came of one query. */
export interface Outcome {
  readonly solver: string;
  readonly condition: string;
  readonly place: string;
  readonly dir: string;
  readonly light: string;
  readonly mustRefuse: boolean;
  readonly answered: boolean;
  /** Yaw, pitch, roll. */
  readonly truthDeg: Angles;
  /** Found − true about each axis, and the same over its standard error; null when refused or when none is told. */
  readonly errorDeg: Angles | null;
  readonly errorInSigmas: Angles | null;
  readonly sigmaDeg: Angles | null;
  /** An answer further off than this is wrong. */
  readonly wrongDeg: number;
  readonly termErrors: TermErrors | null;
  readonly focalError: number | null;
  readonly inliers: number;
  readonly solveMs: number;
  readonly memoryMb: number | null;
  readonly cause: SolveAnswer['cause'] | null;
  readonly failureLog: string | null;
}

/** The name of our own solver in the table. */
export const OURS = 'calib';

/** A query on disk. */
interface Written {
  readonly place: Place;
  readonly condition: Condition;
  readonly plan: ScanPlan;
  readonly query: Query;
  readonly dir: string;
  readonly referenceDir: string;
}

/** Resident memory of the solver's process, the largest of this process's children that it is, MB (Linux). */
const childrenMemoryMb = (): number => {
  const tasks = `/proc/${process.pid}/task`;
  const pids = readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8').trim().split(' '),
  );
  const sizes = pids
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('opencv-worker'))
    .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0));
  return sizes.reduce((sum, kb) => sum + kb / 1024, 0);
};

/** A name as part of a path. */
export const slug = (text: string): string => text.replace(/[^a-z0-9]+/gi, '-').toLowerCase();

const focalOf = ({ camera }: ScanPlan, zoom: number): number =>
  (camera.widthPx / 2 / Math.tan((camera.hfovDeg * Math.PI) / 360)) * zoom;

const zipped = (a: Angles, b: Angles, join: (a: number, b: number) => number): Angles => [
  join(a[0], b[0]),
  join(a[1], b[1]),
  join(a[2], b[2]),
];

const opticalAxis = ({ panDeg, tiltDeg }: PeerFrame): Vec3 =>
  rotate(fromPanTilt(radFromDeg(panDeg), radFromDeg(tiltDeg)), [1, 0, 0]);

export class CaseRunner {
  /** Seconds that each reference took. */
  readonly buildSeconds = new Map<string, number>();

  constructor(
    private readonly solver: CalibrationSolver,
    private readonly peers: readonly Peer[],
    private readonly workDir: string,
    private readonly signal: AbortSignal,
  ) {}

  /** One query, asked of the solver and of every peer. */
  async run(place: Place, condition: Condition, index: number): Promise<Outcome[]> {
    const written = await this.write(place, condition, index);
    const outcomes = [await this.solve(written)];
    for (const peer of this.peers) outcomes.push(await this.askPeer(peer, written));
    return outcomes;
  }

  private async write(place: Place, condition: Condition, index: number): Promise<Written> {
    const plan = condition.scan;
    const referenceDir = await this.reference(place, plan);
    const query = queryOf(place, condition, index);
    const dir = path.join(this.workDir, slug(place.name), slug(condition.name), String(index));
    const { looks: frames, jpegQuality } = query;
    await writeCapture(dir, { kind: 'query', frames, lens: lensOf(plan), jpegQuality });
    return { place, condition, plan, query, dir, referenceDir };
  }

  private async solve(written: Written): Promise<Outcome> {
    const { place, plan, query, dir, referenceDir } = written;
    const request = { referenceDir, queryDir: dir, thresholdDeg: 0.5, masks: [] };
    const answer = await this.solver.solve(request, this.signal);
    const found: Angles | null = answer.success
      ? [answer.yaw_offset!, answer.pitch_offset!, answer.roll_offset!]
      : null;
    const sigma: Angles | null = answer.sigma && [answer.sigma.yaw, answer.sigma.pitch, answer.sigma.roll];
    return {
      ...judged(OURS, written, found, sigma),
      focalError:
        answer.lens === null ? null : answer.lens.focal_px / focalOf(plan, query.looks[0]!.zoom) - 1,
      termErrors: termErrorsOf(answer, plan, place.name, query.looks[0]!.zoom),
      inliers: answer.inliers,
      solveMs: answer.solve_ms,
      memoryMb: childrenMemoryMb(),
      cause: answer.cause,
      failureLog: answer.failure_log,
    };
  }

  /** Peers know nothing of active checks: each look is asked of on its own, and what is found is averaged. */
  private async askPeer(peer: Peer, written: Written): Promise<Outcome> {
    const found: Angles[] = [];
    let [inliers, solveMs] = [0, 0];
    for (const [index, look] of written.query.looks.entries()) {
      const one = await askPeerOfLook(peer, written, look, index);
      if (one.foundDeg) found.push(one.foundDeg);
      inliers += one.inliers;
      solveMs += one.solveMs;
    }
    const nothing = { termErrors: null, focalError: null, memoryMb: null, cause: null, failureLog: null };
    return { ...judged(peer.name, written, meanOf(found), null), ...nothing, inliers, solveMs };
  }

  private async reference(place: Place, plan: ScanPlan): Promise<string> {
    const dir = path.join(this.workDir, slug(place.name), `scan-${slug(plan.name)}`);
    const key = `${place.name}, ${plan.name}`;
    if (this.buildSeconds.has(key)) return dir;
    const { name, panorama, other } = place;
    await writeScan(dir, plan, { name, panorama: () => panorama, other: () => other });
    const startedMs = performance.now();
    await this.solver.prepareReference(dir, [], this.signal);
    this.buildSeconds.set(key, (performance.now() - startedMs) / 1000);
    return dir;
  }
}

const peerFrame = (plan: ScanPlan, file: string, at: Look['telemetry']): PeerFrame => ({
  ...{ file, widthPx: plan.camera.widthPx, heightPx: plan.camera.heightPx },
  ...{ panDeg: at.pan, tiltDeg: at.tilt },
  ...{ focalPx: focalOf(plan, at.zoom), k1: plan.camera.k1, k2: plan.camera.k2 },
});

const pictureNumbered = (index: number): string => `${String(index).padStart(4, '0')}.jpg`;

const askPeerOfLook = async (
  peer: Peer,
  { plan, dir, referenceDir }: Written,
  { telemetry }: Look,
  index: number,
): Promise<{ foundDeg: Angles | null; inliers: number; solveMs: number }> => {
  const query = peerFrame(plan, path.join(dir, pictureNumbered(index)), telemetry);
  const towards = opticalAxis(query);
  const stops = plan.stops
    .map((stop, i) => peerFrame(plan, path.join(referenceDir, 'images', pictureNumbered(i)), stop))
    .sort((a, b) => dot(opticalAxis(b), towards) - dot(opticalAxis(a), towards));
  const { mountFromBody, inliers, solveMs } = await peer.solve({ query, stops });
  const claimed = fromPanTilt(radFromDeg(query.panDeg), radFromDeg(query.tiltDeg));
  const euler = mountFromBody && toEuler(multiply(mountFromBody, transpose(claimed)));
  const foundDeg: Angles | null = euler && [
    degFromRad(euler.yawRad),
    degFromRad(euler.pitchRad),
    degFromRad(euler.rollRad),
  ];
  return { foundDeg, inliers, solveMs };
};

/** Null of none. */
const meanOf = (angles: readonly Angles[]): Angles | null => {
  const mean = (axis: 0 | 1 | 2): number => angles.reduce((sum, each) => sum + each[axis], 0) / angles.length;
  return angles.length === 0 ? null : [mean(0), mean(1), mean(2)];
};

const judged = (
  solver: string,
  { place, condition, query, dir }: Written,
  foundDeg: Angles | null,
  sigmaDeg: Angles | null,
): Omit<
  Outcome,
  'termErrors' | 'focalError' | 'inliers' | 'solveMs' | 'memoryMb' | 'cause' | 'failureLog'
> => {
  const truthDeg = query.offsetDeg;
  const errorDeg = foundDeg && zipped(foundDeg, truthDeg, (found, truth) => found - truth);
  return {
    solver,
    ...{ condition: condition.name, place: place.name, dir, light: query.light, truthDeg },
    mustRefuse: condition.refuse !== undefined,
    wrongDeg: condition.wrongDeg ?? WRONG_DEG,
    sigmaDeg,
    answered: foundDeg !== null,
    errorDeg,
    errorInSigmas: errorDeg && sigmaDeg && zipped(errorDeg, sigmaDeg, (error, sigma) => error / sigma),
  };
};
