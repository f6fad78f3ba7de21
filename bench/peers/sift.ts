import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Peer, PeerAnswer, PeerCase, PeerFrame } from './peer.js';

/** Debian's own, which python3-opencv belongs to. */
export const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('../../../bench/peers/sift.py', import.meta.url));
/** Enough to be found again after a knock of 40°. */
const STOPS = 8;

interface Reply {
  readonly mountFromBody: number[] | null;
  readonly inliers: number;
  readonly ms: number;
}

const wireOf = ({ file, panDeg, tiltDeg, focalPx, k1, k2 }: PeerFrame): object => ({
  ...{ file, pan: panDeg, tilt: tiltDeg, focalPx, k1, k2 },
});

/** A plain OpenCV SIFT pipeline, in one Python process on one core. */
export const startSift = (): Peer => {
  const child = spawn(PYTHON, [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async ({ query, stops }: PeerCase): Promise<PeerAnswer> => {
    const request = { query: wireOf(query), stops: stops.slice(0, STOPS).map(wireOf) };
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await lines.next();
    if (line.done) throw new Error(`${SCRIPT} ended without an answer`);
    const { mountFromBody, inliers, ms } = JSON.parse(line.value) as Reply;
    return {
      mountFromBody: mountFromBody && Float64Array.from(mountFromBody),
      inliers,
      solveMs: ms,
    };
  };
  return {
    name: 'SIFT, OpenCV',
    solve: ask,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
};
