import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpencvSolverPool } from '../../../src/adapters/solver/solver-pool.js';
import type { CaptureManifest, ManifestLayer } from '../../../src/capture/spool/manifest.js';
import { drawScenery } from '../../../src/sandbox/scenery/draw-scenery.js';
import type { LayerReport, SolveAnswer } from '../../../src/solve/model/answer.js';
import { createDayNightCamera, type DayNightCamera } from '../../support/night-camera.js';
import { writeCameraFolder } from '../../support/camera-folder.js';

const solver = createOpencvSolverPool({ workers: 1 });
const { signal } = new AbortController();
const STOPS = [-40, -20, 0, 20].map((panDeg) => ({ panDeg, tiltDeg: -6, zoom: 1 }));
const LOOK = [{ panDeg: -9, tiltDeg: -5, zoom: 1 }];
const STANCE = { yawDeg: 0.1, pitchDeg: -0.06, rollDeg: 0.08 };
const KNOCK = { yawDeg: 0.7, pitchDeg: 0.5, rollDeg: -0.4 };
const KNOWN = { yaw: 0.7, pitch: 0.5, roll: -0.4 } as const;

let dir: string;
const at = (...names: string[]): string => path.join(dir, ...names);
const manifestIn = async (folder: string): Promise<CaptureManifest> =>
  JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as CaptureManifest;

const sizes = { widthPx: 640, heightPx: 360 };
const cameraOf = (patchPx: number): DayNightCamera =>
  createDayNightCamera(
    { name: 'mast', panorama: drawScenery({ seed: 5, widthPx: 4096 }), seed: 3, ...sizes },
    patchPx,
  );

/** Lays a scan below the reference as a layer, tied by a check when one is given. */
const layLayer = async (name: string, scan: string, check: string | null): Promise<string> => {
  const folder = at('ref', 'layers', name);
  await cp(at(scan), folder, { recursive: true });
  const frames = check === null ? [] : (await manifestIn(at(check))).frames;
  for (const { file } of frames)
    await copyFile(at(check!, file), path.join(folder, 'images', `check-${file}`));
  const layer: ManifestLayer = {
    ...{ name, origin: 'scan', tie: null, bytes: 0 },
    primary: createHash('sha256')
      .update(await readFile(at('ref', 'manifest.json')))
      .digest('hex'),
    check:
      check === null
        ? null
        : {
            files_location: 'file:///check',
            frames: frames.map((frame) => ({ ...frame, file: `images/check-${frame.file}` })),
          },
  };
  await edit(folder, () => layer);
  return folder;
};

const edit = async (
  folder: string,
  change: (layer: ManifestLayer) => ManifestLayer,
  others = {},
): Promise<void> => {
  const manifest = await manifestIn(folder);
  const layer = change(manifest.layer!);
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...others, layer }));
};

const prepare = (layerDir: string): Promise<LayerReport> =>
  solver.prepareLayer({ referenceDir: at('ref'), layerDir, masks: [] }, signal);
const ask = (query: string, layer?: string): Promise<SolveAnswer> =>
  solver.solve(
    { referenceDir: at('ref'), queryDir: at(query), thresholdDeg: 0.5, masks: [], ...(layer && { layer }) },
    signal,
  );

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'layers-'));
  const camera = cameraOf(12);
  const write = async (
    name: string,
    kind: 'reference' | 'query',
    mount: typeof KNOCK | null,
    isNight: boolean,
  ): Promise<void> => {
    camera.setNight(isNight);
    camera.setMountOffset(mount ?? { yawDeg: 0, pitchDeg: 0, rollDeg: 0 });
    await writeCameraFolder(at(name), kind, camera, kind === 'reference' ? STOPS : LOOK);
  };
  await write('ref', 'reference', null, false);
  await write('night-scan', 'reference', STANCE, true);
  await write('check', 'query', STANCE, false);
  await write('moved-check', 'query', { ...STANCE, yawDeg: -0.4 }, false);
  await write('day', 'query', KNOCK, false);
  await write('night', 'query', KNOCK, true);
}, 60_000);
afterAll(async () => {
  await solver.close();
  await rm(dir, { recursive: true, force: true });
});

