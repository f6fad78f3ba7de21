import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { processesIn } from '../support/processes.js';
import { filesWithSecrets, secretForms, startTrial, type Trial } from './trial-site.js';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial([
    [-12, -4, 1],
    [12, -4, 1],
  ]);
}, 120_000);
afterAll(() => trial.close());

describe('the main job', () => {
  it('cannot be done without a reference, and says how to get one', async () => {
    expect(await trial.calib(['check', 'mast'])).toMatchObject({
      code: 3,
      out: '⚠️ pier/mast: not measured: pier/mast has no reference yet. Scan one: calib reference pier/mast\n',
    });
  });

  it('begins with a reference scan, which puts the camera back', async () => {
    const { code, out } = await trial.calib(['reference', '--missing']);
    const [verdict, coverage, lens, seen, ...others] = out.split('\n');
    const [map, last] = others.slice(-2);
    expect(verdict).toMatch(
      /^✅ pier\/mast: reference ready, \d+ landmarks from 3 stops, residual 0\.\d\d px$/,
    );
    expect(coverage).toMatch(/^ {3}passive checks are answered from \d+ % of the sphere$/);
    expect(lens).toMatch(/^ {3}lens at zoom 1: 60\.00° wide, /);
    expect(seen).toMatch(/^ {3}so devices\.yaml gives it; the pictures say (59\.[6-9]|60\.[0-4])\d° wide/);
    // Three stops in a row show little of the head.
    const told = others.join('\n');
    expect(told).toMatch(/^ {3}not determined by this scan: .*roll.* of the head$/m);
    expect(told).toMatch(/^ {3}encoders repeatable to 0\.0\d\d° in pan, 0\.0\d\d° in tilt$/m);
    expect(told).toMatch(
      /^ {3}The scan shows little of how the head is built: .* Add a row of 3 stops about 20° below or above and it will be 0\.\d\d°\.$/m,
    );
    expect(map).toMatch(/^ {3}coverage map file:\/\/\S+\/reference_scan\/coverage\/0000\.png$/);
    expect(last).toBe('');
    const png = await readFile(map!.replace(/^ +coverage map file:\/\//, ''));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(code).toBe(0);
    expect(trial.isHome()).toBe(true);
    expect(trial.spooled()).toEqual([]);
  }, 120_000);

  it('finds an untouched camera where it was', async () => {
    const { code, out } = await trial.calib(['check', 'mast', '--passive']);
    expect(out).toMatch(
      /^✅ pier\/mast: yaw \S+ ± \S+, pitch \S+ ± \S+, roll \S+ ± \S+\n {3}picture file:\/\/\S+overlay\.jpg\n$/,
    );
    expect(code).toBe(0);
  }, 120_000);

  it('tells by how many degrees a knocked camera is off, and exits with 1', async () => {
    trial.camera.setMountOffset({ yawDeg: 1.2, pitchDeg: -0.4, rollDeg: 0.3 });
    const { code, out } = await trial.calib(['sweep', '--json']);
    const told = JSON.parse(out) as Record<string, number | string>;
    expect(told).toMatchObject({ device: 'cam-1', verdict: 'drifted', mode: 'active', recorded: true });
    expect(told.yaw_offset).toBeCloseTo(1.2, 1);
    expect(told.pitch_offset).toBeCloseTo(-0.4, 1);
    expect(told.roll_offset).toBeCloseTo(0.3, 1);
    expect(code).toBe(1);
    expect(trial.isHome()).toBe(true);
  }, 120_000);

  it('keeps a row and all files of each check, oldest first', async () => {
    const { code, out } = await trial.calib(['history', 'mast']);
    expect(code).toBe(0);
    const drifted = expect.stringMatching(
      /^TIME +\+1\.[12]\d\d° +−0\.[34]\d\d° +\+0\.[23]\d\d° {2}🚨 drifted$/,
    );
    expect(out.replace(/\d{4}-\S+ \S+/g, 'TIME').split('\n')).toEqual([
      'pier/mast',
      expect.stringMatching(/^time \(UTC\) +yaw +pitch +roll {2}verdict at 0\.5°$/),
      expect.stringMatching(/^TIME +– +– +– {2}⚠️ not measured: pier\/mast has no reference yet\..*$/),
      expect.stringMatching(/^TIME +\S+ +\S+ +\S+ {2}✅ ok$/),
      drifted,
      // A drift is measured again at once, before anybody is told.
      drifted,
      '',
    ]);
    const files = trial.stored().filter((file) => file.includes('query_scan'));
    expect(files.map((file) => path.basename(file)).join(' ')).toBe(
      'result.json 0000.jpg manifest.json overlay.jpg result.json ' +
        '0000.jpg 0001.jpg manifest.json overlay.jpg result.json ' +
        '0000.jpg 0001.jpg manifest.json overlay.jpg result.json',
    );
  });

  it('leaves nothing in the spool, no process, and no secret anywhere', async () => {
    expect(trial.spooled()).toEqual([]);
    expect(processesIn(trial.dir)).toEqual([]);
    expect(filesWithSecrets(trial.dir)).toEqual([]);
    const printed = trial.printed.join('');
    expect(secretForms().filter((secret) => printed.includes(secret))).toEqual([]);
  });
});
