import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDeviceConnections } from '../../../src/adapters/devices/device-connections.js';
import { createDirectLink } from '../../../src/adapters/devices/direct-link.js';
import { createSettingsProbe } from '../../../src/adapters/devices/settings-probe.js';
import { createSystemClock } from '../../../src/adapters/runtime/system-clock.js';
import type { DeviceSettings } from '../../../src/config/settings.js';
import type { Probed } from '../../../src/ports/probed.js';
import type { Endpoint, ServiceLink } from '../../../src/ports/service-link.js';
import { HOME, never, settingsOf, startSetup, until, type Setup } from '../../capture/site-setup.js';

let setup: Setup;
beforeAll(async () => {
  setup = await startSetup();
});
afterAll(() => setup.close());
beforeEach(() => {
  setup.site.setFault(0, null);
  setup.camera.moveTo(HOME, performance.now() - 1_000);
});

/** A direct link that counts what is open through it. */
const countingLink = () => {
  const link = createDirectLink();
  const opened: Endpoint[] = [];
  let closed = 0;
  const counting: ServiceLink = {
    open: async (endpoint, signal) => {
      const service = await link.open(endpoint, signal);
      opened.push(endpoint);
      return { ...service, close: async () => void (closed += 1) };
    },
    close: () => link.close(),
  };
  return { link: counting, opened, closed: () => closed };
};

const portOf = (endpoint: Endpoint): unknown => endpoint.port;

describe('a direct link', () => {
  it('opens addresses and refuses what lies in a cluster', async () => {
    const link = createDirectLink();
    const open = await link.open({ kind: 'direct', host: '127.0.0.1', port: 1883 }, never());
    expect(open).toMatchObject({ host: '127.0.0.1', port: 1883 });
    await open.close();
    const inCluster = { kind: 'kubernetes', resource: 'service', name: 'mqtt', port: 1883 } as const;
    await expect(link.open(inCluster, never())).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

describe('connections to devices', () => {
  it('share the broker, open heads late, and give back what they opened', async () => {
    const { link, opened, closed } = countingLink();
    const device = setup.device();
    const settings = settingsOf(setup.site.mqttPort, setup.spoolDir, [device]);
    const connections = createDeviceConnections({
      settings,
      clock: createSystemClock(),
      linkFor: () => link,
    });
    const both = await Promise.all([1, 2].map(() => connections.openDevice(device, never())));
    expect(opened.map(portOf).filter((port) => port === setup.site.mqttPort)).toHaveLength(1);
    expect(opened).toHaveLength(3);
    expect(await both[0]!.ptz!.position(never())).toMatchObject({ panDeg: expect.closeTo(10, 3) as unknown });
    expect(opened).toHaveLength(4);
    await Promise.all(both.map((open) => open.close()));
    expect(closed()).toBe(3);
    await connections.close();
    expect(closed()).toBe(4);
  });

  it('reach the broker anew when the way to it changed, without cutting off who still listens', async () => {
    const device = setup.device();
    const settings = settingsOf(setup.site.mqttPort, setup.spoolDir, [device]);
    const ways = [countingLink(), countingLink()];
    let way = ways[0]!;
    const connections = createDeviceConnections({
      settings,
      clock: createSystemClock(),
      linkFor: () => way.link,
    });
    const heard = [0, 0];
    const listen = async (index: number, signal: AbortSignal) => {
      const open = await connections.openDevice(device, never());
      const onFault = (fault: Error): void => {
        throw fault;
      };
      await open.telemetry.follow({ onSample: () => void (heard[index]! += 1), onFault }, signal);
      return open;
    };
    const first = await listen(0, never());
    way = ways[1]!;
    const second = await listen(1, never());
    const before = heard[0]!;
    await until(() => heard[0]! > before + 1 && heard[1]! > 1);
    await first.close();
    expect(ways[0]!.closed()).toBe(2);
    await second.close();
    await connections.close();
    expect(ways[1]!.closed()).toBe(2);
  });

  it('tell when the broker refuses or is not there, and give back what they opened', async () => {
    const { link, opened, closed } = countingLink();
    const device = setup.device();
    const settings = settingsOf(setup.site.mqttPort, setup.spoolDir, [device], {
      username: 'x',
      password: 'y',
    });
    const connections = createDeviceConnections({
      settings,
      clock: createSystemClock(),
      linkFor: () => link,
    });
    const { telemetry, close } = await connections.openDevice(device, never());
    const handlers = { onSample: () => undefined, onFault: () => undefined };
    await expect(telemetry.follow(handlers, never())).rejects.toMatchObject({ code: 'broker_refused' });
    await close();
    await connections.close();
    expect(closed()).toBe(opened.length);
  });
});

describe('trying the settings', () => {
  const probe = async (devices: readonly DeviceSettings[], mqttPort = setup.site.mqttPort) => {
    const settings = settingsOf(mqttPort, setup.spoolDir, devices);
    const link = createDirectLink();
    const clock = createSystemClock();
    const linkFor = () => link;
    const connections = createDeviceConnections({ settings, clock, linkFor });
    const told: Probed[] = [];
    const run = createSettingsProbe({ settings, clock, connections, linkFor, telemetryMs: 500 });
    const found = await run((probed) => told.push(probed), never()).finally(() => connections.close());
    expect(told).toEqual(found);
    expect(setup.positionNow()).toEqual(HOME);
    return found;
  };
  const foundOf = (found: readonly Probed[], what: Probed['what']): Probed | undefined =>
    found.find((probed) => probed.what === what);

  it('tells what it found and moves nothing', async () => {
    expect(await probe([setup.device()])).toEqual([
      { what: 'broker', name: 'site-a', ok: true, found: 'connected' },
      { what: 'telemetry', name: 'site-a/north', ok: true, found: 'pan 10.00°, tilt -5.00°, zoom 2.00' },
      {
        what: 'onvif',
        name: 'site-a/north',
        ok: true,
        found: 'pan 10.00°, tilt -5.00°, zoom 2.00; reach pan -170…170, tilt -30…90, zoom 1…31',
      },
      {
        what: 'rtsp',
        name: 'site-a/north',
        ok: true,
        found: expect.stringMatching(/^320x192, a picture in/),
      },
    ]);
  });

  it('tells what is wrong with each thing, and a broker once for all its devices', async () => {
    setup.site.setFault(0, { protocol: 'mqtt', kind: 'garbage' });
    const garbage = foundOf(await probe([setup.device({ onvif: null })]), 'telemetry');
    expect(garbage).toMatchObject({ ok: false, found: expect.stringContaining('cannot be used') as unknown });
    setup.site.setFault(0, null);
    const { onvif, rtsp } = setup.device();
    const wrong = setup.device({
      onvif: { ...onvif!, credentials: { username: 'viewer', password: 'wr0ng' } },
      rtsp: { ...rtsp, path: '/other' },
    });
    const outside = setup.device({ referenceStops: [{ panDeg: 0, tiltDeg: 95, zoom: 1 }] });
    const found = await probe([wrong, outside], 1);
    expect(found.map(({ what, ok }) => `${what} ${ok}`).sort()).toEqual(
      ['broker false', 'onvif false', 'onvif false', 'rtsp false', 'rtsp true'].sort(),
    );
    const all = found.map((probed) => probed.found).join('\n');
    for (const part of ['cannot be reached', 'user name and password', 'no stream', 'tilt 95'])
      expect(all).toContain(part);
    expect(all).not.toMatch(/wr0ng|p@ss|p%40ss/);
  });
});
