import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CaptureManifest } from '../../../src/capture/spool/manifest.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { LayerTie, SolveAnswer } from '../../../src/solve/model/answer.js';
import { fakeStop } from '../../fakes/fake-product.js';
import { createMonitorRig, device, goodReport, goodTie, measured, type MonitorRig } from '../monitor-rig.js';

const signal = new AbortController().signal;
const silent = (): void => undefined;
const north = device('site-a', 'cam-1');
const PREFIX = 'site-a/cam-1-mast/reference_scan';
const NIGHT = `${PREFIX}/layers/night`;

let rig: MonitorRig;
beforeEach(async () => {
  rig = await createMonitorRig([north]);
});
afterEach(() => rig.close());

const manifestAt = async (key: string): Promise<CaptureManifest> =>
  JSON.parse((await rig.deps.store.get(`${key}/manifest.json`))!.body.toString('utf8')) as CaptureManifest;
const scanPrimary = () => rig.product.scanReference(north, silent, signal);
const scanNight = () => rig.product.scanLayer(north, 'night', silent, signal);
const check = () => rig.product.check(north, {}, signal);
const picturesAt = async (key: string): Promise<string[]> =>
  (await rig.deps.store.list(`${key}/images/`)).map((name) => path.basename(name));

const inOtherLight: SolveAnswer = {
  ...measured(0.02),
  inliers: 120,
  captures: [{ file: '0000.jpg', yaw: 0.02, pitch: 0, roll: 0, inliers: 120, residual_px: 0.4 }],
};
const byLayer = (layer: string): SolveAnswer => ({ ...measured(0.1), layer });

describe('a layer scan', () => {
  it('needs a primary reference, and says what to do', async () => {
    await expect(scanNight()).rejects.toMatchObject({
      code: 'no_reference',
      message: expect.stringContaining('a layer needs one'),
      remedy: 'Scan one first, in daylight: calib reference site-a/cam-1-mast',
    });
    expect(await rig.deps.store.list('')).toEqual([]);
  });

  it('is published below the reference, with its tie to this very one', async () => {
    await scanPrimary();
    expect(await scanNight()).toMatchObject({ usable: true, layer: 'night', tie: { by: 'frames' } });
    expect(await rig.deps.store.list(`${PREFIX}/layers/`)).toEqual([
      `${NIGHT}/images/0000.jpg`,
      `${NIGHT}/images/0001.jpg`,
      `${NIGHT}/manifest.json`,
    ]);
    const manifest = await manifestAt(NIGHT);
    expect(manifest).toMatchObject({
      schema: 'calibration-capture/1',
      kind: 'reference',
      layer: { name: 'night', origin: 'scan', check: null, tie: goodTie, bytes: 18 },
    });
    expect(manifest.layer?.primary).toMatch(/^[0-9a-f]{64}$/);
    expect(await rig.product.layers(north)).toMatchObject([
      { name: 'night', state: 'ready', frames: 2, bytes: 18, answered: 0, lastAnsweredAt: null },
    ]);
  });

  it('of a scan that planned itself visits the stops of the primary again', async () => {
    const auto = { ...north, referenceStops: null };
    await rig.product.scanReference(auto, silent, signal);
    // A field of view measured at night would differ.
    rig.script.hfovDeg = 61;
    await rig.product.scanLayer(auto, 'night', silent, signal);
    const commanded = async (key: string) => (await manifestAt(key)).frames.map((frame) => frame.commanded);
    expect(await commanded(NIGHT)).toEqual(await commanded(PREFIX));
  });

  it.each(['primary', 'grown', 'Night', 'night.2', '../night', ''])('cannot be named %p', async (name) => {
    await scanPrimary();
    await expect(rig.product.scanLayer(north, name, silent, signal)).rejects.toMatchObject({
      code: 'bad_argument',
    });
  });

  it('that is refused keeps the previous layer', async () => {
    await scanPrimary();
    await scanNight();
    rig.script.layer = () => ({ ...goodReport, usable: false, faults: ['no'], layer: 'night', tie: null });
    const report = await scanNight();
    expect(report.usable).toBe(false);
    expect(await picturesAt(NIGHT)).toEqual(['0000.jpg', '0001.jpg']);
  });

  it('that is tied too loosely for the threshold is refused', async () => {
    await scanPrimary();
    const tie: LayerTie = { ...goodTie, sigma: { yaw: 0.1, pitch: 0.01, roll: 0.01 } };
    rig.script.layer = () => ({ ...goodReport, layer: 'night', tie });
    const report = await scanNight();
    expect(report.usable).toBe(false);
    expect(report.faults[0]).toContain('only accurate to ±0.10°');
    expect(await rig.product.hasLayer(north, 'night')).toBe(false);
  });

  it('replaces the previous one in one step and keeps it restorable', async () => {
    await scanPrimary();
    await scanNight();
    await scanNight();
    expect((await manifestAt(NIGHT)).frames.map(({ file }) => file)).toEqual([
      'images/0002.jpg',
      'images/0003.jpg',
    ]);
    expect(await picturesAt(NIGHT)).toHaveLength(4);
    const present = (await manifestAt(NIGHT)).frames;
    await rig.product.restoreLayer(north, 'night', signal);
    expect((await manifestAt(NIGHT)).frames.map(({ file }) => file)).toEqual([
      'images/0000.jpg',
      'images/0001.jpg',
    ]);
    await rig.product.restoreLayer(north, 'night', signal);
    expect((await manifestAt(NIGHT)).frames).toEqual(present);
    await expect(rig.product.restoreLayer(north, 'nigth', signal)).rejects.toMatchObject({
      remedy: 'Did you mean night?',
    });
  });

  it('left unpublished is published by the next run without another scan', async () => {
    await scanPrimary();
    const { store } = rig.deps;
    const failing = rig.restart({
      store: {
        ...store,
        put: (key, ...rest) =>
          key.endsWith('night/manifest.json')
            ? Promise.reject(new AppError('store_unwritable', 'No.', 'Mend it.'))
            : store.put(key, ...rest),
      },
    });
    await expect(failing.scanLayer(north, 'night', silent, signal)).rejects.toMatchObject({
      code: 'store_unwritable',
    });
    rig.script.capture = async () => new AppError('no_telemetry', 'Nobody is there.', 'Look.');
    await rig.restart({ store }).recover(silent, signal);
    expect(await rig.product.hasLayer(north, 'night')).toBe(true);
  });
});