describe('layers in a folder', () => {
  let without: SolveAnswer;
  let night: string;

  it('are none to a folder that has none: the night is refused', async () => {
    await mkdir(at('ref', 'layers', 'empty'), { recursive: true });
    without = await ask('day');
    expect(without).toMatchObject({ success: true, layer: 'primary' });
    expect(await ask('night')).toMatchObject({ success: false, layer: null });
  }, 60_000);

  it('answer the night, within what they say they know, and leave the day alone', async () => {
    night = await layLayer('night', 'night-scan', 'check');
    const { usable, tie } = await prepare(night);
    expect({ usable, by: tie?.by }).toEqual({ usable: true, by: 'check' });
    await edit(night, (layer) => ({ ...layer, tie }));
    const answer = await ask('night');
    expect(answer).toMatchObject({ success: true, layer: 'night', verdict: 'drifted' });
    for (const axis of ['yaw', 'pitch', 'roll'] as const)
      expect(Math.abs(answer[`${axis}_offset`]! - KNOWN[axis])).toBeLessThan(4 * answer.sigma![axis]);
    expect({ ...(await ask('day')), solve_ms: 0 }).toEqual({ ...without, solve_ms: 0 });
    expect(await ask('night', 'primary')).toMatchObject({ success: false });
    expect(await ask('night', 'nigth')).toMatchObject({
      success: false,
      failure_log: expect.stringContaining('nigth'),
    });
  }, 60_000);

  it.each<{ what: string; change: (layer: ManifestLayer) => ManifestLayer; others?: object; why: RegExp }>([
    {
      what: 'whose recorded registration does not match its pictures',
      change: (layer) => ({ ...layer, tie: { ...layer.tie!, yaw: layer.tie!.yaw + 0.3 } }),
      why: /does not match its pictures/,
    },
    {
      what: 'that is tied to another reference',
      change: (layer) => ({ ...layer, primary: '0'.repeat(64) }),
      why: /belongs to another primary reference/,
    },
    {
      what: 'of another camera',
      change: (layer) => layer,
      others: { device_id: 'cam-9' },
      why: /was taken by cam-9, the reference by cam-1/,
    },
    {
      what: 'that is tied by a check of another day',
      change: (layer) => layer,
      others: { started_at: '2026-02-03T00:00:00.000Z', finished_at: '2026-02-03T00:00:00.000Z' },
      why: /not taken within 2 h/,
    },
    {
      what: 'that says nothing of a tie',
      change: () => ({}) as ManifestLayer,
      why: /layer.name/,
    },
  ])(
    'answer nothing from one $what',
    async ({ change, others, why }) => {
      const manifest = await readFile(path.join(night, 'manifest.json'));
      await edit(night, change, others);
      const answer = await ask('night', 'night');
      expect(answer).toMatchObject({ success: false, layer: null });
      expect(answer.failure_log).toMatch(why);
      await writeFile(path.join(night, 'manifest.json'), manifest);
    },
    60_000,
  );

  it('are refused when the mount moved after the check that should tie them', async () => {
    const moved = await layLayer('moved', 'night-scan', 'moved-check');
    const report = await prepare(moved);
    expect(report.usable).toBe(false);
    expect(report.faults[0]).toMatch(/lies elsewhere than the tie says: the mount moved/);
    await rm(moved, { recursive: true });
  }, 60_000);

  it('are refused when their pictures are of another place', async () => {
    const panorama = drawScenery({ seed: 9, widthPx: 4096 });
    const other = createDayNightCamera({ name: 'mast', panorama, seed: 3, ...sizes });
    await writeCameraFolder(at('other-scan'), 'reference', other, STOPS);
    const report = await prepare(await layLayer('other', 'other-scan', 'check'));
    expect(report.usable).toBe(false);
    expect(report.faults[0]).toMatch(/Nothing in its pictures confirms|pictures of another camera/);
    await rm(at('ref', 'layers', 'other'), { recursive: true });
  }, 60_000);

  it('are tied by the frames that match, where some do', async () => {
    const camera = cameraOf(40);
    camera.setNight(true);
    camera.setMountOffset(STANCE);
    await writeCameraFolder(at('dusk-scan'), 'reference', camera, STOPS);
    const { usable, tie } = await prepare(await layLayer('dusk', 'dusk-scan', null));
    expect({ usable, by: tie?.by }).toEqual({ usable: true, by: 'frames' });
    const stance = { yaw: STANCE.yawDeg, pitch: STANCE.pitchDeg, roll: STANCE.rollDeg };
    for (const axis of ['yaw', 'pitch', 'roll'] as const)
      expect(Math.abs(tie![axis] - stance[axis])).toBeLessThan(4 * tie!.sigma[axis]);
  }, 60_000);
});
