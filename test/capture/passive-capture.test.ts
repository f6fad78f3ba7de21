import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseManifest } from '../../src/capture/spool/parse-manifest.js';
import type { DeviceSettings } from '../../src/config/settings.js';
import type { Fault } from '../../src/sandbox/site/site.js';
import { fastClock, grabbersOf, HOME, LOGIN, never, startSetup, until, type Setup } from './site-setup.js';

let setup: Setup;
let dir = '';
let count = 0;

beforeAll(async () => {
  setup = await startSetup();
});
afterAll(() => setup.close());
beforeEach(async () => {
  setup.site.setFault(0, null);
  setup.camera.moveTo(HOME, performance.now() - 1_000);
  dir = path.join(setup.dir, `query-${count++}`);
  await mkdir(dir);
});
afterEach(() => {
  expect(grabbersOf(setup.site.cameras[0]!.rtspPort)).toEqual([]);
});

const passive = (more: Partial<DeviceSettings> = {}, signal = never()) => {
  const device = setup.device(more);
  return setup.capture(device).capture(device, { mode: 'passive', dir }, signal);
};
const failure = async (
  work: Promise<unknown>,
): Promise<{ code: string; message: string; tookMs: number }> => {
  const startMs = performance.now();
  const fault: unknown = await work.then(
    () => new Error('It succeeded.'),
    (reason: unknown) => reason,
  );
  const { code, message } = fault as { code: string; message: string };
  return { code, message, tookMs: performance.now() - startMs };
};

describe('a passive capture', () => {
  it('takes one picture where the camera looks, with the position it has', async () => {
    const manifest = await passive();
    expect(manifest).toMatchObject({ kind: 'query', mode: 'passive', camera_name: 'north' });
    expect(manifest.frames).toHaveLength(1);
    expect(manifest.frames[0]).toMatchObject({
      file: '0000.jpg',
      width: 320,
      height: 192,
      telemetry: { pan: 10, tilt: -5, zoom: 2 },
      commanded: null,
    });
    const file = path.join(dir, 'manifest.json');
    expect(parseManifest(await readFile(file, 'utf8'), file)).toEqual(manifest);
    expect((await readdir(dir)).sort()).toEqual(['0000.jpg', 'manifest.json']);
  });

  it('needs neither an ONVIF service nor an answer of it', async () => {
    expect((await passive({ onvif: null })).frames).toHaveLength(1);
    const dead = {
      ...setup.device().onvif!,
      endpoint: { kind: 'direct', host: '127.0.0.1', port: 1 } as const,
    };
    expect((await passive({ onvif: dead })).frames).toHaveLength(1);
  });

  it('waits for a moving camera, and takes the picture again when it moved meanwhile', async () => {
    const target = { panDeg: 40, tiltDeg: 3, zoom: 2 };
    const capture = passive();
    await until(() => grabbersOf(setup.site.cameras[0]!.rtspPort).length > 0);
    setup.camera.moveTo(target, performance.now());
    const { frames } = await capture;
    expect(frames[0]?.telemetry).toMatchObject({ pan: 40, tilt: 3 });
  });

  it.each([
    [{ protocol: 'mqtt', kind: 'silent' }, 'no_telemetry'],
    [{ protocol: 'mqtt', kind: 'garbage' }, 'no_telemetry'],
    [{ protocol: 'rtsp', kind: 'notFound' }, 'rtsp_not_found'],
    [{ protocol: 'rtsp', kind: 'badPassword' }, 'rtsp_auth'],
    [{ protocol: 'rtsp', kind: 'refuse' }, 'rtsp_unreachable'],
    [{ protocol: 'rtsp', kind: 'hang' }, 'rtsp_timeout'],
    [{ protocol: 'rtsp', kind: 'stall', afterPackets: 1 }, 'rtsp_timeout'],
    [{ protocol: 'rtsp', kind: 'drop', afterPackets: 1 }, /rtsp_/],
  ] as [Fault, string | RegExp][])('tells %j within its time', async (fault, code) => {
    setup.site.setFault(0, fault);
    const failed = await failure(passive({ timeoutS: 2, onvif: null }));
    expect(failed.code).toMatch(code);
    expect(failed.message).not.toContain(LOGIN.password);
    expect(failed.tookMs).toBeLessThan(4_000);
    expect(await readdir(dir)).toEqual([]);
  });

  it('ends when told to, in the midst of a hung stream too', async () => {
    setup.site.setFault(0, { protocol: 'rtsp', kind: 'hang' });
    const stop = new AbortController();
    const capture = failure(passive({}, stop.signal));
    await until(() => grabbersOf(setup.site.cameras[0]!.rtspPort).length > 0);
    stop.abort(new Error('enough'));
    expect(await capture).toMatchObject({ message: 'enough' });
  });

  it('believes a camera that speaks only of changes when it is asked itself', async () => {
    setup.site.setFault(0, { protocol: 'mqtt', kind: 'onChangeOnly' });
    await sleep(200);
    const device = setup.device({ timeoutS: 60 });
    const capture = setup.capture(device, fastClock(4));
    expect(
      (await capture.capture(device, { mode: 'passive', dir }, never())).frames[0]?.telemetry,
    ).toMatchObject({
      pan: 10,
      tilt: -5,
    });
    const silent = await failure(passive({ onvif: null, timeoutS: 1 }));
    expect(silent.code).toBe('no_telemetry');
  });
});
