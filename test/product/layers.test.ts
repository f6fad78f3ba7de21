import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CaptureManifest } from '../../src/capture/spool/manifest.js';
import type { SolveAnswer } from '../../src/solve/model/answer.js';
import { createDayNightCamera, type DayNightCamera } from '../support/night-camera.js';
import { processesIn } from '../support/processes.js';
import { startTrial, until, type Trial } from './trial-site.js';

let trial: Trial;
let camera: DayNightCamera;

beforeAll(async () => {
  trial = await startTrial([], (options) => (camera = createDayNightCamera(options)));
  expect((await trial.calib(['reference', 'mast'])).code).toBe(0);
}, 120_000);
afterAll(() => trial.close());

const answerOf = async (): Promise<{ answer: SolveAnswer; code: number | null }> => {
  const { out, code } = await trial.calib(['check', 'mast', '--json']);
  return { code, answer: (JSON.parse(out) as { answer: SolveAnswer }).answer };
};
const storedBelow = (part: string): string[] => trial.stored().filter((file) => file.includes(part));
const manifestOf = (layer: string): CaptureManifest =>
  JSON.parse(
    readFileSync(
      path.join(trial.dir, 'store/pier/mast/reference_scan/layers', layer, 'manifest.json'),
      'utf8',
    ),
  ) as CaptureManifest;

describe('a night that shares nothing with the day', () => {
  it('is scanned right after a check that passed', async () => {
    camera.setNight(true);
    expect((await answerOf()).answer).toMatchObject({ success: false, layer: null });
    camera.setNight(false);
    expect((await answerOf()).answer).toMatchObject({ success: true, layer: 'primary' });
    camera.setNight(true);
    const { code, out } = await trial.calib(['reference', 'mast', '--layer', 'night']);
    expect(out).toMatch(/layer night ready.*\n {3}tied by a check/);
    expect(code).toBe(0);
  }, 120_000);

  it('is published whole by the next command when the program is killed while it publishes', async () => {
    const { child, ended } = trial.start(['reference', 'mast', '--layer', 'snow']);
    await until(() => storedBelow('layers/snow/images').length > 0, 90_000);
    child.kill('SIGKILL');
    await ended;
    await until(() => processesIn(trial.dir).length === 0, 2_000);
    expect(storedBelow('layers/snow/manifest.json')).toEqual([]);
    await trial.calib(['reference', '--missing']);
    const manifest = manifestOf('snow');
    const named = [...manifest.frames, ...(manifest.layer?.check?.frames ?? [])].map(({ file }) => file);
    expect(named).toHaveLength(4);
    const pictures = storedBelow('layers/snow/images').map((file) => file.split('/layers/snow/')[1]);
    expect(pictures.sort()).toEqual(named.sort());
    expect(storedBelow('layers/snow/features')).toHaveLength(1);
    expect((await trial.calib(['layers', 'mast', '--drop', 'snow'])).code).toBe(0);
    expect(storedBelow('layers/snow')).toEqual([]);
  }, 180_000);

  it('is measured from then on, as exactly as the answer says', async () => {
    camera.setMountOffset({ yawDeg: 0.8, pitchDeg: -0.4, rollDeg: 0.2 });
    const { answer, code } = await answerOf();
    expect(answer).toMatchObject({ success: true, layer: 'night', verdict: 'drifted' });
    expect(code).toBe(1);
    const truth = { yaw: 0.8, pitch: -0.4, roll: 0.2 };
    for (const axis of ['yaw', 'pitch', 'roll'] as const)
      expect(Math.abs(answer[`${axis}_offset`]! - truth[axis])).toBeLessThan(4 * answer.sigma![axis]);
    camera.setMountOffset({ yawDeg: 0, pitchDeg: 0, rollDeg: 0 });
    const { out } = await trial.calib(['layers', 'mast', '--json']);
    expect(JSON.parse(out)).toMatchObject({ layer: 'night', state: 'ready', frames: 3, answered: 1 });
  }, 120_000);

  it('is left unmeasured by a new reference until its layer is rebuilt', async () => {
    camera.setNight(false);
    const { out } = await trial.calib(['reference', 'mast']);
    expect(out).toContain('Layers of the previous reference (night) are kept but not used');
    camera.setNight(true);
    const rebuilt = await trial.calib(['layers', 'mast', '--rebuild', 'night']);
    expect(rebuilt).toMatchObject({ code: 0, out: expect.stringContaining('layer night ready') });
    expect((await answerOf()).answer).toMatchObject({ success: true, layer: 'night' });
  }, 120_000);
});

describe('a light in which the primary finds little', () => {
  it('is taken into a layer that grows, of what the primary has answered', async () => {
    camera.setNight(false);
    camera.setLight('infrared_night');
    expect((await answerOf()).answer).toMatchObject({ success: true, layer: 'primary' });
    expect(manifestOf('grown')).toMatchObject({
      frames: [{ file: 'images/0000.jpg' }],
      layer: { origin: 'grown', tie: { by: 'each_frame' } },
    });
  }, 120_000);
});
