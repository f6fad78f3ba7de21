import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { fromEuler, type Mat3 } from '../../src/geometry/rotation.js';
import type { Peer, PeerAnswer, PeerCase, PeerFrame } from './peer.js';

const execute = promisify(execFile);
const run = (program: string, args: readonly string[]): Promise<unknown> =>
  execute(program, args, { env: { ...process.env, OMP_NUM_THREADS: '1' } });
const RAD = Math.PI / 180;
/** It matches the stops with each other, too: more of them take long. */
const STOPS = 3;
/** With fewer its optimiser fits anything. */
const MIN_POINTS = 10;

interface HuginLens {
  readonly hfovDeg: number;
  readonly b: number;
}

/** The best p1·R + p3·R³ for R + k1·R³ + k2·R⁵ over the picture: Hugin's lens has no fifth power. */
const cubicOf = ({ widthPx, heightPx, focalPx, k1, k2 }: PeerFrame): { p1: number; p3: number } => {
  const largest = Math.hypot(widthPx, heightPx) / 2 / focalPx;
  const sums = { r2: 0, r4: 0, r6: 0, y1: 0, y3: 0 };
  for (let step = 1; step <= 100; step++) {
    const r = (largest * step) / 100;
    const y = r + k1 * r ** 3 + k2 * r ** 5;
    sums.r2 += r ** 2;
    sums.r4 += r ** 4;
    sums.r6 += r ** 6;
    sums.y1 += r * y;
    sums.y3 += r ** 3 * y;
  }
  const determinant = sums.r2 * sums.r6 - sums.r4 ** 2;
  return {
    p1: (sums.y1 * sums.r6 - sums.y3 * sums.r4) / determinant,
    p3: (sums.r2 * sums.y3 - sums.r4 * sums.y1) / determinant,
  };
};

/**
 * Hugin's lens: radii in halves of the shorter side, source = (1 − b)·r + b·r³. The focal length takes up the factor of the
 * first term.
 */
const lensOf = (frame: PeerFrame): HuginLens => {
  const { p1, p3 } = cubicOf(frame);
  const half = Math.min(frame.widthPx, frame.heightPx) / 2;
  let [focalPx, b] = [frame.focalPx, 0];
  for (let step = 0; step < 50; step++) {
    b = (p3 * frame.focalPx * half ** 2) / focalPx ** 3;
    focalPx = (p1 * frame.focalPx) / (1 - b);
  }
  return { hfovDeg: (2 * Math.atan(frame.widthPx / 2 / focalPx)) / RAD, b };
};

const imageLine = (frame: PeerFrame): string => {
  const { hfovDeg, b } = lensOf(frame);
  return (
    `i w${frame.widthPx} h${frame.heightPx} f0 v${hfovDeg.toFixed(9)} a0 b${b.toFixed(9)} c0 d0 e0 g0 t0 ` +
    `r0 p${frame.tiltDeg} y${frame.panDeg} n"${frame.file}"`
  );
};

/** The query first, alone free to turn. */
const projectOf = ({ query, stops }: PeerCase): string =>
  [
    'p f2 w3000 h1500 v360 n"TIFF_m"',
    'm g1 i0',
    ...[query, ...stops].map(imageLine),
    'v y0',
    'v p0',
    'v r0',
    'v',
    '',
  ].join('\n');

const numberOf = (line: string, key: string): number =>
  Number(new RegExp(` ${key}(-?[\\d.e+-]+)`).exec(line)?.[1] ?? Number.NaN);

const pointsIn = (text: string): number => text.split('\n').filter((line) => /^c n0 /.test(line)).length;

/** Where the query looks according to a project. */
const attitudeIn = (text: string): Mat3 => {
  const query = text.split('\n').find((line) => line.startsWith('i '))!;
  const [yaw, pitch, roll] = ['y', 'p', 'r'].map((key) => numberOf(query, key) * RAD);
  return fromEuler(yaw!, pitch!, roll!);
};

/** Key points are kept beside their picture, as Hugin does it. */
const keysOf = (frame: PeerFrame): string => frame.file.replace(/\.jpg$/, '.key');

/** Hugin's own way to a panorama: cpfind, cpclean, autooptimiser; on one core. */
export const startHugin = async (): Promise<Peer> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'bench-hugin-'));
  const [start, found, clean, solved] = ['start', 'found', 'clean', 'solved'].map((name) =>
    path.join(dir, `${name}.pto`),
  ) as [string, string, string, string];
  const writeKeys = async (stops: readonly PeerFrame[]): Promise<void> => {
    const missing = stops.flatMap((stop, index) => (existsSync(keysOf(stop)) ? [] : ['-k', `${index + 1}`]));
    if (missing.length > 0) await run('cpfind', ['-q', '--ncores', '1', ...missing, start]);
  };
  const align = async (): Promise<{ points: number; mountFromBody: Mat3 | null }> => {
    await run('cpfind', ['-q', '--ncores', '1', '--cache', '--ransacmode=rpy', '-o', found, start]);
    const points = pointsIn(await readFile(found, 'utf8'));
    if (points < MIN_POINTS) return { points, mountFromBody: null };
    await run('cpclean', ['-w', '-o', clean, found]);
    await run('autooptimiser', ['-n', '-q', '-o', solved, clean]);
    const text = await readFile(solved, 'utf8');
    const kept = pointsIn(text);
    return { points: kept, mountFromBody: kept < MIN_POINTS ? null : attitudeIn(text) };
  };
  const solve = async ({ query, stops }: PeerCase): Promise<PeerAnswer> => {
    const near = stops.slice(0, STOPS);
    await rm(keysOf(query), { force: true });
    await writeFile(start, projectOf({ query, stops: near }));
    await writeKeys(near);
    const startedMs = performance.now();
    const { points, mountFromBody } = await align();
    return { mountFromBody, inliers: points, solveMs: performance.now() - startedMs };
  };
  return { name: 'Hugin', solve, close: () => rm(dir, { recursive: true, force: true }) };
};
