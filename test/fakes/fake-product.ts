import type { DeviceSettings, Settings } from '../../src/config/settings.js';
import { fakeAlerts, fakeDeployment, fakeDevice } from './fake-settings.js';
import type { CheckOutcome, Product, Verdict } from '../../src/monitor/product.js';
import type { ResultRow } from '../../src/ports/results-table.js';
import type { HeadReport, LayerReport, ReferenceReport } from '../../src/solve/model/answer.js';

/** Two deployments; `mast` is a camera of both. */
export const fakeSettings = (): Settings => ({
  slack: null,
  storage: { kind: 'file', rootDir: '/srv/calib' },
  results: { kind: 'duckdb', file: '/srv/calib.duckdb' },
  health: null,
  logFormat: 'text',
  queue: { kind: 'embedded', visibilityS: 120, maxAttempts: 5 },
  schedule: { everyMinutes: 60 },
  alerts: fakeAlerts,
  thresholdDeg: 0.5,
  concurrency: 2,
  spoolDir: '/srv/spool',
  deployments: [
    { name: 'site-a', kube: null, devices: ['north', 'south', 'mast'] },
    {
      name: 'site-b',
      kube: { context: 'prod-b', namespace: 'video', kubeconfigFile: null },
      devices: ['mast'],
    },
  ].map(({ name, kube, devices }, site) =>
    fakeDeployment(
      name,
      devices.map((camera, index) => fakeDevice(name, `cam-${site}${index}`, camera)),
      kube,
    ),
  ),
});

export const fakeRow = (device: DeviceSettings, yawDeg: number | null, timestamp: string): ResultRow => ({
  deployment_name: device.deploymentName,
  device_id: device.deviceId,
  timestamp,
  pitch_offset: yawDeg === null ? null : 0,
  yaw_offset: yawDeg,
  roll_offset: yawDeg === null ? null : 0,
  mode: 'passive',
  capture_positions: [{ pan: 1, tilt: 2, zoom: 1 }],
  files_location: 'file:///srv/calib/x',
  success: yawDeg !== null,
  failure_log: yawDeg === null ? 'no telemetry' : null,
});

const ICONS: Readonly<Record<Verdict, string>> = { ok: '✅', drifted: '🚨', unmeasured: '⚠️' };

/** An outcome with this yaw offset, unmeasured when there is none. */
export const fakeOutcome = (device: DeviceSettings, yawDeg: number | null): CheckOutcome => {
  const verdict = yawDeg === null ? 'unmeasured' : Math.abs(yawDeg) > device.thresholdDeg ? 'drifted' : 'ok';
  return {
    device,
    verdict,
    line: `${ICONS[verdict]} ${device.cameraName} ${yawDeg ?? 'no telemetry'}`,
    row: fakeRow(device, yawDeg, '2026-01-31T14:00:05.123Z'),
    answer: null,
    pictureLocation: yawDeg === null ? null : `file:///srv/${device.deviceId}.jpg`,
    filesLocation: 'file:///srv/calib/x',
    failureCode: yawDeg === null ? 'no_telemetry' : null,
    recorded: true,
    repeated: false,
  };
};

/** A stop without its file and pan. */
export const fakeStop = {
  tilt: -4,
  zoom: 1,
  matchedStops: 2,
  ties: 420,
  features: 900,
  residualPx: 0.4,
  weakness: null,
};

/** What a scan finds about an ordinary head. */
export const fakeHead: HeadReport = {
  terms: {
    ...{ tilt_axis_deg: 0.21, tilt_zero_deg: -0.3, collimation_deg: 0.25, roll_deg: 0.42 },
    ...{ pan_gain: 0.001, tilt_gain: -0.0008 },
  },
  sigma: {
    ...{ tilt_axis_deg: 0.003, tilt_zero_deg: 0.002, collimation_deg: 0.02, roll_deg: 0.003 },
    ...{ pan_gain: 0.00002, tilt_gain: 0.0002 },
  },
  encoders: { pan: 0.004, tilt: 0.005, play: 0.001 },
};

export const fakeReport = (usable: boolean): ReferenceReport => ({
  usable,
  faults: usable ? [] : ['images/0001.jpg shows almost no texture.'],
  advice: [],
  stops: [
    { ...fakeStop, file: 'images/0000.jpg', pan: 0 },
    {
      ...{ ...fakeStop, file: 'images/0001.jpg', pan: 30, matchedStops: 1, ties: 14, features: 85 },
      weakness: usable ? 'matches one other stop only.' : 'shows almost no texture.',
    },
  ],
  landmarks: 812,
  coverage: 0.12,
  coverage_rows: ['....', '.##.', '....', '....'],
  coverage_sigma_deg: [
    [null, null, null, null],
    [null, 0.01, 0.04, null],
    [null, null, null, null],
    [null, null, null, null],
  ],
  residualPx: 0.42,
  lens: [{ zoom: 1, focal_px: 1108.5, hfov_deg: 60.1, k1: -0.051, k2: 0, cx: 643.1, cy: 357.2 }],
  head: fakeHead,
  lens_found: null,
  coverage_map: 'file:///srv/coverage.png',
});

export const fakeLayerReport = (layer: string, usable: boolean): LayerReport => ({
  ...fakeReport(usable),
  layer,
  tie: usable
    ? {
        ...{ by: 'frames', yaw: 0.12, pitch: -0.03, roll: 0.01 },
        sigma: { yaw: 0.004, pitch: 0.005, roll: 0.009 },
        evidence: [{ file: 'images/0000.jpg', yaw: 0.12, pitch: -0.03, roll: 0.01 }],
      }
    : null,
});

/** A product on which everything succeeds; tests replace what they are about. */
export const fakeProduct = (replaced: Partial<Product> = {}): Product => {
  const settings = fakeSettings();
  const product: Product = {
    settings,
    hasReference: async () => false,
    scanReference: async (_device, onProgress) => {
      onProgress({ done: 0, total: 2, etaMs: null });
      onProgress({ done: 1, total: 2, etaMs: 61_000 });
      onProgress({ done: 2, total: 2, etaMs: 0 });
      return fakeReport(true);
    },
    restoreReference: async () => ({ scannedAt: '2026-01-30T14:00:05.123Z' }),
    hasLayer: async () => false,
    scanLayer: async (_device, layer) => fakeLayerReport(layer, true),
    layers: async () => [],
    rebuildLayer: async (_device, layer) => fakeLayerReport(layer, true),
    restoreLayer: async () => ({ scannedAt: '2026-01-30T14:00:05.123Z' }),
    dropLayer: async () => undefined,
    check: async (device) => fakeOutcome(device, 0.1),
    sweep: async (onOutcome, signal) => {
      const outcomes: CheckOutcome[] = [];
      for (const device of settings.deployments.flatMap(({ devices }) => devices)) {
        const outcome = await product.check(device, {}, signal);
        await onOutcome(outcome);
        outcomes.push(outcome);
      }
      return outcomes;
    },
    history: async () => [],
    historyPlot: async () => Buffer.from('png'),
    serve: async () => undefined,
    probe: async () => [],
    recover: async () => 0,
    health: { stuck: () => null, ready: async () => undefined, metrics: async () => '' },
    close: async () => undefined,
    ...replaced,
  };
  return product;
};
