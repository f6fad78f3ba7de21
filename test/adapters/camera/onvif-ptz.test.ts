import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOnvifPtz, type OnvifPtzOptions } from '../../../src/adapters/camera/onvif-ptz.js';
import type { PtzController } from '../../../src/ports/ptz-controller.js';
import type { PtzPosition } from '../../../src/ports/telemetry.js';
import { startSite, type Fault, type Site } from '../../../src/sandbox/site/site.js';
import { colourBarsCamera } from '../../sandbox/colour-bars-camera.js';
import { secondOnvifClient } from '../../sandbox/sandbox-clients.js';

const HOME: PtzPosition = { panDeg: 10, tiltDeg: -5, zoom: 2 };
const MOVED_MS = 250;
const LOGIN = { username: 'o&p <x>', password: 'pä§s<&ö' };
const RANGES = {
  panRangeDeg: null,
  tiltRangeDeg: null,
  zoomRange: [1, 31],
  panSign: 1,
  tiltSign: 1,
} as const;

const model = colourBarsCamera();
const open: PtzController[] = [];
let site: Site;

const ptzOf = (options: Partial<OnvifPtzOptions> = {}): PtzController => {
  const ptz = createOnvifPtz({
    host: '127.0.0.1',
    port: site.cameras[0]!.onvifPort,
    path: '/onvif/device_service',
    credentials: LOGIN,
    profile: null,
    ptz: RANGES,
    callTimeoutMs: 1_000,
    ...options,
  });
  open.push(ptz);
  return ptz;
};
const never = (): AbortSignal => new AbortController().signal;
const rounded = ({ panDeg, tiltDeg, zoom }: PtzPosition): PtzPosition => {
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  return { panDeg: round(panDeg), tiltDeg: round(tiltDeg), zoom: round(zoom) };
};
const positionNow = (): PtzPosition => rounded(model.reportedPosition(performance.now()));
const told = async (ptz: PtzController): Promise<PtzPosition | null> => {
  const position = await ptz.position(never());
  return position === null ? null : rounded(position);
};
const moved = async (ptz: PtzController, target: PtzPosition): Promise<PtzPosition> => {
  await ptz.moveTo(target, never());
  await sleep(MOVED_MS);
  return positionNow();
};
const onvif = (
  kind: 'hang' | 'dribble' | 'refuseMove' | 'splitMoves' | 'noPosition' | 'httpDigestOnly',
): Fault => ({ protocol: 'onvif', kind });
const fault = (code: string, text: RegExp): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(text) });

beforeAll(async () => {
  site = await startSite({
    name: 'onvif',
    cameras: [
      { model, deviceId: 'cam-1', ...LOGIN },
      { model: colourBarsCamera(), deviceId: 'cam-2', username: 'viewer', password: 'p@ss' },
    ],
    mqtt: {},
  });
});
afterAll(() => site.close());
beforeEach(() => {
  site.setFault(0, null);
  model.moveTo(HOME, performance.now() - 2 * MOVED_MS);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((ptz) => ptz.close()));
});

