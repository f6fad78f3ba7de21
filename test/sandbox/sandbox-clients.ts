import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { SiteAddresses } from '../../src/sandbox/site/site.js';

export interface ClientRun {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
}

/** Runs ffmpeg as an RTSP client for one rgb24 picture; killed at the deadline. */
export const grabPicture = async (
  camera: SiteAddresses,
  options: { login?: string; path?: string; extra?: readonly string[]; timeoutMs?: number } = {},
): Promise<ClientRun> => {
  const { login = 'viewer:p%40ss', path = camera.rtspPath, extra = ['-probesize', '32'] } = options;
  const url = `rtsp://${login}@127.0.0.1:${camera.rtspPort}${path}`;
  const input = ['-hide_banner', '-nostdin', '-rtsp_transport', 'tcp', ...extra, '-i', url];
  const output = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
  const startMs = performance.now();
  const child = spawn('ffmpeg', [...input, ...output], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const deadline = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 8_000);
  await once(child, 'close');
  clearTimeout(deadline);
  const durationMs = performance.now() - startMs;
  return { stdout: Buffer.concat(stdout), stderr, durationMs, timedOut: child.signalCode === 'SIGKILL' };
};

export interface OnvifStatus {
  readonly position: { readonly x: number; readonly y: number; readonly zoom: number };
  readonly moveStatus: { readonly panTilt: string; readonly zoom: string };
}

interface Move {
  readonly x?: number;
  readonly y?: number;
  readonly zoom?: number;
  readonly xyspace?: string;
  readonly onlySendPanTilt?: boolean;
  readonly onlySendZoom?: boolean;
}

/** What the tests use of the `onvif` package's promised client. */
export interface OnvifClient {
  connect(): Promise<unknown>;
  getDeviceInformation(): Promise<{ serialNumber: string }>;
  getStreamUri(options: { protocol: string }): Promise<{ uri: string }>;
  getStatus(): Promise<OnvifStatus>;
  getNodes(): Promise<Record<string, { supportedPTZSpaces: Record<string, unknown> }>>;
  getConfigurations(): Promise<Record<string, { token: string }>>;
  absoluteMove(move: Move): Promise<unknown>;
  continuousMove(move: Move & { timeout: number }): Promise<unknown>;
  stop(options: { panTilt: boolean; zoom: boolean }): Promise<unknown>;
}

const load = createRequire(import.meta.url);

export const onvifClient = (
  camera: SiteAddresses,
  options: { username?: string; password?: string; timeout?: number; useWSSecurity?: boolean } = {},
): OnvifClient => {
  const { Cam } = load('onvif/promises') as { Cam: new (options: object) => OnvifClient };
  const login = { username: 'viewer', password: 'p@ss', timeout: 3_000, ...options };
  return new Cam({ hostname: '127.0.0.1', port: camera.onvifPort, autoconnect: false, ...login });
};

/** What the tests use of the `node-onvif` package, a second witness. */
export interface SecondOnvifClient {
  init(): Promise<{ SerialNumber: string }>;
  getCurrentProfile(): { stream: { rtsp: string } };
  readonly services: {
    readonly ptz: {
      absoluteMove(move: object): Promise<unknown>;
      getStatus(request: { ProfileToken: string }): Promise<{ data: { GetStatusResponse: unknown } }>;
    };
  };
}

export const secondOnvifClient = (camera: SiteAddresses): SecondOnvifClient => {
  const { OnvifDevice } = load('node-onvif') as { OnvifDevice: new (options: object) => SecondOnvifClient };
  const xaddr = `http://127.0.0.1:${camera.onvifPort}/onvif/device_service`;
  return new OnvifDevice({ xaddr, user: 'viewer', pass: 'p@ss' });
};
