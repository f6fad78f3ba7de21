import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MeasureFieldOfView } from '../../src/capture/planning/look-around.js';
import { planScan } from '../../src/capture/planning/plan-scan.js';
import type { ScanStep } from '../../src/capture/reference-scan.js';
import type { CaptureManifest } from '../../src/capture/spool/manifest.js';
import { parseManifest } from '../../src/capture/spool/parse-manifest.js';
import { readJournals } from '../../src/capture/spool/position-journal.js';
import type { DeviceSettings } from '../../src/config/settings.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import { colourBarsCamera } from '../sandbox/colour-bars-camera.js';
import { measuresNothing, never, type Setup, startSetup } from './site-setup.js';

const PTZ: DeviceSettings['ptz'] = {
  ...{ panRangeDeg: [-30, 30], tiltRangeDeg: [-20, 0], zoomRange: [1, 1.1] },
  ...{ panSign: 1, tiltSign: 1 },
};

/** Where the camera stands: zoomed in, within the small ranges. */
const STOOD: PtzPosition = { panDeg: 10, tiltDeg: -5, zoom: 1.1 };

let setup: Setup;
let dir = '';
let count = 0;

beforeAll(async () => {
  const { panRangeDeg, tiltRangeDeg, zoomRange } = PTZ;
  const ranges = { panRangeDeg: panRangeDeg!, tiltRangeDeg: tiltRangeDeg!, zoomRange: zoomRange! };
  setup = await startSetup({ ...colourBarsCamera(), ...ranges });
});
afterAll(() => setup.close());
beforeEach(async () => {
  setup.site.setFault(0, null);
  setup.camera.moveTo(STOOD, performance.now() - 1_000);
  dir = path.join(setup.dir, `scan-${count++}`);
  await mkdir(dir);
});
afterEach(async () => {
  const { panDeg, tiltDeg, zoom } = setup.positionNow();
  expect([panDeg, tiltDeg, zoom].map((value) => Number(value.toFixed(3)))).toEqual([10, -5, 1.1]);
  expect(await readJournals(setup.spoolDir)).toEqual({ positions: [], faults: [] });
});

const autoDevice = (changes: Partial<DeviceSettings> = {}): DeviceSettings =>
  setup.device({ referenceStops: null, ptz: PTZ, ...changes });

/** A camera of 40°, asked for as often as `asked` says; what it was shown is kept. */
const measuring = (hfovDeg = 40) => {
  const asked: CaptureManifest[] = [];
  const measure: MeasureFieldOfView = async (lookDir) => {
    const file = path.join(lookDir, 'manifest.json');
    asked.push(parseManifest(await readFile(file, 'utf8'), file));
    return { hfovDeg };
  };
  return { asked, measure };
};

const scan = (
  device: DeviceSettings,
  measure: MeasureFieldOfView,
  onStep: (step: ScanStep) => void = () => undefined,
  signal = never(),
): Promise<CaptureManifest> => setup.capture(device, undefined, measure).scan(device, dir, onStep, signal);

const commandedOf = ({ frames }: CaptureManifest) => frames.map(({ commanded }) => commanded);

/** What the pictures of the site's camera, 320x192, are planned to. */
const plannedStops = (hfovDeg: number, { panRangeDeg, tiltRangeDeg, zoomRange } = PTZ) => {
  const vfovDeg = (2 * Math.atan(Math.tan((hfovDeg * Math.PI) / 360) * 0.6) * 180) / Math.PI;
  const { stops } = planScan({
    ...{ panRangeDeg: panRangeDeg!, tiltRangeDeg: tiltRangeDeg!, zoomRange, hfovDeg, vfovDeg },
  });
  return stops.map(({ panDeg, tiltDeg, zoom }) => ({ pan: panDeg, tilt: tiltDeg, zoom }));
};