describe('the ONVIF controller', () => {
  it('reads the position, and what the head reaches, in degrees', async () => {
    const ptz = ptzOf();
    expect(await told(ptz)).toEqual(HOME);
    expect(await ptz.reach!(never())).toEqual({ panDeg: [-170, 170], tiltDeg: [-30, 90], zoom: [1, 31] });
  });

  it('drives in degrees, in normalised numbers over given ranges, and against signs', async () => {
    const target = { panDeg: 85, tiltDeg: 0, zoom: 4 };
    expect(await moved(ptzOf(), target)).toEqual(target);
    const given = { ...RANGES, panRangeDeg: [-85, 85], tiltRangeDeg: [-15, 45] } as const;
    const halved = ptzOf({ ptz: given });
    expect(await moved(halved, { panDeg: 20, tiltDeg: 10, zoom: 4 })).toEqual({
      panDeg: 40,
      tiltDeg: 20,
      zoom: 4,
    });
    expect(await told(halved)).toEqual({ panDeg: 20, tiltDeg: 10, zoom: 4 });
    const mirrored = ptzOf({ ptz: { ...RANGES, panSign: -1, tiltSign: -1 } });
    expect(await moved(mirrored, { panDeg: 30, tiltDeg: 7, zoom: 1 })).toEqual({
      panDeg: -30,
      tiltDeg: -7,
      zoom: 1,
    });
    expect(await told(mirrored)).toEqual({ panDeg: 30, tiltDeg: 7, zoom: 1 });
    expect((await mirrored.reach!(never())).tiltDeg).toEqual([-90, 30]);
  });

  it('turns a pan into reach by full turns, and refuses what is outside', async () => {
    const ptz = ptzOf();
    expect(await moved(ptz, { ...HOME, panDeg: 350 })).toEqual({ ...HOME, panDeg: -10 });
    const outside = fault('stop_out_of_range', /outside/);
    await expect(ptz.moveTo({ ...HOME, panDeg: 175 }, never())).rejects.toEqual(outside);
    await expect(ptz.moveTo({ ...HOME, tiltDeg: 91 }, never())).rejects.toEqual(outside);
    await expect(ptz.moveTo({ ...HOME, zoom: 40 }, never())).rejects.toEqual(outside);
    expect(positionNow()).toEqual({ ...HOME, panDeg: -10 });
  });

  it('does not guess what a normalised zoom means, and knows the widest view', async () => {
    const ptz = ptzOf({ ptz: { ...RANGES, zoomRange: null } });
    const unknown = fault(
      'camera_not_drivable',
      /does not report its (magnification|zoom as a magnification)/,
    );
    expect(await ptz.reach!(never())).toMatchObject({ zoom: [1, 1] });
    await expect(ptz.position(never())).rejects.toEqual(unknown);
    await expect(ptz.moveTo(HOME, never())).rejects.toEqual(unknown);
    const widest = { ...HOME, zoom: 1 };
    expect(await moved(ptz, widest)).toEqual(widest);
    expect(await told(ptz)).toEqual(widest);
  });

  it('takes an absent position for absent', async () => {
    site.setFault(0, onvif('noPosition'));
    expect(await ptzOf().position(never())).toBeNull();
  });

  it('splits a move that is refused whole, and says when the camera cannot be driven', async () => {
    const ptz = ptzOf();
    site.setFault(0, onvif('splitMoves'));
    for (const target of [{ panDeg: -40, tiltDeg: 12, zoom: 5 }, HOME])
      expect(await moved(ptz, target)).toEqual(target);
    site.setFault(0, onvif('refuseMove'));
    await expect(ptz.moveTo({ ...HOME, panDeg: 0 }, never())).rejects.toEqual(
      fault('camera_not_drivable', /AbsoluteMove is not supported/),
    );
    expect(positionNow()).toEqual(HOME);
  });

  it('proves itself by HTTP digest where nothing else counts', async () => {
    site.setFault(0, onvif('httpDigestOnly'));
    const ptz = ptzOf();
    expect(await told(ptz)).toEqual(HOME);
    expect(await moved(ptz, { ...HOME, panDeg: 50 })).toEqual({ ...HOME, panDeg: 50 });
  });

  it('goes by the clock of the camera, also when it is set anew', async () => {
    site.setFault(0, { protocol: 'onvif', kind: 'clockSkew', minutes: 90 });
    const ptz = ptzOf();
    expect(await told(ptz)).toEqual(HOME);
    site.setFault(0, { protocol: 'onvif', kind: 'clockSkew', minutes: -7 });
    expect(await told(ptz)).toEqual(HOME);
  });

  it('tells a wrong password without telling it', async () => {
    const ptz = ptzOf({ credentials: { ...LOGIN, password: 'wr0ng' } });
    const refused: unknown = await ptz.position(never()).catch((reason: unknown) => reason);
    expect(refused).toEqual(fault('onvif_auth', /user name and password/));
    expect(JSON.stringify(refused)).not.toContain('wr0ng');
  });

  it.each(['hang', 'dribble'] as const)('does not wait for ever for a camera that would %s', async (kind) => {
    const [early, late] = [ptzOf({ callTimeoutMs: 400 }), ptzOf({ callTimeoutMs: 400 })];
    expect(await told(early)).toEqual(HOME);
    site.setFault(0, onvif(kind));
    await expect(early.position(never())).rejects.toEqual(fault('onvif_timeout', /0.4 s/));
    await expect(late.moveTo(HOME, never())).rejects.toEqual(fault('onvif_timeout', /did not answer/));
    await expect(ptzOf().position(AbortSignal.timeout(200))).rejects.toThrow(/timeout|aborted/i);
    site.setFault(0, null);
    expect(await told(early)).toEqual(HOME);
  });

  it('says when nothing listens, or something else does', async () => {
    const other = createServer((socket) =>
      socket.resume().end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'),
    );
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(ptzOf({ port }).position(never())).rejects.toEqual(
      fault('onvif_not_understood', /does not speak ONVIF/),
    );
    other.close();
    await once(other, 'close');
    await expect(ptzOf({ port }).position(never())).rejects.toEqual(
      fault('onvif_unreachable', /ECONNREFUSED/),
    );
  });

  it('chooses a profile by token or name', async () => {
    for (const profile of ['profile_1', 'Main']) expect(await told(ptzOf({ profile }))).toEqual(HOME);
    await expect(ptzOf({ profile: 'Sub' }).position(never())).rejects.toEqual(
      fault('camera_not_drivable', /no profile Sub with PTZ; it has profile_1/),
    );
  });

  it('keeps to the address it was given, whatever the camera says of its own', async () => {
    const { server, port, connections } = await tunnelTo(site.cameras[0]!.onvifPort);
    const ptz = ptzOf({ port });
    expect(await told(ptz)).toEqual(HOME);
    const before = connections();
    expect(await moved(ptz, { ...HOME, zoom: 3 })).toEqual({ ...HOME, zoom: 3 });
    expect(connections()).toBeGreaterThan(before);
    server.close();
    await expect(ptz.position(never())).rejects.toEqual(fault('onvif_unreachable', /ECONNREFUSED/));
  });

  it('agrees with a second client', async () => {
    const camera = site.cameras[1]!;
    const second = secondOnvifClient(camera);
    await second.init();
    await second.services.ptz.absoluteMove({
      ProfileToken: 'profile_1',
      Position: { x: 0.5, y: -0.5, z: 0.2 },
    });
    await sleep(MOVED_MS);
    const ptz = ptzOf({ port: camera.onvifPort, credentials: { username: 'viewer', password: 'p@ss' } });
    expect(await told(ptz)).toEqual({ panDeg: 85, tiltDeg: 0, zoom: 7 });
  });
});

const tunnelTo = async (
  target: number,
): Promise<{ server: Server; port: number; connections: () => number }> => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const onward = connect(target, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, connections: () => connections };
};