describe('a check that vouches for a layer', () => {
  it('is the closest that the primary answered clearly within the threshold; its pictures stay with the layer', async () => {
    await scanPrimary();
    rig.script.solve = () => measured(0.1);
    const { filesLocation } = await check();
    await rig.clock.advance(3_600_000);
    await scanNight();
    const { layer } = await manifestAt(NIGHT);
    expect(layer?.check).toMatchObject({
      files_location: filesLocation,
      frames: [{ file: 'images/0002.jpg', telemetry: { pan: 10 } }],
    });
    expect(await picturesAt(NIGHT)).toEqual(['0000.jpg', '0001.jpg', '0002.jpg']);
  });

  it.each<{ what: string; answer: SolveAnswer; laterMs: number; why: RegExp }>([
    { what: 'too old', answer: measured(0.1), laterMs: 3 * 3_600_000, why: /within 2 h of the scan/ },
    { what: 'of a drift', answer: measured(0.3), laterMs: 0, why: /was not clearly within the threshold/ },
    {
      what: 'too uncertain',
      answer: { ...measured(0), sigma: { yaw: 0.06, pitch: 0.01, roll: 0.01 } },
      laterMs: 0,
      why: /was not clearly within the threshold/,
    },
    { what: 'that a layer answered', answer: byLayer('snow'), laterMs: 0, why: /within 2 h of the scan/ },
  ])('is none that is $what, and the refusal says so', async ({ answer, laterMs, why }) => {
    await scanPrimary();
    rig.script.solve = () => answer;
    await check();
    await rig.clock.advance(laterMs);
    rig.script.layer = () => ({
      ...goodReport,
      usable: false,
      faults: ['untied'],
      layer: 'night',
      tie: null,
    });
    const report = await scanNight();
    expect(report.faults).toEqual(['untied', expect.stringMatching(why)]);
  });

  it('of another primary does not count', async () => {
    await scanPrimary();
    await check();
    await rig.clock.advance(60_000);
    await scanPrimary();
    await scanNight();
    expect((await manifestAt(NIGHT)).layer?.check).toBeNull();
  });
});

