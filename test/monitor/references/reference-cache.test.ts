import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unlessMissing } from '../../../src/capture/spool/file-tools.js';
import { makeRoom } from '../../../src/monitor/references/cache-eviction.js';
import type { CalibrationSolver } from '../../../src/ports/calibration-solver.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { Product } from '../../../src/monitor/product.js';
import { createMonitorRig, device, fault, measured, START_MS, type MonitorRig } from '../monitor-rig.js';

const signal = new AbortController().signal;
const STOPS = [-120, -60, 0, 60, 120, 180].map((panDeg) => ({ panDeg, tiltDeg: -3, zoom: 1 }));
const north = device('site-a', 'cam-1', { referenceStops: STOPS });
const PREFIX = 'site-a/cam-1-mast/reference_scan';

let rig: MonitorRig;
let dir: string;
beforeEach(async () => {
  rig = await createMonitorRig([north]);
  dir = await mkdtemp(path.join(tmpdir(), 'references-'));
  await rig.product.scanReference(north, () => undefined, signal);
});
afterEach(async () => {
  await rig.close();
  await rm(dir, { recursive: true, force: true });
});

const namesIn = (folder: string): Promise<string[]> => unlessMissing(readdir(folder), []);

/** Solves with features of its version, or computes them from all pictures. */
const solverOf = (version: string): CalibrationSolver => ({
  ...rig.deps.solver,
  featuresFile: () => `features/${version}.bin`,
  solve: async ({ referenceDir }) => {
    const features = path.join(referenceDir, 'features');
    if (!(await namesIn(features)).includes(`${version}.bin`)) {
      const pictures = await namesIn(path.join(referenceDir, 'images'));
      if (pictures.length < STOPS.length)
        throw new AppError('unusable_input', 'A picture cannot be read.', 'Capture it again.');
      await mkdir(features, { recursive: true });
      await writeFile(path.join(features, `${version}.bin`), 'features');
    }
    return measured(0);
  },
});

/** A program with its own disk; `fetched` lists the objects of the reference that it downloads. */
const program = (name: string, version: string): { product: Product; fetched: string[]; shown: number[] } => {
  const fetched: string[] = [];
  const shown: number[] = [];
  const { store, pictures, settings } = rig.deps;
  const product = rig.restart({
    settings: { ...settings, spoolDir: path.join(dir, name) },
    solver: solverOf(version),
    store: {
      ...store,
      get: (key, given) => {
        if (/\/(images|features)\//.test(key)) fetched.push(key.slice(PREFIX.length + 1));
        return store.get(key, given);
      },
    },
    pictures: {
      ...pictures,
      overlay: async (request) => {
        shown.push(request.expected.frames.length);
        return pictures.overlay(request);
      },
    },
  });
  return { product, fetched, shown };
};

const check = (product: Product) => product.check(north, {}, signal);

describe('a published reference', () => {
  it('whose features are missing gets them from the first program, for all others', async () => {
    const first = program('a', 'v1');
    expect((await check(first.product)).verdict).toBe('ok');
    expect(first.fetched.filter((key) => key.startsWith('images/'))).toHaveLength(STOPS.length);
    expect(await rig.deps.store.list(`${PREFIX}/features/`)).toEqual([`${PREFIX}/features/v1.bin`]);
  });

  it('is downloaded once, with its features and the pictures shown', async () => {
    await check(program('a', 'v1').product);
    const second = program('b', 'v1');
    expect((await check(second.product)).verdict).toBe('ok');
    expect(second.fetched[0]).toBe('features/v1.bin');
    const [shown] = second.shown;
    expect(shown).toBeGreaterThan(0);
    expect(shown).toBeLessThan(STOPS.length);
    expect(second.fetched).toHaveLength(1 + shown!);
    await check(second.product);
    expect(second.fetched).toHaveLength(1 + shown!);
  });

  it('with features from another solver version gets those of this one as well', async () => {
    await check(program('a', 'v1').product);
    expect((await check(program('b', 'v2').product)).verdict).toBe('ok');
    expect(await rig.deps.store.list(`${PREFIX}/features/`)).toEqual(
      ['v1', 'v2'].map((version) => `${PREFIX}/features/${version}.bin`),
    );
    const third = program('c', 'v2');
    await check(third.product);
    expect(third.fetched.filter((key) => key.startsWith('features/'))).toEqual(['features/v2.bin']);
  });

  it('is still used when its features cannot be published', async () => {
    const { store } = rig.deps;
    const put: typeof store.put = (key, ...rest) =>
      key.includes('/features/') ? Promise.reject(fault('store_unwritable')) : store.put(key, ...rest);
    const product = rig.restart({ solver: solverOf('v1'), store: { ...store, put } });
    expect((await check(product)).verdict).toBe('ok');
    expect(rig.logged).toMatchObject([{ event: 'features_not_shared' }]);
  });
});

describe('the reference cache', () => {
  const HOUR_MS = 3_600_000;
  const use = async (name: string, hoursAgo: number): Promise<void> => {
    const generation = path.join(dir, 'site', name, 'etag');
    const at = (START_MS - hoursAgo * HOUR_MS) / 1000;
    await mkdir(generation, { recursive: true });
    await utimes(generation, at, at);
  };
  const kept = async (): Promise<string[]> => {
    const names = await readdir(path.join(dir, 'site'), { recursive: true });
    return names.filter((name) => name.endsWith('etag')).map(path.dirname);
  };
  /** A disk of which each reference takes a tenth. */
  const disk = async (): Promise<{ freeBytes: number; totalBytes: number }> => ({
    totalBytes: 1e9,
    freeBytes: 1e9 - 1e8 * (await kept()).length,
  });

  it('evicts the least recently used until a quarter of the disk is free', async () => {
    for (let hours = 1; hours <= 9; hours += 1) await use(`cam-${hours}`, hours);
    await makeRoom(dir, START_MS, disk);
    expect((await kept()).sort()).toEqual([1, 2, 3, 4, 5, 6, 7].map((hours) => `cam-${hours}`));
    await makeRoom(dir, START_MS, disk);
    expect(await kept()).toHaveLength(7);
  });

  it('keeps what may be in use, however full the disk is', async () => {
    for (let index = 0; index < 9; index += 1) await use(`cam-${index}`, index === 0 ? 5 : 0.1);
    await makeRoom(dir, START_MS, disk);
    expect(await kept()).toHaveLength(8);
  });

  it('works before the cache exists', async () => {
    await expect(makeRoom(path.join(dir, 'none'), START_MS)).resolves.toBeUndefined();
  });
});
