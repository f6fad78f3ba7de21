import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CaptureManifest } from '../../src/capture/spool/manifest.js';
import { createCamera } from '../../src/sandbox/camera/camera.js';
import { startTrial, until, type Trial } from './trial-site.js';

/** Small, so that the scan is short. */
const RANGES = { panRangeDeg: [-40, 40], tiltRangeDeg: [-20, 12], zoomRange: [1, 1.9] } as const;

let trial: Trial;
let files = '';

beforeAll(async () => {
  trial = await startTrial([], (options) => createCamera({ ...options, ...RANGES }));
  const { panRangeDeg, tiltRangeDeg, zoomRange } = RANGES;
  const device = {
    ...trial.device,
    ptz: { pan_range_deg: panRangeDeg, tilt_range_deg: tiltRangeDeg, zoom_range: zoomRange },
    reference_scan: 'auto',
    lens: null,
  };
  files = await trial.configure('auto.yaml', [{ ...trial.deployment, devices: [device] }]);
}, 120_000);
afterAll(() => trial.close());

const call = (...args: string[]) => trial.calib(args, { config: files });

describe('reference_scan: auto', () => {
  it('is told by validate', async () => {
    const { out, code } = await call('validate');
    expect(out).toContain('mast (cam-1): auto: planned when scanned, passive checks');
    expect(code).toBe(0);
  });

  it('measures, plans, scans and calibrates a camera of which nothing but the ranges is known', async () => {
    const { child, ended } = trial.start(['reference', 'mast'], { config: files });
    const spool = path.join(trial.dir, 'spool');
    await until(() => existsSync(spool) && trial.spooled().some((file) => file.endsWith('images/0001.jpg')));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(trial.isHome()).toBe(true);
    const { out, err, code } = await call('reference', 'mast');
    expect(code).toBe(0);
    const planned =
      /^pier\/mast: (\d+\.\d)° wide; 9 stops in 2 rows of tilt, 3 of them at zoom 1\.9, about 2 min$/m;
    expect(Number(planned.exec(err)?.[1])).toBeCloseTo(60, -0.5);
    // It went on with the plan and the pictures that it had.
    expect(err).not.toContain('looks around');
    expect(err).toMatch(/^pier\/mast: [2-8] of 9 stops/m);
    expect(out).toMatch(/^✅ pier\/mast: reference ready, \d+ landmarks from 9 stops, residual 0\.\d\d px$/m);
    expect(out).toMatch(/lens at zoom 1: (59\.[89]|60\.[012])\d° wide/);
    expect(out).toMatch(/lens at zoom 1\.9: 33\.\d\d° wide/);
    expect(out).not.toContain('weak stop');
    expect(trial.isHome()).toBe(true);
    expect(trial.spooled()).toEqual([]);
    const manifest = path.join(trial.dir, 'store/pier/mast/reference_scan/manifest.json');
    const { frames } = JSON.parse(await readFile(manifest, 'utf8')) as CaptureManifest;
    expect(frames).toHaveLength(9);
  }, 240_000);

  it('makes a reference that finds a knock, zoomed in as well', async () => {
    for (const zoom of [1, 1.9]) {
      trial.camera.moveTo({ panDeg: 4, tiltDeg: -4, zoom }, performance.now() - 10_000);
      trial.camera.setMountOffset({ yawDeg: 0.8, pitchDeg: -0.3, rollDeg: 0 });
      const { out } = await call('check', 'mast', '--json');
      const { verdict, yaw_offset, pitch_offset } = JSON.parse(out) as Record<string, number | string>;
      expect(verdict).toBe('drifted');
      expect(yaw_offset).toBeCloseTo(0.8, 1);
      expect(pitch_offset).toBeCloseTo(-0.3, 1);
    }
  }, 120_000);
});
