import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpencvSolverPool } from '../../../src/adapters/solver/solver-pool.js';
import { writeCaptureFolder } from '../../support/capture-folders.js';
import { ORDINARY_HEAD } from '../../support/render-view.js';

const size = { widthPx: 640, heightPx: 360 };
const view = { ...size, hfovDeg: 60, k1: 0, panDeg: 10, tiltDeg: -5, overlay: true, head: ORDINARY_HEAD };
const lens = { zoom_to_hfov_deg: [[1, 60]] as [number, number][], k1: 0, k2: 0 };
const signal = new AbortController().signal;
const solver = createOpencvSolverPool({ workers: 1 });
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'overlay-'));
  await writeCaptureFolder(path.join(dir, 'ref'), 'reference', [view], { lens });
});
afterAll(async () => {
  await solver.close();
  await rm(dir, { recursive: true, force: true });
});

const solveView = async (name: string, change: object) => {
  await writeCaptureFolder(path.join(dir, name), 'query', [{ ...view, ...change }]);
  const folders = { referenceDir: path.join(dir, 'ref'), queryDir: path.join(dir, name) };
  return solver.solve({ ...folders, thresholdDeg: 0.5, masks: [] }, signal);
};

describe('letters and dirt on the picture of a scan with one stop', () => {
  it('do not hide that the camera turned', async () => {
    const answer = await solveView('turned', { offsetDeg: [2.5, 0.6, 0] });
    expect(answer.failure_log).toBeNull();
    expect(Math.abs(answer.yaw_offset! - 2.5)).toBeLessThan(0.03);
    expect(Math.abs(answer.pitch_offset! - 0.6)).toBeLessThan(0.03);
  });

  it('do not vouch for a place that is not there', async () => {
    const answer = await solveView('elsewhere', { seed: 4 });
    expect(answer.verdict).toBe('refused');
  });

  it('do not keep a camera that stands still from being measured', async () => {
    const answer = await solveView('still', {});
    expect(answer.failure_log).toBeNull();
    expect(Math.abs(answer.yaw_offset!)).toBeLessThan(0.01);
  });
});
