import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createDeviceConnections,
  type DeviceConnections,
} from '../../src/adapters/devices/device-connections.js';
import { createDirectLink } from '../../src/adapters/devices/direct-link.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import { createCaptureService, type CaptureService } from '../../src/capture/capture-service.js';
import type { MeasureFieldOfView } from '../../src/capture/planning/look-around.js';
import type { DeviceSettings, Settings } from '../../src/config/settings.js';
import type { Clock } from '../../src/ports/clock.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import { startSite, type Site } from '../../src/sandbox/site/site.js';
import { fakeAlerts } from '../fakes/fake-settings.js';
import { processesWith } from '../support/processes.js';
import { colourBarsCamera, type ColourBarsCamera } from '../sandbox/colour-bars-camera.js';

export const HOME: PtzPosition = { panDeg: 10, tiltDeg: -5, zoom: 2 };
export const LOGIN = { username: 'viewer', password: 'p@ss' };
export const BROKER_LOGIN = { username: 'reader', password: 's3cret' };

const axis = (name: string, unit: 'deg' | 'magnification') =>
  ({ path: name, unit, sign: 1, range: null }) as const;

/** What a fast check of a virtual camera needs to know. */
export const deviceOf = (
  ports: { rtspPort: number; onvifPort: number },
  more: Partial<DeviceSettings> = {},
): DeviceSettings => {
  const at = (port: number) => ({ kind: 'direct', host: '127.0.0.1', port }) as const;
  return {
    deploymentName: 'site-a',
    deviceId: 'cam-1',
    cameraName: 'north',
    onvif: {
      endpoint: at(ports.onvifPort),
      path: '/onvif/device_service',
      credentials: LOGIN,
      profile: null,
    },
    rtsp: { endpoint: at(ports.rtspPort), path: '/stream1', credentials: LOGIN },
    telemetry: {
      topic: 'telemetry/cam-1',
      match: null,
      pan: axis('pan', 'deg'),
      tilt: axis('tilt', 'deg'),
      zoom: axis('zoom', 'magnification'),
      yaw: null,
      pitch: null,
      roll: null,
    },
    ptz: { panRangeDeg: null, tiltRangeDeg: null, zoomRange: [1, 31], panSign: 1, tiltSign: 1 },
    referenceStops: [],
    activeStops: [],
    lens: null,
    masks: [],
    thresholdDeg: 0.5,
    stabilizeTimeS: 0.4,
    timeoutS: 20,
    movementEpsilonDeg: 0.01,
    growLayers: true,
    mayMove: [],
    mayReplaceReference: [],
    ...more,
  };
};

export const settingsOf = (
  mqttPort: number,
  spoolDir: string,
  devices: readonly DeviceSettings[],
  mqttCredentials = BROKER_LOGIN,
): Settings => ({
  slack: null,
  storage: { kind: 'file', rootDir: spoolDir },
  results: { kind: 'duckdb', file: path.join(spoolDir, 'results.duckdb') },
  health: null,
  logFormat: 'text',
  queue: { kind: 'embedded', visibilityS: 120, maxAttempts: 5 },
  schedule: { everyMinutes: 60 },
  alerts: fakeAlerts,
  thresholdDeg: 0.5,
  concurrency: 2,
  spoolDir,
  deployments: [
    {
      name: 'site-a',
      kube: null,
      mqtt: {
        endpoint: { kind: 'direct', host: '127.0.0.1', port: mqttPort },
        tls: false,
        caFile: null,
        credentials: mqttCredentials,
      },
      devices,
    },
  ],
});

/** Time that runs `speed` times as fast, for deadlines nobody wants to wait for. */
export const fastClock = (speed: number): Clock => {
  const clock = createSystemClock();
  const startMs = clock.nowMs();
  return {
    nowMs: () => startMs + (clock.nowMs() - startMs) * speed,
    sleep: (durationMs, signal) => clock.sleep(durationMs / speed, signal),
  };
};

/** For scans that do not plan themselves. */
export const measuresNothing: MeasureFieldOfView = async () => {
  throw new Error('nobody asked for a field of view');
};

/** One virtual camera and the product's ways to it. */
export interface Setup {
  readonly site: Site;
  readonly camera: ColourBarsCamera;
  readonly dir: string;
  readonly spoolDir: string;
  device(more?: Partial<DeviceSettings>): DeviceSettings;
  connections(devices: readonly DeviceSettings[], clock?: Clock): DeviceConnections;
  capture(device: DeviceSettings, clock?: Clock, measureFieldOfView?: MeasureFieldOfView): CaptureService;
  positionNow(): PtzPosition;
  close(): Promise<void>;
}

export const startSetup = async (camera = colourBarsCamera(), fps = 5): Promise<Setup> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'capture-'));
  const spoolDir = path.join(dir, 'spool');
  const site = await startSite({
    name: 'site-a',
    cameras: [{ model: camera, deviceId: 'cam-1', ...LOGIN }],
    mqtt: { ...BROKER_LOGIN, rateHz: 20 },
    fps,
  });
  const opened: DeviceConnections[] = [];
  const setup: Setup = {
    site,
    camera,
    dir,
    spoolDir,
    device: (more) => deviceOf(site.cameras[0]!, more),
    connections: (devices, clock = createSystemClock()) => {
      const settings = settingsOf(site.mqttPort, spoolDir, devices);
      const link = createDirectLink();
      const connections = createDeviceConnections({ settings, clock, linkFor: () => link });
      opened.push(connections);
      return connections;
    },
    capture: (device, clock = createSystemClock(), measureFieldOfView = measuresNothing) => {
      const connections = setup.connections([device], clock);
      return createCaptureService({
        clock,
        openDevice: (opened, signal) => connections.openDevice(opened, signal),
        measureFieldOfView,
        spoolDir,
        settleTimeS: 0.2,
      });
    },
    positionNow: () => camera.reportedPosition(performance.now()),
    close: async () => {
      await Promise.all(opened.map((connections) => connections.close()));
      await site.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return setup;
};

/** Processes, of anybody's, that look at the camera's video. */
export const grabbersOf = (rtspPort: number): string[] => processesWith(`:${rtspPort}/stream1`);

export const never = (): AbortSignal => new AbortController().signal;

/** Waits until something holds; fails after `timeoutMs`. */
export const until = async (holds: () => boolean, timeoutMs = 5_000): Promise<void> => {
  const deadlineMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error('It did not come about in time.');
    await sleep(10);
  }
};