describe('a new primary reference', () => {
  beforeEach(async () => {
    await scanPrimary();
    await scanNight();
    await rig.clock.advance(60_000);
  });

  it('reports the layers it leaves unused, and none of them answers', async () => {
    const report = await scanPrimary();
    expect(report.faults).toEqual([
      'Layers of the previous reference (night) are kept but not used until you rebuild them: ' +
        'calib layers site-a/cam-1-mast --rebuild night',
    ]);
    expect(await rig.product.layers(north)).toMatchObject([{ name: 'night', state: 'another_reference' }]);
    const seen: boolean[] = [];
    rig.restart({
      solver: {
        ...rig.deps.solver,
        solve: async ({ referenceDir }) => {
          seen.push(existsSync(path.join(referenceDir, 'layers/night/manifest.json')));
          return measured(0);
        },
      },
    });
    const product = rig.restart();
    await product.check(north, {}, signal);
    expect(seen).toEqual([false]);
    expect(await product.rebuildLayer(north, 'night', signal)).toMatchObject({ usable: true });
    await product.check(north, {}, signal);
    expect(seen).toEqual([false, true]);
  });

  it('that a layer cannot be tied to leaves the layer unused', async () => {
    await scanPrimary();
    rig.script.layer = () => ({ ...goodReport, usable: false, faults: ['no'], layer: 'night', tie: null });
    expect(await rig.product.rebuildLayer(north, 'night', signal)).toMatchObject({ usable: false });
    expect(await rig.product.layers(north)).toMatchObject([{ state: 'another_reference' }]);
  });
});

describe('a layer', () => {
  beforeEach(async () => {
    await scanPrimary();
    await scanNight();
  });

  it('is counted once per check it answers, and named in its line and result', async () => {
    rig.script.solve = () => byLayer('night');
    const outcome = await check();
    expect(outcome.line).toContain('(by layer night)');
    expect(outcome.answer?.layer).toBe('night');
    const result = await rig.deps.store.get(`${outcome.filesLocation.split('/store/')[1]}/result.json`);
    expect(JSON.parse(result!.body.toString('utf8'))).toMatchObject({ layer: 'night' });
    expect(await rig.product.layers(north)).toMatchObject([
      { answered: 1, lastAnsweredAt: outcome.row.timestamp },
    ]);
    expect(Object.keys(outcome.row)).not.toContain('layer');
  });

  it('is dropped with all its files', async () => {
    await scanPrimary();
    await rig.product.dropLayer(north, 'night', signal);
    expect(await rig.deps.store.list(`${PREFIX}/layers/`)).toEqual([]);
    expect(await rig.product.layers(north)).toEqual([]);
    expect(await rig.product.hasReference(north)).toBe(true);
  });

  it('of an unknown name is refused, with the right one suggested', async () => {
    for (const act of [rig.product.dropLayer, rig.product.rebuildLayer])
      await expect(act(north, 'nigth', signal)).rejects.toMatchObject({
        code: 'bad_argument',
        message: 'site-a/cam-1-mast has no layer named nigth.',
        remedy: 'Did you mean night?',
      });
    await expect(rig.product.dropLayer(north, 'summer', signal)).rejects.toMatchObject({
      remedy: 'Its layers are night.',
    });
  });

  it('whose picture is gone cannot be rebuilt, and says so', async () => {
    await rig.deps.store.delete(`${NIGHT}/images/0001.jpg`);
    await expect(rig.product.rebuildLayer(north, 'night', signal)).rejects.toMatchObject({
      code: 'layer_damaged',
    });
  });

  it('whose manifest is damaged is listed as such, and blocks no check', async () => {
    await rig.deps.store.put(`${NIGHT}/manifest.json`, Buffer.from('{'));
    expect(await rig.product.layers(north)).toMatchObject([{ name: 'night', state: 'damaged' }]);
    expect((await check()).verdict).toBe('ok');
    await scanNight();
    expect(await rig.product.layers(north)).toMatchObject([{ name: 'night', state: 'ready' }]);
  });
});

