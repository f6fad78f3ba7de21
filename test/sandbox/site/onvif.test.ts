import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSite, type Fault, type Site } from '../../../src/sandbox/site/site.js';
import { colourBarsCamera } from '../colour-bars-camera.js';
import { onvifClient, secondOnvifClient, type OnvifClient } from '../sandbox-clients.js';

const DEGREES = 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/SphericalPositionSpaceDegrees';
const MOVED_MS = 250;
const HOME = { panDeg: 10, tiltDeg: -5, zoom: 2 };

const model = colourBarsCamera();
const round = (value: number): number => Math.round(value * 1e6) / 1e6;
const positionNow = (): typeof HOME => {
  const { panDeg, tiltDeg, zoom } = model.reportedPosition(performance.now());
  return { panDeg: round(panDeg), tiltDeg: round(tiltDeg), zoom: round(zoom) };
};
const onvif = (
  kind: 'hang' | 'dribble' | 'refuseMove' | 'splitMoves' | 'noPosition' | 'httpDigestOnly',
): Fault => ({
  protocol: 'onvif',
  kind,
});
let site: Site;

beforeAll(async () => {
  const camera = { model, deviceId: 'cam-1', username: 'viewer', password: 'p@ss' };
  site = await startSite({ name: 'onvif', cameras: [camera], mqtt: {} });
});
afterAll(() => site.close());
beforeEach(() => {
  site.setFault(0, null);
  model.moveTo(HOME, performance.now() - 2 * MOVED_MS);
});

const connected = async (options: Parameters<typeof onvifClient>[1] = {}): Promise<OnvifClient> => {
  const client = onvifClient(site.cameras[0]!, options);
  await client.connect();
  return client;
};

describe('the ONVIF services', () => {
  it('tell the onvif package who they are, where the video is and where the head points', async () => {
    const client = await connected();
    expect((await client.getDeviceInformation()).serialNumber).toBe('cam-1');
    const { rtspPort, rtspPath } = site.cameras[0]!;
    expect((await client.getStreamUri({ protocol: 'RTSP' })).uri).toBe(
      `rtsp://127.0.0.1:${rtspPort}${rtspPath}`,
    );
    const { position, moveStatus } = await client.getStatus();
    expect(position.x * 170).toBeCloseTo(10, 3);
    expect(position.y * 60 + 30).toBeCloseTo(-5, 3);
    expect(position.zoom * 30 + 1).toBeCloseTo(2, 3);
    expect(moveStatus.panTilt).toBe('IDLE');
    expect(JSON.stringify(await client.getNodes())).toContain(DEGREES);
    expect((await client.getConfigurations())['PTZ']?.token).toBe('ptz_1');
  });

  it('move to normalised positions and to degrees', async () => {
    const client = await connected();
    await client.absoluteMove({ x: 0.5, y: 0, zoom: 0.1 });
    expect((await client.getStatus()).moveStatus.panTilt).toBe('MOVING');
    await sleep(MOVED_MS);
    expect(positionNow()).toEqual({ panDeg: 85, tiltDeg: 30, zoom: 4 });
    await client.absoluteMove({ x: -40, y: 12, xyspace: DEGREES, onlySendPanTilt: true });
    await sleep(MOVED_MS);
    expect(positionNow()).toEqual({ panDeg: -40, tiltDeg: 12, zoom: 4 });
    await expect(client.absoluteMove({ x: 1.5, y: 0, zoom: 0 })).rejects.toThrow('out of bounds');
    await expect(client.absoluteMove({ x: 0, y: 0, zoom: 0, xyspace: 'urn:other' })).rejects.toThrow('Space');
  });

  it('turn until stopped', async () => {
    const client = await connected();
    await client.continuousMove({ x: 0.5, y: 0, zoom: 0, timeout: 5_000 });
    await sleep(50);
    await client.stop({ panTilt: true, zoom: true });
    const { panDeg, tiltDeg } = positionNow();
    expect(panDeg).toBeGreaterThan(HOME.panDeg);
    expect(panDeg).toBeLessThan(170);
    expect(tiltDeg).toBe(HOME.tiltDeg);
  });

  it('serve node-onvif as well', async () => {
    const client = secondOnvifClient(site.cameras[0]!);
    expect((await client.init()).SerialNumber).toBe('cam-1');
    expect(client.getCurrentProfile().stream.rtsp).toContain(`:${site.cameras[0]!.rtspPort}/`);
    await client.services.ptz.absoluteMove({ ProfileToken: 'profile_1', Position: { x: 0, y: 0, z: 0 } });
    await sleep(MOVED_MS);
    expect(positionNow()).toEqual({ panDeg: 0, tiltDeg: 30, zoom: 1 });
  });

  it('accept either kind of proof and no wrong one', async () => {
    await expect(
      connected({ useWSSecurity: false }).then((client) => client.getStatus()),
    ).resolves.toBeDefined();
    for (const useWSSecurity of [true, false]) {
      const stranger = onvifClient(site.cameras[0]!, { password: 'wrong', useWSSecurity });
      await expect(stranger.connect()).rejects.toThrow(/not authorized|Digest authentication failed/);
    }
  });

  it('ignore WS-Security when told to, and keep a clock of their own', async () => {
    site.setFault(0, onvif('httpDigestOnly'));
    await expect(connected().then((client) => client.getStatus())).resolves.toBeDefined();
    site.setFault(0, null);
    const early = await connected();
    site.setFault(0, { protocol: 'onvif', kind: 'clockSkew', minutes: -7 });
    await expect(early.getStatus()).rejects.toThrow('not authorized');
    await expect(connected().then((client) => client.getStatus())).resolves.toBeDefined();
  });
});

