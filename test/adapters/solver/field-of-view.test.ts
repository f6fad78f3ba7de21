import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpencvSolverPool } from '../../../src/adapters/solver/solver-pool.js';
import { looksAround } from '../../../src/capture/planning/look-around.js';
import type { DeviceSettings } from '../../../src/config/settings.js';
import type { Masks } from '../../../src/ports/calibration-solver.js';
import type { PtzPosition } from '../../../src/ports/telemetry.js';
import { drawScenery } from '../../../src/sandbox/scenery/draw-scenery.js';
import type { Panorama } from '../../../src/sandbox/scenery/panorama.js';
import { createCamera, type CameraOptions } from '../../../src/sandbox/camera/camera.js';
import { writeCameraFolder } from '../../support/camera-folder.js';

const PTZ: DeviceSettings['ptz'] = {
  ...{ panRangeDeg: [-180, 180], tiltRangeDeg: [-90, 90], zoomRange: [1, 4] },
  ...{ panSign: 1, tiltSign: 1 },
};

const solver = createOpencvSolverPool({ workers: 1 });
let dir = '';
let panorama: Panorama;
let count = 0;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'view-'));
  panorama = drawScenery({ seed: 5, widthPx: 4096 });
});
afterAll(async () => {
  await solver.close();
  await rm(dir, { recursive: true, force: true });
});

/** What the solver makes of a virtual camera that looks around. */
const measured = async (
  options: Partial<CameraOptions>,
  { panDeg = 60, tiltDeg = -4, sign = 1 } = {},
  masks: Masks = [],
) => {
  const camera = createCamera({
    ...{ name: 'mast', panorama, seed: 3, widthPx: 640, heightPx: 360 },
    ...{ tiltRangeDeg: [-90, 90], encoderNoiseDeg: 0.02 },
    ...options,
  });
  const lookDir = path.join(dir, String(count++));
  const looks = looksAround({ panDeg, tiltDeg, zoom: 1 }, { ptz: PTZ });
  // With a wrong sign telemetry says that the head turned to the other side.
  const reportedPosition = (nowMs: number): PtzPosition => {
    const at = camera.reportedPosition(nowMs);
    return { ...at, panDeg: sign * at.panDeg, tiltDeg: sign * at.tiltDeg };
  };
  await writeCameraFolder(lookDir, 'query', { ...camera, reportedPosition }, looks);
  return solver.measureFieldOfView(lookDir, masks, new AbortController().signal);
};

const shareOff = async (hfovDeg: number, where = {}): Promise<number> => {
  const view = await measured({ hfovDeg }, where);
  return 'hfovDeg' in view ? view.hfovDeg / hfovDeg - 1 : NaN;
};

describe('the field of view of a camera that looks around', () => {
  it.each([110, 60, 8])('of %s° is measured within two percent', async (hfovDeg) => {
    expect(Math.abs(await shareOff(hfovDeg))).toBeLessThan(0.02);
  });

  it('is measured looking steeply down as well', async () => {
    expect(Math.abs(await shareOff(60, { tiltDeg: -75 }))).toBeLessThan(0.02);
  });

  it('is not read off what stands still in the picture, masked or not', async () => {
    const corner = [{ x: 0, y: 0, width: 0.4, height: 0.2 }];
    expect(await measured({ overlay: true }, {}, corner)).toHaveProperty('hfovDeg');
  });

  it('cannot be told where nothing is to be seen, or the head counts the other way', async () => {
    expect(await measured({ light: 'infrared_night', hfovDeg: 10 }, { tiltDeg: 60 })).toEqual({
      fault: 'the pictures show too little that can be recognised from one to the next',
    });
    expect(await measured({}, { sign: -1 })).toEqual({
      fault: 'the pictures do not shift as the telemetry says that the camera turned',
    });
  });

  it('cannot be told of a folder that is none', async () => {
    const asked = solver.measureFieldOfView(path.join(dir, 'none'), [], new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ code: 'unusable_input' });
  });
});
