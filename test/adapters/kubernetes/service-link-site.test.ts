import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFfmpegFrameSource } from '../../../src/adapters/camera/ffmpeg-frame-source.js';
import { createMqttBroker } from '../../../src/adapters/camera/mqtt-broker.js';
import { createSystemClock } from '../../../src/adapters/runtime/system-clock.js';
import type { DeviceSettings } from '../../../src/config/settings.js';
import type { Endpoint } from '../../../src/ports/service-link.js';
import type { TelemetrySample } from '../../../src/ports/telemetry.js';
import { startSite, type Site } from '../../../src/sandbox/site/site.js';
import { colourBarsCamera } from '../../sandbox/colour-bars-camera.js';
import {
  eventually,
  NAMESPACE,
  startVirtualCluster,
  type VirtualCluster,
} from '../../support/virtual-cluster.js';

const clock = createSystemClock();
const signal = new AbortController().signal;
const login = { username: 'viewer', password: 'p@ss' };
const model = colourBarsCamera();
let site: Site;
let cluster: VirtualCluster;

beforeAll(async () => {
  site = await startSite({
    name: 'site-a',
    cameras: [{ model, deviceId: 'cam-1', ...login }],
    mqtt: { username: 'reader', password: 'secret', rateHz: 20 },
  });
  cluster = await startVirtualCluster([
    { name: 'mqtt', ports: [{ name: 'mqtt', port: 1883, loopbackPort: site.mqttPort }] },
    {
      name: 'north-mast',
      ports: [{ name: 'rtsp', port: 554, containerPort: 8554, loopbackPort: site.cameras[0]!.rtspPort }],
    },
  ]);
});
afterAll(async () => {
  await cluster.close();
  await site.close();
});

const service = (name: string, port: string): Endpoint => ({
  kind: 'kubernetes',
  resource: 'service',
  name,
  port,
});

const axis = (path: string, unit: 'deg' | 'magnification') => ({ path, unit, sign: 1, range: null }) as const;
const TELEMETRY: DeviceSettings['telemetry'] = {
  topic: 'telemetry/cam-1',
  match: null,
  pan: axis('pan', 'deg'),
  tilt: axis('tilt', 'deg'),
  zoom: axis('zoom', 'magnification'),
  yaw: null,
  pitch: null,
  roll: null,
};

describe('a site behind a cluster', () => {
  it('gives a frame, and another one after its pod was replaced', async () => {
    const opened = await cluster.link().open(service('north-mast', 'rtsp'), signal);
    const { host, port } = opened;
    const { rtspPath } = site.cameras[0]!;
    const source = createFfmpegFrameSource({ host, port, path: rtspPath, credentials: login, clock });
    const grab = async (): Promise<number> => {
      const frame = await source.grab({ notBeforeMs: clock.nowMs(), timeoutMs: 15_000 }, signal);
      return frame.widthPx;
    };
    expect(await grab()).toBe(model.widthPx);
    await cluster.api.restartPod(NAMESPACE, 'north-mast', 200);
    expect(await grab()).toBe(model.widthPx);
    await opened.close();
  });

  it('says that the camera does not listen, where ffmpeg only knows that it was cut off', async () => {
    const opened = await cluster.link().open(service('north-mast', 'rtsp'), signal);
    cluster.api.setFault({ kind: 'portClosed' });
    const { host, port } = opened;
    const source = createFfmpegFrameSource({ host, port, path: '/', credentials: login, clock });
    await expect(source.grab({ notBeforeMs: 0, timeoutMs: 10_000 }, signal)).rejects.toThrow();
    expect(opened.failure?.()?.code).toBe('port_closed');
    cluster.api.setFault(null);
    await opened.close();
  });

  it('gives telemetry, and goes on after the broker was replaced', async () => {
    const opened = await cluster.link().open(service('mqtt', 'mqtt'), signal);
    const { host, port } = opened;
    const credentials = { username: 'reader', password: 'secret' };
    const broker = createMqttBroker({
      host,
      port,
      tls: false,
      caFile: null,
      credentials,
      clientIdPrefix: 'test',
      clock,
    });
    const samples: TelemetrySample[] = [];
    const faults: Error[] = [];
    const onSample = (sample: TelemetrySample): void => void samples.push(sample);
    const onFault = (fault: Error): void => void faults.push(fault);
    await broker.telemetryFor(TELEMETRY).follow({ onSample, onFault }, signal);
    expect(await eventually(() => samples.length > 3)).toBe(true);
    expect(samples.at(-1)).toMatchObject({ panDeg: 10, tiltDeg: -5, zoom: 2 });
    await cluster.api.restartPod(NAMESPACE, 'mqtt');
    expect(await eventually(() => faults.length > 0)).toBe(true);
    const heard = samples.length;
    expect(await eventually(() => samples.length > heard + 3, 8_000)).toBe(true);
    await broker.close();
    await opened.close();
  });
});