describe('faults of ONVIF and of the head', () => {
  it('refuse moves, or two axes at once', async () => {
    const client = await connected();
    site.setFault(0, onvif('refuseMove'));
    await expect(client.absoluteMove({ x: 0, y: 0, zoom: 0 })).rejects.toThrow('not supported');
    site.setFault(0, onvif('splitMoves'));
    await expect(client.absoluteMove({ x: 0, y: 0, zoom: 0 })).rejects.toThrow('one request');
    await client.absoluteMove({ x: 0, y: 0, onlySendPanTilt: true });
    await client.absoluteMove({ zoom: 0.1, onlySendZoom: true });
    await sleep(MOVED_MS);
    expect(positionNow()).toEqual({ panDeg: 0, tiltDeg: 30, zoom: 4 });
  });

  it('hide the position or freeze the move status', async () => {
    const client = await connected();
    site.setFault(0, onvif('noPosition'));
    expect((await client.getStatus()).position).toEqual({ x: 0, y: 0, zoom: 0 });
    site.setFault(0, { protocol: 'onvif', kind: 'frozenMoveStatus' });
    expect((await client.getStatus()).moveStatus).toEqual({ panTilt: 'MOVING', zoom: 'MOVING' });
  });

  it('hang or dribble', async () => {
    const client = await connected({ timeout: 300 });
    site.setFault(0, onvif('hang'));
    await expect(client.getStatus()).rejects.toThrow('timeout');
    site.setFault(0, onvif('dribble'));
    const late = Symbol('late');
    // Bytes keep coming, so the client's own timeout never fires; it is left waiting until the site closes.
    const answer = onvifClient(site.cameras[0]!, { timeout: 500 }).connect();
    expect(await Promise.race([answer, sleep(1_000, late)])).toBe(late);
  });

  it('leave the head stuck, or in other hands', async () => {
    const client = await connected();
    site.setFault(0, { protocol: 'ptz', kind: 'stuck' });
    await client.absoluteMove({ x: 0, y: 0, zoom: 0 });
    await sleep(MOVED_MS);
    expect(positionNow()).toEqual(HOME);
    const target = { panDeg: 33, tiltDeg: 3, zoom: 3 };
    site.setFault(0, { protocol: 'ptz', kind: 'operator', afterMs: 50, since: 'move', target });
    await sleep(100);
    expect(positionNow()).toEqual(HOME);
    await client.absoluteMove({ x: 0, y: 0, zoom: 0 });
    await sleep(100 + MOVED_MS);
    expect(positionNow()).toEqual(target);
  });
});
