import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CaptureManifest } from '../../src/capture/spool/manifest.js';
import { writePlan } from '../../src/capture/planning/scan-plan.js';
import type { DeviceSettings, Settings } from '../../src/config/settings.js';
import { createPrometheusMetrics } from '../../src/adapters/runtime/prometheus-metrics.js';
import { createStoreWorkQueue } from '../../src/adapters/local/object-store-queue.js';
import { createProduct } from '../../src/monitor/create-product.js';
import type { Dependencies, LogEntry } from '../../src/monitor/record/dependencies.js';
import type { Product } from '../../src/monitor/product.js';
import { AppError } from '../../src/ports/app-error.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import {
  unanswered,
  type LayerReport,
  type LayerTie,
  type ReferenceReport,
  type SolveAnswer,
} from '../../src/solve/model/answer.js';
import { createDrivenClock, type DrivenClock } from '../fakes/driven-clock.js';
import { fakeHead } from '../fakes/fake-product.js';
import { fakeAlerts, fakeDeployment, fakeDevice } from '../fakes/fake-settings.js';
import { createMemoryObjectStore } from '../../src/adapters/local/memory-object-store.js';
import { createMemoryResultsTable } from '../fakes/memory-results-table.js';

export const START_MS = Date.parse('2026-01-31T14:00:05.123Z');
const IMAGE = Buffer.from('a picture');

export const device = (
  deploymentName: string,
  deviceId: string,
  changes: Partial<DeviceSettings> = {},
): DeviceSettings => ({ ...fakeDevice(deploymentName, deviceId, `${deviceId}-mast`), ...changes });

export const measured = (yaw: number, pitch = 0, roll = 0): SolveAnswer => ({
  ...unanswered('q', ''),
  success: true,
  verdict: Math.max(Math.abs(yaw), Math.abs(pitch), Math.abs(roll)) > 0.5 ? 'drifted' : 'ok',
  yaw_offset: yaw,
  pitch_offset: pitch,
  roll_offset: roll,
  sigma: { yaw: 0.01, pitch: 0.01, roll: 0.02 },
  inliers: 500,
  matches: 600,
  layer: 'primary',
  lens: { focal_px: 1108, k1: 0, k2: 0, cx: 639.5, cy: 359.5 },
  head: fakeHead,
  cause: yaw === 0 ? 'none' : 'unclear',
  captures: [{ file: '0000.jpg', yaw, pitch, roll, inliers: 500, residual_px: 0.5 }],
  failure_log: null,
});

/** The failure of a script's step. */
export const fault = (code: string): AppError => new AppError(code, `It is ${code}.`, 'Mend it.');

export const goodReport: ReferenceReport = {
  usable: true,
  faults: [],
  advice: [],
  stops: [],
  landmarks: 9000,
  coverage: 0.3,
  coverage_rows: ['##', '..'],
  coverage_sigma_deg: [
    [0.01, 0.02],
    [null, null],
  ],
  residualPx: 0.4,
  lens: [{ zoom: 1, focal_px: 1108, hfov_deg: 60, k1: 0, k2: 0, cx: 639.5, cy: 359.5 }],
  head: fakeHead,
  lens_found: null,
};

export const goodTie: LayerTie = {
  ...{ by: 'frames', yaw: 0.02, pitch: -0.01, roll: 0 },
  sigma: { yaw: 0.004, pitch: 0.005, roll: 0.006 },
  evidence: [{ file: 'images/0000.jpg', yaw: 0.02, pitch: -0.01, roll: 0 }],
};

/** The plan of a self-planned scan for a camera of this field of view, stored beside the scan as usual. */
const planIn = async (dir: string, of: DeviceSettings, hfovDeg: number): Promise<readonly PtzPosition[]> => {
  const stops = [-1, 1].map((side) => ({ panDeg: (side * hfovDeg) / 4, tiltDeg: side, zoom: 1 }));
  const covers = { panRangeDeg: [-30, 30], tiltRangeDeg: [-10, 10] } as const;
  await writePlan(dir, of, { stops, rowCount: 2, hfovDeg, ...covers, leftOut: [] });
  return stops;
};

const manifestOf = (
  of: DeviceSettings,
  kind: 'reference' | 'query',
  mode: 'active' | 'passive',
  stops: readonly PtzPosition[],
  nowMs: number,
): CaptureManifest => {
  const at = new Date(nowMs).toISOString();
  return {
    schema: 'calibration-capture/1',
    kind,
    deployment_name: of.deploymentName,
    device_id: of.deviceId,
    camera_name: of.cameraName,
    mode,
    started_at: at,
    finished_at: at,
    frames: stops.map(({ panDeg, tiltDeg, zoom }, index) => ({
      file: `${kind === 'reference' ? 'images/' : ''}000${index}.jpg`,
      captured_at: at,
      width: 1280,
      height: 720,
      telemetry: { pan: panDeg, tilt: tiltDeg, zoom, yaw: null, pitch: null, roll: null, at },
      commanded: kind === 'reference' ? { pan: panDeg, tilt: tiltDeg, zoom } : null,
    })),
    lens: null,
  };
};