describe('a reference scan that plans itself', () => {
  it('looks around, measures, tells its plan, drives it, and puts the camera back', async () => {
    const { asked, measure } = measuring();
    const steps: ScanStep[] = [];
    const manifest = await scan(autoDevice(), measure, (step) => steps.push(step));
    expect(commandedOf(manifest)).toEqual(plannedStops(40));
    expect(manifest.kind).toBe('reference');
    // The looks are no part of it.
    expect(asked).toHaveLength(1);
    expect(commandedOf(asked[0]!)).toEqual([
      { pan: 10, tilt: -5, zoom: 1 },
      { pan: 11.5, tilt: -5, zoom: 1 },
      { pan: 14, tilt: -5, zoom: 1 },
      { pan: 18, tilt: -5, zoom: 1 },
      { pan: 17, tilt: -9, zoom: 1 },
      { pan: 14, tilt: -6.5, zoom: 1 },
    ]);
    expect((await readdir(dir)).sort()).toEqual(['images', 'manifest.json', 'scan-plan.json']);
    const total = manifest.frames.length;
    expect(await readdir(path.join(dir, 'images'))).toHaveLength(total);
    expect(steps.map(({ done, total: all, plan }) => `${done}/${all} ${plan?.rowCount ?? '?'}`)).toEqual([
      ...Array.from({ length: 7 }, (_, done) => `${done}/6 ?`),
      ...Array.from({ length: total + 1 }, (_, done) => `${done}/${total} 2`),
    ]);
  });

  it('goes on with the plan that it had, though a second measurement would come out otherwise', async () => {
    const stop = new AbortController();
    const broken = scan(
      autoDevice(),
      measuring(40).measure,
      ({ done, plan }) => {
        if (plan && done === 2) stop.abort(new Error('enough'));
      },
      stop.signal,
    );
    await expect(broken).rejects.toThrow('enough');
    const first = await readFile(path.join(dir, 'images/0001.jpg'));
    const again = measuring(41);
    const steps: ScanStep[] = [];
    const manifest = await scan(autoDevice(), again.measure, (step) => steps.push(step));
    expect(again.asked).toEqual([]);
    expect(steps[0]).toMatchObject({ done: 2, total: manifest.frames.length, plan: { hfovDeg: 40 } });
    expect(commandedOf(manifest)).toEqual(plannedStops(40));
    expect(await readFile(path.join(dir, 'images/0001.jpg'))).toEqual(first);
  });

  it('plans anew when it was broken off before it had a plan, or when the settings give another lens', async () => {
    const quit = new AbortController();
    const onLook = ({ done }: ScanStep): void => {
      if (done === 2) quit.abort(new Error('enough'));
    };
    await expect(scan(autoDevice(), measuresNothing, onLook, quit.signal)).rejects.toThrow('enough');
    const { asked, measure } = measuring(40);
    const stop = new AbortController();
    const onStep = ({ done, plan }: ScanStep): void => {
      if (plan && done === 1) stop.abort(new Error('enough'));
    };
    await expect(scan(autoDevice(), measure, onStep, stop.signal)).rejects.toThrow('enough');
    expect(asked).toHaveLength(1);
    const lens = { zoomToHfovDeg: [[1, 70]], k1: 0, k2: 0 } as const;
    const totals: number[] = [];
    const manifest = await scan(autoDevice({ lens }), measuresNothing, ({ total }) => totals.push(total));
    expect(commandedOf(manifest)).toEqual(plannedStops(70));
    // With a lens one look tells the shape of the pictures.
    expect(totals.slice(0, 3)).toEqual([1, 1, manifest.frames.length]);
  });

  it('says what to do when the field of view cannot be measured, and keeps the pictures to look at', async () => {
    const blind: MeasureFieldOfView = async () => ({ fault: 'the pictures show nothing' });
    const fault = await scan(autoDevice(), blind).catch((error: unknown) => error);
    expect(fault).toMatchObject({
      code: 'view_not_measured',
      message:
        'cam-1: its field of view, from which the stops are planned, could not be measured: ' +
        `the pictures show nothing (they lie in ${path.join(dir, 'looks')}).`,
      remedy: expect.stringContaining('give lens or a grid of reference_scan in devices.yaml'),
    });
    expect((await readdir(path.join(dir, 'looks'))).length).toBe(7);
  });
});