describe('the grown layer', () => {
  const GROWN = `${PREFIX}/layers/grown`;
  const unknown = (answer: SolveAnswer): void => {
    const { solver } = rig.deps;
    rig.restart({
      solver: {
        ...solver,
        prepareReference: async () => ({
          ...goodReport,
          stops: [{ ...fakeStop, file: 'images/0000.jpg', pan: 0 }],
        }),
        prepareLayer: async ({ layerDir }) => {
          const manifest = JSON.parse(
            await readFile(path.join(layerDir, 'manifest.json'), 'utf8'),
          ) as CaptureManifest;
          const evidence = manifest.frames.map(({ file }) => ({ file, yaw: 0.02, pitch: 0, roll: 0 }));
          return { ...goodReport, layer: 'grown', tie: { ...goodTie, by: 'each_frame', evidence } };
        },
        solve: async ({ layer }) => (layer === 'grown' ? { ...measured(0), success: false } : answer),
      },
    });
  };
  const checkNow = () => rig.restart().check(north, {}, signal);

  beforeEach(scanPrimary);

  it('adds pictures in different light that the primary has just verified', async () => {
    unknown(inOtherLight);
    const outcome = await checkNow();
    expect(outcome.recorded).toBe(true);
    const { layer, frames } = await manifestAt(GROWN);
    expect(layer).toMatchObject({ origin: 'grown', tie: { by: 'each_frame' } });
    expect(frames).toMatchObject([{ file: 'images/0000.jpg', telemetry: { pan: 10 } }]);
    expect(rig.logged.map(({ event }) => event)).toContain('layer_grown');
    // An hour later there is nothing new but the hour; five hours later there is.
    await rig.clock.advance(20 * 60_000);
    await checkNow();
    expect((await manifestAt(GROWN)).frames).toHaveLength(1);
    await rig.clock.advance(5 * 3_600_000);
    await checkNow();
    expect((await manifestAt(GROWN)).frames.map(({ file }) => file)).toEqual([
      'images/0000.jpg',
      'images/0001.jpg',
    ]);
  });

  it.each<{ what: string; answer: SolveAnswer }>([
    { what: 'was taken in the same light', answer: measured(0.02) },
    { what: 'a layer has answered', answer: { ...inOtherLight, layer: 'night' } },
    { what: 'is off by more than a third of the threshold', answer: { ...inOtherLight, yaw_offset: 0.2 } },
    {
      what: 'is too uncertain',
      answer: { ...inOtherLight, sigma: { yaw: 0.01, pitch: 0.01, roll: 0.06 } },
    },
    { what: 'is refused', answer: { ...inOtherLight, success: false, verdict: 'refused', layer: null } },
  ])('adds no picture that $what', async ({ answer }) => {
    unknown(answer);
    await checkNow();
    expect(await rig.deps.store.list(`${PREFIX}/layers/`)).toEqual([]);
  });

  it('adds no picture that the solver does not confirm, or while the camera is in use', async () => {
    unknown(inOtherLight);
    const { solver, store, clock, identity } = rig.deps;
    rig.restart({
      solver: {
        ...solver,
        prepareLayer: async () => ({ ...goodReport, layer: 'grown', tie: { ...goodTie, evidence: [] } }),
      },
    });
    await checkNow();
    expect(await store.list(`${PREFIX}/layers/`)).toEqual([]);
    rig.restart({
      solver: {
        ...solver,
        prepareLayer: async () => Promise.reject(new AppError('solver_crashed', 'Ouch.', 'Look.')),
      },
    });
    const outcome = await checkNow();
    expect(outcome).toMatchObject({ verdict: 'ok', recorded: true });
    expect(rig.logged.map(({ event }) => event)).toContain('layer_not_grown');
    rig.restart({ solver });
    const lease = { owner: identity.self, nonce: 'other', expiresAtMs: clock.nowMs() + 90_000 };
    const taken = rig.deps.results.merge;
    rig.restart({
      results: {
        ...rig.deps.results,
        merge: async (rows) => {
          await taken(rows);
          await store.put('_state/leases/site-a/cam-1-mast.json', Buffer.from(JSON.stringify(lease)));
        },
      },
    });
    await checkNow();
    expect(await store.list(`${PREFIX}/layers/`)).toEqual([]);
  });

  it('does not grow if the settings forbid it', async () => {
    const still = { ...north, growLayers: false };
    unknown(inOtherLight);
    await rig.restart().check(still, {}, signal);
    expect(await rig.deps.store.list(`${PREFIX}/layers/`)).toEqual([]);
  });
});
