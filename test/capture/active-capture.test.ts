import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readJournals } from '../../src/capture/spool/position-journal.js';
import type { DeviceSettings } from '../../src/config/settings.js';
import type { Clock } from '../../src/ports/clock.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import { fastClock, grabbersOf, HOME, never, type Setup, startSetup, until } from './site-setup.js';

const STOPS: readonly PtzPosition[] = [
  { panDeg: -60, tiltDeg: 0, zoom: 1 },
  { panDeg: 30, tiltDeg: 20, zoom: 3 },
  { panDeg: 120, tiltDeg: -10, zoom: 1 },
];
const OPERATORS: PtzPosition = { panDeg: 77, tiltDeg: 7, zoom: 7 };

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
afterEach(async () => {
  expect(grabbersOf(setup.site.cameras[0]!.rtspPort)).toEqual([]);
  expect(await readJournals(setup.spoolDir)).toEqual({ positions: [], faults: [] });
});

const active = (more: Partial<DeviceSettings> = {}, signal = never(), clock?: Clock) => {
  const device = setup.device({ activeStops: STOPS.slice(0, 1), ...more });
  return setup.capture(device, clock).capture(device, { mode: 'active', dir }, signal);
};
const isNear = (place: PtzPosition) => (): boolean => {
  const now = setup.positionNow();
  return Math.abs(now.panDeg - place.panDeg) < 0.01 && Math.abs(now.tiltDeg - place.tiltDeg) < 0.01;
};
const expectAt = ({ panDeg, tiltDeg, zoom }: PtzPosition): void => {
  const now = setup.positionNow();
  expect(now.panDeg).toBeCloseTo(panDeg, 3);
  expect(now.tiltDeg).toBeCloseTo(tiltDeg, 3);
  expect(now.zoom).toBeCloseTo(zoom, 3);
};

describe('an active capture', () => {
  it('takes a picture at every stop and puts the camera back', async () => {
    const manifest = await active({ activeStops: STOPS });
    expect(manifest.frames.map(({ commanded }) => commanded)).toEqual(
      STOPS.map(({ panDeg, tiltDeg, zoom }) => ({ pan: panDeg, tilt: tiltDeg, zoom })),
    );
    for (const { telemetry, commanded } of manifest.frames) {
      expect(telemetry.pan).toBeCloseTo(commanded!.pan, 2);
      expect(telemetry.tilt).toBeCloseTo(commanded!.tilt, 2);
    }
    expect((await readdir(dir)).sort()).toEqual(['0000.jpg', '0001.jpg', '0002.jpg', 'manifest.json']);
    expectAt(HOME);
  });

  it('puts the camera back after a failure', async () => {
    setup.site.setFault(0, { protocol: 'rtsp', kind: 'notFound' });
    await expect(active()).rejects.toMatchObject({ code: 'rtsp_not_found' });
    expectAt(HOME);
  });

  it('puts the camera back when told to end', async () => {
    const stop = new AbortController();
    const capture = active({ activeStops: STOPS }, stop.signal);
    const refused = expect(capture).rejects.toThrow('enough');
    await until(isNear(STOPS[0]!));
    stop.abort(new Error('enough'));
    await refused;
    expectAt(HOME);
  });

  it('gives way to an operator, and leaves the camera where the operator has it', async () => {
    setup.site.setFault(0, {
      protocol: 'ptz',
      kind: 'operator',
      afterMs: 900,
      since: 'move',
      target: OPERATORS,
    });
    await expect(active()).rejects.toMatchObject({ code: 'interference' });
    await until(isNear(OPERATORS));
  });

  it('says so when the head does not move, or telemetry does not show it', async () => {
    setup.site.setFault(0, { protocol: 'ptz', kind: 'stuck' });
    await expect(active({ timeoutS: 300 }, never(), fastClock(12))).rejects.toMatchObject({
      code: 'camera_not_moving',
    });
    setup.site.setFault(0, { protocol: 'mqtt', kind: 'frozen' });
    await expect(active({ timeoutS: 300 }, never(), fastClock(12))).rejects.toMatchObject({
      code: 'camera_not_moving',
    });
    await until(isNear(HOME));
  });

  it('works from changes alone, asking the camera where telemetry is silent', async () => {
    setup.site.setFault(0, { protocol: 'mqtt', kind: 'onChangeOnly' });
    expect((await active({ timeoutS: 300 }, never(), fastClock(4))).frames).toHaveLength(1);
    expectAt(HOME);
  });

  it.each(['noPosition', 'frozenMoveStatus'] as const)('works with a camera of the kind %s', async (kind) => {
    setup.site.setFault(0, { protocol: 'onvif', kind });
    expect((await active()).frames).toHaveLength(1);
    expectAt(HOME);
  });

  it('moves nothing when a stop is out of reach, the camera cannot be driven, or there are no stops', async () => {
    const outside = { panDeg: 178, tiltDeg: 0, zoom: 1 };
    await expect(active({ activeStops: [...STOPS, outside] })).rejects.toMatchObject({
      code: 'stop_out_of_range',
    });
    await expect(active({ onvif: null })).rejects.toMatchObject({ code: 'camera_not_drivable' });
    await expect(active({ activeStops: [] })).rejects.toMatchObject({ code: 'no_stops' });
    setup.site.setFault(0, { protocol: 'onvif', kind: 'refuseMove' });
    await expect(active()).rejects.toMatchObject({ code: 'camera_not_drivable' });
    expectAt(HOME);
  });
});

describe('a reference scan', () => {
  it('goes on where it was broken off', async () => {
    const device = setup.device({ referenceStops: STOPS });
    const stop = new AbortController();
    const told: string[] = [];
    const broken = setup.capture(device).scan(
      device,
      dir,
      ({ done, total }) => {
        told.push(`${done}/${total}`);
        if (done === 1) stop.abort(new Error('enough'));
      },
      stop.signal,
    );
    await expect(broken).rejects.toThrow('enough');
    expectAt(HOME);
    expect(told).toEqual(['0/3', '1/3']);
    const first = await readFile(path.join(dir, 'images/0000.jpg'));
    const manifest = await setup
      .capture(device)
      .scan(device, dir, ({ done, total }) => told.push(`${done}/${total}`), never());
    expect(told.slice(2)).toEqual(['1/3', '2/3', '3/3']);
    expect(manifest.frames.map(({ file }) => file)).toEqual(
      ['0000', '0001', '0002'].map((name) => `images/${name}.jpg`),
    );
    expect(await readFile(path.join(dir, 'images/0000.jpg'))).toEqual(first);
    expect((await readdir(dir)).sort()).toEqual(['images', 'manifest.json']);
    expectAt(HOME);
  });
});
