import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Jimp } from 'jimp';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOpencvSolverPool } from '../../../src/adapters/solver/solver-pool.js';
import type { CaptureManifest } from '../../../src/capture/spool/manifest.js';
import { writeCaptureFolder } from '../../support/capture-folders.js';
import { deepPng } from '../../support/deep-png.js';
import { IDEAL_HEAD_VIEW } from '../../support/render-view.js';

/** Through an ideal head, as the picture below was rendered. */
const view = {
  widthPx: 320,
  heightPx: 240,
  hfovDeg: 60,
  k1: 0,
  panDeg: 10,
  tiltDeg: -5,
  head: IDEAL_HEAD_VIEW,
};
const lens = { zoom_to_hfov_deg: [[1, 60]] as [number, number][], k1: 0, k2: 0 };
/** The good query's picture as a JPEG of luminance alone. */
const GREY_JPEG = fileURLToPath(new URL('../../../../test/fixtures/grey-one-channel.jpg', import.meta.url));
const signal = new AbortController().signal;
const solver = createOpencvSolverPool({ workers: 1 });
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'bad-input-'));
  await writeCaptureFolder(path.join(dir, 'ref'), 'reference', [view], { lens });
  await writeCaptureFolder(path.join(dir, 'good'), 'query', [view]);
});
afterAll(async () => {
  await solver.close();
  await rm(dir, { recursive: true, force: true });
});

const solve = (name: string, reference = 'ref') =>
  solver.solve(
    { referenceDir: path.join(dir, reference), queryDir: path.join(dir, name), thresholdDeg: 0.5, masks: [] },
    signal,
  );

type Spoiler = (good: Buffer) => Buffer | Promise<Buffer>;
const unspoiled: Spoiler = (good) => good;

/** A copy of the good query with its manifest and first picture changed. */
const spoil = async (
  name: string,
  manifest: (good: CaptureManifest) => unknown,
  picture: Spoiler,
): Promise<void> => {
  const to = path.join(dir, name);
  await cp(path.join(dir, 'good'), to, { recursive: true });
  const good = JSON.parse(await readFile(path.join(to, 'manifest.json'), 'utf8')) as CaptureManifest;
  const changed = manifest(good);
  const text = typeof changed === 'string' ? changed : JSON.stringify(changed);
  await writeFile(path.join(to, 'manifest.json'), text);
  const file = path.join(to, '0000.jpg');
  await writeFile(file, await picture(await readFile(file)));
};

const same = (good: CaptureManifest): CaptureManifest => good;
const withFrame = (change: object) => (good: CaptureManifest) => ({
  ...good,
  frames: [{ ...good.frames[0]!, ...change }],
});
const resized = async (good: Buffer): Promise<Buffer> => {
  const image = await Jimp.read(good);
  return image.resize({ w: 160, h: 120 }).getBuffer('image/jpeg');
};

describe('input that cannot be used', () => {
  it.each<[string, string, (good: CaptureManifest) => unknown, Spoiler]>([
    ['another size than the reference', 'is 160x120, the reference 320x240', withFrame({ width: 160, height: 120 }), resized],
    ['another size than its manifest says', 'its manifest says 320x240', same, resized],
    ['a cut picture', 'the picture is truncated', same, (good) => good.subarray(0, 4000)],
    ['an empty picture', 'is not a readable picture', same, () => Buffer.alloc(0)],
    ['no picture', 'is not a readable picture', same, () => Buffer.from('<html>503</html>')],
    ['16 bits a sample', 'more than 8 bits', same, () => deepPng(320, 240)],
    ['no frames', 'frames are none', (good) => ({ ...good, frames: [] }), unspoiled],
    ['NaN telemetry', 'manifest.json: line 1: pan is NaN, no number', (good) => JSON.stringify(good).replace('"pan":10', '"pan":NaN'), unspoiled],
    ['a cut manifest', 'is not JSON', (good) => JSON.stringify(good, null, 2).slice(0, 300), unspoiled],
    ['a tilt of a million degrees', 'telemetry.tilt must lie between -180 and 180', withFrame({ telemetry: { pan: 0, tilt: 1e6, zoom: 1, at: '' } }), unspoiled],
    ['a lens wider than any', 'hfov_deg.0.1 must be below 175 degrees', (good) => ({ ...good, lens: { ...lens, zoom_to_hfov_deg: [[1, 190]] } }), unspoiled],
    ['telemetry that is missing', 'must be a finite number', withFrame({ telemetry: { pan: null, tilt: 0, zoom: 1, at: '' } }), unspoiled],
    ['another schema version', 'another schema version', (good) => ({ ...good, schema: 'calibration-capture/2' }), unspoiled],
    ['another camera', 'was taken by cam-2', (good) => ({ ...good, device_id: 'cam-2' }), unspoiled],
    ['a reference as query', 'a query is needed', (good) => ({ ...good, kind: 'reference' }), unspoiled],
  ])('is named in one line: %s', async (name, message, manifest, picture) => {
    await spoil(name, manifest, picture);
    const fault = await solve(name).then(
      () => null,
      (error: unknown) => error,
    );
    expect(fault).toMatchObject({ code: 'unusable_input', message: expect.stringContaining(message) });
    expect((fault as Error).message).not.toContain('\n');
    expect((await readdir(path.join(dir, name))).sort()).toEqual(['0000.jpg', 'manifest.json']);
    expect((await readdir(path.join(dir, 'ref'))).sort()).toEqual(['images', 'manifest.json']);
  }); // prettier-ignore

  it('is named in one line: frames of two cameras in one query', async () => {
    await spoil(
      'mixed',
      (good) => ({ ...good, frames: [good.frames[0]!, { ...good.frames[0]!, file: '0001.jpg', width: 160, height: 120 }] }),
      unspoiled,
    );
    await writeFile(path.join(dir, 'mixed/0001.jpg'), await resized(await readFile(path.join(dir, 'good/0000.jpg'))));
    await expect(solve('mixed')).rejects.toMatchObject({
      ...{ code: 'unusable_input', message: expect.stringContaining('0001.jpg: is 160x120, the reference 320x240') },
    });
  }); // prettier-ignore

  it('does not include a picture of one channel, as infrared cameras send them at night', async () => {
    await spoil('grey', same, () => readFile(GREY_JPEG));
    const [grey, colour] = [await solve('grey'), await solve('good')];
    expect(grey).toMatchObject({ success: true, verdict: 'ok', cause: 'none' });
    expect(Math.abs(grey.yaw_offset! - colour.yaw_offset!)).toBeLessThan(0.02);
  });

  it('does not include bytes behind a whole picture', async () => {
    await spoil('notes', same, (good) => Buffer.concat([good, Buffer.from('camera maker notes')]));
    await cp(path.join(dir, 'ref'), path.join(dir, 'answering'), { recursive: true });
    expect((await solve('notes', 'answering')).success).toBe(true);
  });
});
