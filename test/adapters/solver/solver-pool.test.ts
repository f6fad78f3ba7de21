import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpencvSolverPool } from '../../../src/adapters/solver/solver-pool.js';
import { writeCaptureFolder } from '../../support/capture-folders.js';
import { ORDINARY_HEAD } from '../../support/render-view.js';

const view = { widthPx: 640, heightPx: 360, hfovDeg: 60, k1: -0.05, head: ORDINARY_HEAD };
const signal = new AbortController().signal;
const solver = createOpencvSolverPool({ workers: 1 });
let dir = '';

const solve = (query: string): ReturnType<typeof solver.solve> =>
  solver.solve(
    { referenceDir: path.join(dir, 'ref'), queryDir: path.join(dir, query), thresholdDeg: 0.5, masks: [] },
    signal,
  );

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'solver-'));
  const stops = [-10, 10].flatMap((tiltDeg) =>
    [-40, -20, 0, 20, 40].map((panDeg) => ({ ...view, panDeg, tiltDeg })),
  );
  await writeCaptureFolder(path.join(dir, 'ref'), 'reference', stops);
});
afterAll(async () => {
  await solver.close();
  await rm(dir, { recursive: true, force: true });
});

describe('solver on folders', () => {
  it('keeps features where it says, for each set of masks', async () => {
    const referenceDir = path.join(dir, 'ref');
    const text = await readFile(path.join(referenceDir, 'manifest.json'), 'utf8');
    for (const masks of [[], [{ x: 0, y: 0, width: 0.1, height: 0.1 }]]) {
      await solver.prepareReference(referenceDir, masks, signal);
      expect(await readdir(path.join(referenceDir, 'features'))).toContain(
        path.basename(solver.featuresFile(text, masks)),
      );
    }
  });

  it('calibrates the lens from the scan alone', async () => {
    const report = await solver.prepareReference(path.join(dir, 'ref'), [], signal);
    expect(report.usable).toBe(true);
    expect(report.lens[0]!.hfov_deg).toBeCloseTo(60, 1);
    expect(Math.abs(report.lens[0]!.k1 + 0.05)).toBeLessThan(0.01);
  });

  it.each([
    ['straight', { panDeg: 3, tiltDeg: 2 }, [0, 0, 0]],
    ['knocked', { panDeg: 12, tiltDeg: -4 }, [0.9, -0.4, 0.3]],
    ['rolled', { panDeg: -8, tiltDeg: 5 }, [1.5, 2, -4]],
  ] as const)('measures a camera that is %s', async (name, pose, offsetDeg) => {
    await writeCaptureFolder(path.join(dir, name), 'query', [{ ...view, ...pose, offsetDeg }]);
    const answer = await solve(name);
    expect(answer.failure_log).toBeNull();
    expect(Math.abs(answer.yaw_offset! - offsetDeg[0])).toBeLessThan(0.02);
    expect(Math.abs(answer.pitch_offset! - offsetDeg[1])).toBeLessThan(0.02);
    expect(Math.abs(answer.roll_offset! - offsetDeg[2])).toBeLessThan(0.03);
    expect(answer.verdict).toBe(offsetDeg.some((angle) => Math.abs(angle) > 0.5) ? 'drifted' : 'ok');
  });

  it('refuses another place', async () => {
    await writeCaptureFolder(path.join(dir, 'away'), 'query', [{ ...view, panDeg: 170, tiltDeg: 0 }]);
    const answer = await solve('away');
    expect(answer.verdict).toBe('refused');
    expect(answer.yaw_offset).toBeNull();
  });

  it('says which file is cut off', async () => {
    await writeCaptureFolder(path.join(dir, 'cut'), 'query', [{ ...view, panDeg: 0, tiltDeg: 0 }]);
    const file = path.join(dir, 'cut', '0000.jpg');
    await writeFile(file, (await readFile(file)).subarray(0, 9000));
    await expect(solve('cut')).rejects.toMatchObject({
      code: 'unusable_input',
      message: `${file}: the picture is truncated.`,
    });
    expect(await readdir(path.join(dir, 'cut'))).toEqual(['0000.jpg', 'manifest.json']);
  });

  it('does not mix two cameras', async () => {
    await writeCaptureFolder(path.join(dir, 'other'), 'query', [{ ...view, panDeg: 0, tiltDeg: 0 }], {
      device_id: 'cam-2',
    });
    await expect(solve('other')).rejects.toMatchObject({ message: expect.stringContaining('cam-2') });
  });
});