const writeCapture = async (dir: string, manifest: CaptureManifest): Promise<CaptureManifest> => {
  await mkdir(path.join(dir, 'images'), { recursive: true });
  for (const { file } of manifest.frames) await writeFile(path.join(dir, file), IMAGE);
  if (manifest.kind === 'query') await rm(path.join(dir, 'images'), { recursive: true });
  await writeFile(path.join(dir, 'manifest.json'), JSON.stringify(manifest));
  return manifest;
};

export interface MonitorRig {
  readonly product: Product;
  readonly deps: Dependencies;
  readonly clock: DrivenClock;
  readonly logged: LogEntry[];
  readonly spoolDir: string;
  /** What the next captures and solves do, by device id; tests replace parts. */
  readonly script: {
    capture: (of: DeviceSettings, dir: string, signal: AbortSignal) => Promise<AppError | null>;
    solve: (queryDir: string) => SolveAnswer | AppError;
    report: ReferenceReport;
    /** Field of view of a camera whose scan plans itself. */
    hfovDeg: number;
    layer: (layerDir: string) => LayerReport;
  };
  /** Another product on the same spool, store and table, as after a restart. */
  restart(changes?: Partial<Dependencies>): Product;
  close(): Promise<void>;
}

/** The product on memory stores, with scripted captures and solves. */
export const createMonitorRig = async (
  devices: readonly DeviceSettings[],
  concurrency = 2,
): Promise<MonitorRig> => {
  const spoolDir = await mkdtemp(path.join(tmpdir(), 'monitor-'));
  const clock = createDrivenClock(START_MS);
  const logged: LogEntry[] = [];
  const script: MonitorRig['script'] = {
    capture: async () => null,
    solve: () => measured(0),
    report: goodReport,
    hfovDeg: 60,
    layer: (layerDir) => ({ ...goodReport, layer: path.parse(layerDir).name, tie: goodTie }),
  };
  const names = [...new Set(devices.map(({ deploymentName }) => deploymentName))];
  const settings = {
    slack: null,
    storage: { kind: 'file', rootDir: spoolDir },
    results: { kind: 'duckdb', file: 'unused' },
    health: null,
    logFormat: 'text',
    queue: { kind: 'embedded', visibilityS: 120, maxAttempts: 5 },
    schedule: { everyMinutes: 60 },
    alerts: fakeAlerts,
    thresholdDeg: 0.5,
    concurrency,
    spoolDir,
    deployments: names.map((name) =>
      fakeDeployment(
        name,
        devices.filter(({ deploymentName }) => deploymentName === name),
      ),
    ),
  } satisfies Settings;
  const throwIfFault = (fault: AppError | null): void => {
    if (fault !== null) throw fault;
  };
  const store = createMemoryObjectStore();
  let deps: Dependencies = {
    settings,
    clock,
    store,
    queue: createStoreWorkQueue({ store, clock, visibilityMs: 120_000, maxAttempts: 5 }),
    openPrivateQueue: () => {
      const notes = createMemoryObjectStore();
      const { clock } = deps;
      return {
        notes,
        queue: createStoreWorkQueue({ store: notes, clock, visibilityMs: 120_000, maxAttempts: 5 }),
      };
    },
    results: createMemoryResultsTable(),
    identity: { self: 'host:1:1', isAlive: async (identity) => identity === 'host:1:1' },
    pictures: {
      overlay: async () => IMAGE,
      historyPlot: async () => IMAGE,
      coverageMap: async () => IMAGE,
      close: async () => undefined,
    },
    capture: {
      capture: async (of, { mode, dir }, signal) => {
        throwIfFault(await script.capture(of, dir, signal));
        const stops = mode === 'active' ? of.activeStops : [{ panDeg: 10, tiltDeg: -3, zoom: 1 }];
        return writeCapture(dir, manifestOf(of, 'query', mode, stops, deps.clock.nowMs()));
      },
      scan: async (of, dir, onProgress, signal) => {
        throwIfFault(await script.capture(of, dir, signal));
        onProgress({ done: 2, total: 2, etaMs: 0 });
        const stops = of.referenceStops ?? (await planIn(dir, of, script.hfovDeg));
        return writeCapture(dir, manifestOf(of, 'reference', 'active', stops, deps.clock.nowMs()));
      },
    },
    solver: {
      featuresFile: () => 'features/v1.bin',
      prepareReference: async () => script.report,
      prepareLayer: async ({ layerDir }) => script.layer(layerDir),
      solve: async ({ queryDir }) => {
        const answer = script.solve(queryDir);
        if (answer instanceof Error) throw answer;
        return answer;
      },
      measureFieldOfView: async () => ({ hfovDeg: 60 }),
      close: async () => undefined,
    },
    metrics: createPrometheusMetrics({ process: false }),
    probe: async () => [],
    restoreCameras: async () => [],
    // As in a terminal.
    log: (entry) => void (entry.level === 'debug' || logged.push(entry)),
    closeAll: async () => undefined,
  };
  return {
    product: createProduct(deps),
    get deps() {
      return deps;
    },
    ...{ clock, logged, spoolDir, script },
    restart: (changes = {}) => {
      deps = { ...deps, ...changes };
      return createProduct(deps);
    },
    // A stopped program may still be finishing its last write.
    close: () => rm(spoolDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
};
