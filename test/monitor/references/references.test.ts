import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { DeviceSettings } from '../../../src/config/settings.js';
import { AppError } from '../../../src/ports/app-error.js';
import { createMonitorRig, device, goodReport, type MonitorRig } from '../monitor-rig.js';

const signal = new AbortController().signal;
const silent = (): void => undefined;
const north = device('site-a', 'cam-1');
const PREFIX = 'site-a/cam-1-mast/reference_scan';

let rig: MonitorRig;
beforeEach(async () => {
  rig = await createMonitorRig([north]);
});
afterEach(() => rig.close());

const framesOf = async (key: string): Promise<string[]> => {
  const found = await rig.deps.store.get(key);
  const manifest = JSON.parse(found?.body.toString('utf8') ?? '{}') as { frames: { file: string }[] };
  return manifest.frames.map(({ file }) => file);
};

describe('a reference scan', () => {
  it('is published in the layout that others read', async () => {
    expect(await rig.product.hasReference(north)).toBe(false);
    await rig.product.scanReference(north, silent, signal);
    expect(await rig.product.hasReference(north)).toBe(true);
    expect(await rig.deps.store.list('site-a/')).toEqual([
      `${PREFIX}/coverage/0000.png`,
      `${PREFIX}/images/0000.jpg`,
      `${PREFIX}/images/0001.jpg`,
      `${PREFIX}/manifest.json`,
    ]);
  });

  it('replaces the previous one in one step and keeps it restorable', async () => {
    await rig.product.scanReference(north, silent, signal);
    await rig.product.scanReference(north, silent, signal);
    expect(await framesOf(`${PREFIX}/manifest.json`)).toEqual(['images/0002.jpg', 'images/0003.jpg']);
    expect(await framesOf(`${PREFIX}/previous-manifest.json`)).toEqual([
      'images/0000.jpg',
      'images/0001.jpg',
    ]);
    await rig.product.scanReference(north, silent, signal);
    expect(await rig.deps.store.list(`${PREFIX}/images/`)).toEqual(
      ['0002', '0003', '0004', '0005'].map((name) => `${PREFIX}/images/${name}.jpg`),
    );
    expect(await rig.deps.store.list(`${PREFIX}/coverage/`)).toEqual([
      `${PREFIX}/coverage/0002.png`,
      `${PREFIX}/coverage/0004.png`,
    ]);
  });

  it('reports the location of its coverage map, and succeeds without one', async () => {
    const report = await rig.product.scanReference(north, silent, signal);
    expect(report.coverage_map).toBe(rig.deps.store.locationOf(`${PREFIX}/coverage/0000.png`));
    const coverageMap = async (): Promise<never> => {
      throw new AppError('picture_failed', 'No.', 'The measured angles are not affected.');
    };
    const product = rig.restart({ pictures: { ...rig.deps.pictures, coverageMap } });
    const bare = await product.scanReference(north, silent, signal);
    expect(bare).toMatchObject({ usable: true });
    expect(bare.coverage_map).toBeUndefined();
    expect(rig.logged.map(({ event }) => event)).toContain('picture_missing');
  });

  it('that was replaced can be restored whole, and swapped again', async () => {
    const [first, second] = [
      ['images/0000.jpg', 'images/0001.jpg'],
      ['images/0002.jpg', 'images/0003.jpg'],
    ];
    await expect(rig.product.restoreReference(north, signal)).rejects.toMatchObject({
      code: 'no_previous_reference',
      message: 'site-a/cam-1-mast has no previous reference.',
    });
    const startedAt = new Date(rig.clock.nowMs()).toISOString();
    await rig.product.scanReference(north, silent, signal);
    await rig.product.scanReference(north, silent, signal);
    expect(await rig.product.restoreReference(north, signal)).toEqual({ scannedAt: startedAt });
    expect(await framesOf(`${PREFIX}/manifest.json`)).toEqual(first);
    expect(await framesOf(`${PREFIX}/previous-manifest.json`)).toEqual(second);
    expect((await rig.product.check(north, {}, signal)).verdict).toBe('ok');
    await rig.product.restoreReference(north, signal);
    expect(await framesOf(`${PREFIX}/manifest.json`)).toEqual(second);
    await rig.product.restoreReference(north, signal);
    await rig.product.scanReference(north, silent, signal);
    expect(await framesOf(`${PREFIX}/previous-manifest.json`)).toEqual(first);
    expect(await rig.deps.store.list(`${PREFIX}/images/`)).toHaveLength(4);
  });

  it('is not restored over one published in the meantime', async () => {
    await rig.product.scanReference(north, silent, signal);
    await rig.product.scanReference(north, silent, signal);
    const { store } = rig.deps;
    const slow = rig.restart({
      store: {
        ...store,
        put: async (key, body, condition, ending) => {
          if (key.endsWith('/manifest.json')) await store.put(key, Buffer.from('{}'));
          return store.put(key, body, condition, ending);
        },
      },
    });
    await expect(slow.restoreReference(north, signal)).rejects.toMatchObject({ code: 'reference_changed' });
  });

  it('that is unusable keeps the previous one', async () => {
    await rig.product.scanReference(north, silent, signal);
    rig.script.report = { ...goodReport, usable: false, faults: ['too few stops match'] };
    const report = await rig.product.scanReference(north, silent, signal);
    expect(report.usable).toBe(false);
    expect(report.coverage_map).toMatch(/\.refused\/coverage\.png$/);
    expect((await readFile(report.coverage_map!)).length).toBeGreaterThan(0);
    expect(await framesOf(`${PREFIX}/manifest.json`)).toEqual(['images/0000.jpg', 'images/0001.jpg']);
  });

  it('left unpublished is published by the next run without another scan', async () => {
    const store = rig.deps.store;
    const failing = rig.restart({
      store: {
        ...store,
        put: (key, body, condition, abort) =>
          key.endsWith('manifest.json')
            ? Promise.reject(new AppError('store_unwritable', 'No.', 'Mend it.'))
            : store.put(key, body, condition, abort),
      },
    });
    await expect(failing.scanReference(north, silent, signal)).rejects.toMatchObject({
      code: 'store_unwritable',
    });
    rig.script.capture = async () => new AppError('no_telemetry', 'Nobody is there.', 'Look.');
    await rig.restart({ store }).recover(() => undefined, signal);
    expect(await rig.product.hasReference(north)).toBe(true);
  });

  it('that planned itself and was left unpublished is published without another scan, unless its ranges have changed', async () => {
    const auto = device('site-a', 'cam-1', { referenceStops: null });
    const { settings, store } = rig.deps;
    const put: typeof store.put = (key, ...rest) =>
      key.endsWith('manifest.json')
        ? Promise.reject(new AppError('store_unwritable', 'No.', 'Mend it.'))
        : store.put(key, ...rest);
    const withDevice = (one: DeviceSettings) => ({
      settings: { ...settings, deployments: [{ ...settings.deployments[0]!, devices: [one] }] },
    });
    const failing = rig.restart({ ...withDevice(auto), store: { ...store, put } });
    await expect(failing.scanReference(auto, silent, signal)).rejects.toMatchObject({
      code: 'store_unwritable',
    });
    rig.script.capture = async () => new AppError('no_telemetry', 'Nobody is there.', 'Look.');
    await rig.restart({ ...withDevice(auto), store }).recover(silent, signal);
    const published = await framesOf(`${PREFIX}/manifest.json`);
    expect(published).toHaveLength(2);
    rig.script.capture = async () => null;
    const again = rig.restart({ ...withDevice(auto), store: { ...store, put } });
    await expect(again.scanReference(auto, silent, signal)).rejects.toMatchObject({
      code: 'store_unwritable',
    });
    const ptz = { ...auto.ptz, tiltRangeDeg: [-90, 20] } as const;
    await rig.restart({ ...withDevice({ ...auto, ptz }), store }).recover(silent, signal);
    expect(await framesOf(`${PREFIX}/manifest.json`)).toEqual(published);
    expect(await store.get(`${PREFIX}/previous-manifest.json`)).toBeNull();
  });

  it('that cannot be judged is logged by the next run and blocks nothing else', async () => {
    const { solver, store } = rig.deps;
    const put = () => Promise.reject(new AppError('store_unwritable', 'No.', 'Mend it.'));
    const lease = (key: string) => key.startsWith('_state/');
    const failing = rig.restart({
      store: { ...store, put: (key, ...rest) => (lease(key) ? store.put(key, ...rest) : put()) },
    });
    await expect(failing.scanReference(north, silent, signal)).rejects.toMatchObject({
      code: 'store_unwritable',
    });
    const prepareReference = () =>
      Promise.reject(new AppError('unusable_input', 'It is cut.', 'Scan again.'));
    const next = rig.restart({ store, solver: { ...solver, prepareReference } });
    expect(await next.recover(silent, signal)).toBe(0);
    expect(rig.logged).toMatchObject([{ event: 'recovery_failed' }]);
    expect(await next.recover(silent, signal)).toBe(0);
    expect(rig.logged).toHaveLength(1);
  });

  it('releases the camera after a failure', async () => {
    rig.script.capture = async () => new AppError('no_telemetry', 'Nobody is there.', 'Look.');
    await expect(rig.product.scanReference(north, silent, signal)).rejects.toMatchObject({
      code: 'no_telemetry',
    });
    expect(await rig.deps.store.list('_state/')).toEqual([]);
  });
});
