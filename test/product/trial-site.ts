import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { createDuckdbResults } from '../../src/adapters/local/duckdb-results.js';
import type { ResultRow } from '../../src/ports/results-table.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';
import { drawScenery } from '../../src/sandbox/scenery/draw-scenery.js';
import { createCamera, type Camera, type CameraOptions } from '../../src/sandbox/camera/camera.js';
import { startSite, type Site } from '../../src/sandbox/site/site.js';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export const HOME: PtzPosition = { panDeg: 4, tiltDeg: -4, zoom: 1 };
/** Values that must never be seen again outside the environment. */
export const SECRETS = {
  CAMERA_PASSWORD: 'c@mera/pass:1',
  WRONG_PASSWORD: 'wr0ng&pass',
  BROKER_PASSWORD: 'br0ker pass',
} as const;
const NAMES = { CAMERA_USER: 'operator', BROKER_USER: 'monitor' };

type Yaml = Readonly<Record<string, unknown>>;

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The program under way. */
export interface Call {
  readonly child: ChildProcess;
  readonly ended: Promise<Said>;
}

/** One virtual camera that really speaks, and the product, as a program, on top of it. */
export interface Trial {
  readonly dir: string;
  readonly site: Site;
  readonly camera: Camera;
  /** Everything that any call printed. */
  readonly printed: string[];
  readonly device: Yaml;
  readonly deployment: Yaml;
  /** Writes another devices.yaml beside the first; answers its name. */
  configure(name: string, deployments: readonly Yaml[], top?: Yaml): Promise<string>;
  /** Starts `calib ARGS`; `limit` is a shell's limit on it. */
  start(args: readonly string[], options?: CallOptions): Call;
  calib(args: readonly string[], options?: CallOptions): Promise<Said>;
  /** The results table, oldest first. */
  rows(): Promise<ResultRow[]>;
  /** Files below the spool, those of the cache left out. */
  spooled(): string[];
  /** Keys in the store; files with which it keeps house are left out. */
  stored(): string[];
  isHome(): boolean;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly config?: string;
  readonly limit?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();

const deviceOf = ({ rtspPort, onvifPort, rtspPath }: Site['cameras'][number]): Yaml => {
  const credentials = { username_env: 'CAMERA_USER', password_env: 'CAMERA_PASSWORD' };
  return {
    device_id: 'cam-1',
    camera_name: 'mast',
    onvif: { host: '127.0.0.1', port: onvifPort, credentials },
    rtsp: { host: '127.0.0.1', port: rtspPort, path: rtspPath, credentials },
    ptz: { pan_range_deg: [-180, 180], tilt_range_deg: [-30, 30], zoom_range: [1, 4] },
    reference_scan: { grid: { pan: [-20, 0, 20], tilt: [-4] } },
    lens: { zoom_to_hfov_deg: [[1, 60]], k1: -0.05 },
  };
};

const COMMON: Yaml = {
  storage: { kind: 'file', root_dir: 'store' },
  results: { kind: 'duckdb', file: 'results.duckdb' },
  spool_dir: 'spool',
  concurrency: 12,
  defaults: {
    telemetry: {
      topic: 'telemetry/{device_id}',
      pan: { path: 'pan' },
      tilt: { path: 'tilt' },
      zoom: { path: 'zoom' },
    },
    stabilize_time: 1,
    timeout: 30,
  },
};

const run = (dir: string, args: readonly string[], options: CallOptions, printed: string[]): Call => {
  const { limit = '', config = 'devices.yaml' } = options;
  const child = spawn('bash', ['-c', `${limit} exec "$0" "$@"`, process.execPath, MAIN, ...args], {
    cwd: dir,
    env: { ...process.env, ...SECRETS, ...NAMES, CALIB_CONFIG: config, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const ended = new Promise<Said>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      printed.push(said.out, said.err);
      resolve({ ...said, code });
    });
  });
  return { child, ended };
};

/** Starts a site with one camera (as `create` makes it) and writes the devices.yaml that names it, in a folder of its own. */
export const startTrial = async (
  activeStops: readonly (readonly number[])[] = [],
  create: (options: CameraOptions) => Camera = createCamera,
): Promise<Trial> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'calib-trial-'));
  const panorama = drawScenery({ seed: 5, widthPx: 4096 });
  const camera = create({ name: 'mast', panorama, seed: 3, widthPx: 640, heightPx: 360 });
  camera.moveTo(HOME, performance.now() - 10_000);
  const site = await startSite({
    name: 'pier',
    cameras: [
      {
        model: camera,
        deviceId: 'cam-1',
        username: NAMES.CAMERA_USER,
        password: SECRETS.CAMERA_PASSWORD,
      },
    ],
    mqtt: { username: NAMES.BROKER_USER, password: SECRETS.BROKER_PASSWORD, rateHz: 10 },
  });
  const device = { ...deviceOf(site.cameras[0]!), active_ptz_stops: activeStops };
  const credentials = { username_env: 'BROKER_USER', password_env: 'BROKER_PASSWORD' };
  const deployment = {
    name: 'pier',
    mqtt: { host: '127.0.0.1', port: site.mqttPort, credentials },
    devices: [device],
  };
  const printed: string[] = [];
  const trial: Trial = {
    ...{ dir, site, camera, printed, device, deployment },
    configure: async (name, deployments, top = {}) => {
      await writeFile(path.join(dir, name), stringify({ ...COMMON, ...top, deployments }));
      return name;
    },
    start: (args, options = {}) => run(dir, args, options, printed),
    calib: (args, options = {}) => run(dir, args, options, printed).ended,
    rows: () => createDuckdbResults({ file: path.join(dir, 'results.duckdb') }).history({ sinceMs: 0 }),
    spooled: () => filesBelow(path.join(dir, 'spool')).filter((file) => !file.startsWith('.cache')),
    stored: () => filesBelow(path.join(dir, 'store')).filter((file) => !file.includes('.calib-')),
    isHome: () => {
      const { panDeg, tiltDeg } = camera.truth(performance.now());
      return Math.max(Math.abs(panDeg - HOME.panDeg), Math.abs(tiltDeg - HOME.tiltDeg)) < 0.1;
    },
    close: async () => {
      await site.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await trial.configure('devices.yaml', [deployment]);
  return trial;
};

/** Files below a folder that hold one of the secrets, or were written with one in their names. */
export const filesWithSecrets = (dir: string): string[] =>
  filesBelow(dir).filter((file) => {
    const body = readFileSync(path.join(dir, file), 'latin1') + file;
    return secretForms().some((secret) => body.includes(secret));
  });

/** Each secret as it is, and as a URL would carry it. */
export const secretForms = (): string[] =>
  Object.values(SECRETS).flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]);

/** Waits until something holds; fails after `timeoutMs`. */
export const until = async (holds: () => boolean, timeoutMs = 60_000): Promise<void> => {
  const deadlineMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error('It did not come about in time.');
    await sleep(2);
  }
};
