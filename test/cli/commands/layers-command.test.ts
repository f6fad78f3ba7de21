import { describe, expect, it } from '@jest/globals';
import type { LayerInfo, Product } from '../../../src/monitor/product.js';
import { AppError } from '../../../src/ports/app-error.js';
import { fakeLayerReport } from '../../fakes/fake-product.js';
import { runCli } from '../run-cli.js';

const night: LayerInfo = {
  ...{ name: 'night', state: 'ready', origin: 'scan', frames: 24, bytes: 4_210_000 },
  ...{ startedAt: '2026-01-31T20:00:05.123Z', finishedAt: '2026-01-31T20:06:00.000Z' },
  tie: fakeLayerReport('night', true).tie,
  ...{ answered: 12, lastAnsweredAt: '2026-02-01T03:00:05.000Z' },
};
const grown: LayerInfo = {
  ...night,
  ...{ name: 'grown', state: 'another_reference', origin: 'grown', frames: 1, answered: 0 },
  finishedAt: night.startedAt,
  lastAnsweredAt: null,
  tie: { ...night.tie!, by: 'each_frame' },
};
const damaged: LayerInfo = {
  ...night,
  ...{ name: 'snow', state: 'damaged', origin: null, frames: 0, bytes: 0, tie: null },
  ...{ startedAt: null, finishedAt: null, lastAnsweredAt: null },
};
const unknown = (): Promise<never> =>
  Promise.reject(
    new AppError('bad_argument', 'site-a/north has no layer named nigth.', 'Did you mean night?'),
  );

describe('calib layers', () => {
  it('lists layers: pictures, when, tie, use; and what is wrong with one', async () => {
    const { lines, code } = await runCli(['layers', 'north'], {
      layers: async () => [grown, night, damaged],
    });
    expect(lines).toEqual([
      '⚠️ grown: 1 picture, 4.2 MB, grown 2026-01-31 20:00, has not answered yet',
      '   not used: tied to another reference than the present one: calib layers site-a/north --rebuild grown',
      '   1 picture measured by the reference one by one, ± 0.009°',
      '✅ night: 24 pictures, 4.2 MB, scanned 2026-01-31 20:00 to 2026-01-31 20:06, answered 12 checks, last 2026-02-01 03:00',
      '   tied by 1 picture matching the reference: yaw +0.12° ± 0.004°, pitch −0.03° ± 0.005°, roll +0.01° ± 0.009°',
      '⚠️ snow: 0 pictures, 0.0 MB, scanned unknown time, has not answered yet',
      '   not used: its manifest cannot be read: calib layers site-a/north --drop snow',
    ]);
    expect(code).toBe(0);
  });

  it('lists them as JSON, one a line', async () => {
    const { lines } = await runCli(['layers', 'north', '--json'], { layers: async () => [night] });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...{ device: 'cam-00', deployment: 'site-a', camera: 'north', layer: 'night', state: 'ready' },
        ...{ origin: 'scan', frames: 24, bytes: 4_210_000, started_at: night.startedAt },
        ...{ finished_at: night.finishedAt, tie: night.tie, answered: 12 },
        last_answered_at: night.lastAnsweredAt,
      },
    ]);
  });

  it('says how to make one where there is none', async () => {
    const said = await runCli(['layers', 'north']);
    expect(said).toMatchObject({
      ...{ out: '', code: 0 },
      err: 'site-a/north has no layers: calib reference site-a/north --layer night\n',
    });
  });

  it('drops a layer, and says of the grown one that it comes back', async () => {
    const dropped: string[] = [];
    const dropLayer: Product['dropLayer'] = async (_device, layer) => void dropped.push(layer);
    expect((await runCli(['layers', 'north', '--drop', 'night'], { dropLayer })).lines).toEqual([
      'site-a/north: layer night dropped.',
    ]);
    expect((await runCli(['layers', 'north', '--drop', 'grown'], { dropLayer })).lines).toEqual([
      'site-a/north: layer grown dropped. It grows anew; set grow_layers: false to keep it away.',
    ]);
    const { out } = await runCli(['layers', 'north', '--drop', 'night', '--json'], { dropLayer });
    expect(JSON.parse(out)).toMatchObject({ camera: 'north', layer: 'night', dropped: true });
    expect(dropped).toEqual(['night', 'grown', 'night']);
  });

  it.each(['--drop', '--rebuild'])('%s of an unknown layer offers the right one', async (option) => {
    const said = await runCli(['layers', 'north', option, 'nigth'], {
      dropLayer: unknown,
      rebuildLayer: unknown,
    });
    expect(said).toMatchObject({
      ...{ code: 2, out: '' },
      err: 'site-a/north has no layer named nigth. Did you mean night?\n',
    });
  });

  it('rebuilds a layer, and tells one that cannot be tied', async () => {
    const good = await runCli(['layers', 'north', '--rebuild', 'night']);
    expect(good.lines[0]).toBe('✅ site-a/north: layer night ready, 812 landmarks from 2 stops');
    expect(good.lines[1]).toMatch(/^ {3}tied by 1 picture matching the reference/);
    const bad = await runCli(['layers', 'north', '--rebuild', 'night'], {
      rebuildLayer: async (_device, layer) => fakeLayerReport(layer, false),
    });
    expect(bad.lines).toEqual([
      '⚠️ site-a/north: layer night not usable, what was there before was kept; 812 landmarks from 2 stops',
      '   images/0001.jpg shows almost no texture.',
    ]);
    expect([good.code, bad.code]).toEqual([0, 1]);
  });

  it('restores the layer before, and says when that was scanned', async () => {
    const said = await runCli(['layers', 'north', '--restore', 'night']);
    expect(said.lines).toEqual(['site-a/north: layer night of 2026-01-30 14:00:05 UTC is back.']);
    const { out } = await runCli(['layers', 'north', '--restore', 'night', '--json']);
    expect(JSON.parse(out)).toMatchObject({ layer: 'night', restored: true });
  });

  it('takes either, not both', async () => {
    const said = await runCli(['layers', 'north', '--drop', 'a', '--rebuild', 'b']);
    expect(said.code).toBe(2);
  });
});

describe('calib reference --layer', () => {
  it('scans a layer and tells its tie', async () => {
    const said = await runCli(['reference', 'north', '--layer', 'night']);
    expect(said.lines).toEqual([
      '✅ site-a/north: layer night ready, 812 landmarks from 2 stops',
      '   tied by 1 picture matching the reference: yaw +0.12° ± 0.004°, pitch −0.03° ± 0.005°, roll +0.01° ± 0.009°',
    ]);
    const json = await runCli(['reference', 'north', '--layer', 'night', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ report: { layer: 'night', tie: { by: 'frames' } } });
  });

  it('--missing scans the cameras that have no such layer', async () => {
    const scanned: string[] = [];
    const said = await runCli(['reference', '--missing', '--layer', 'night'], {
      hasReference: async () => true,
      hasLayer: async ({ cameraName }, layer) => layer === 'night' && cameraName !== 'south',
      scanLayer: async ({ cameraName }, layer) => {
        scanned.push(cameraName);
        return fakeLayerReport(layer, true);
      },
    });
    expect(scanned).toEqual(['south']);
    expect(said.code).toBe(0);
  });

  it.each(['grown', 'primary', 'Night!'])('refuses the name %s before anything is opened', async (name) => {
    const said = await runCli(['reference', 'north', '--layer', name]);
    expect(said).toMatchObject({ code: 2, opened: 0 });
    expect(said.err).toContain(name);
  });
});
