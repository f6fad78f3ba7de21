/** A program of the fleet bench: `bench PLAN`, a plan as JSON. The product as it is, but for the cameras, whose captures are recorded. */
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { CaptureService } from '../../src/capture/capture-service.js';
import { openProduct } from '../../src/compose.js';
import { loadSettings } from '../../src/config/load-settings.js';
import { useMotoCredentials } from '../../test/servers/moto.js';
import { queryDir } from './cameras.js';
import { readManifest, renamed } from './services.js';

export interface WorkerPlan {
  readonly settingsFile: string;
  readonly spoolDir: string;
  /** Where the recorded captures are. */
  readonly recordedDir: string;
  /** The host it says it runs on: as over many machines, nobody can look whether it is alive. */
  readonly host: string;
}

/** A line of a worker's standard output. */
export type WorkerLine =
  | { readonly taken: string; readonly atMs: number }
  | { readonly done: string; readonly atMs: number }
  | { readonly finished: number; readonly tookMs: number };

const say = (line: WorkerLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** The camera's recorded capture, as if it had been taken now. */
const replay = (recordedDir: string): CaptureService['capture'] => {
  return async (of, { dir }) => {
    say({ taken: of.deviceId, atMs: Date.now() });
    const from = queryDir(recordedDir, of);
    await cp(from, dir, { recursive: true });
    const now = new Date().toISOString();
    const taken = renamed(await readManifest(from), of);
    const frames = taken.frames.map((frame) => ({ ...frame, captured_at: now }));
    const manifest = { ...taken, started_at: now, finished_at: now, frames };
    await writeFile(path.join(dir, 'manifest.json'), JSON.stringify(manifest));
    return manifest;
  };
};

const work = async ({ settingsFile, spoolDir, recordedDir, host }: WorkerPlan): Promise<void> => {
  useMotoCredentials();
  const settings = await loadSettings(settingsFile, process.env);
  const log = ({ level, message }: { level: string; message: string }): void => {
    if (level !== 'debug') process.stderr.write(`${level}: ${message}\n`);
  };
  const product = await openProduct({ ...settings, spoolDir }, log, {
    capture: { capture: replay(recordedDir), scan: () => Promise.reject(new Error('no scan is recorded')) },
    identity: { self: `${host}:${process.pid}:1`, isAlive: async () => null },
  });
  const abort = new AbortController();
  process.on('SIGTERM', () => abort.abort(new Error('stop')));
  const watch: Parameters<typeof product.serve>[2] = {
    outcome: ({ device }) => say({ done: device.deviceId, atMs: Date.now() }),
    finished: (outcomes, tookMs) => say({ finished: outcomes.length, tookMs }),
  };
  await product
    .serve(() => undefined, abort.signal, watch, 'worker')
    .catch((fault: unknown) => {
      if (!abort.signal.aborted) throw fault;
    })
    .finally(() => product.close());
};

const [mode, plan = ''] = process.argv.slice(2);
if (mode === 'bench') await work(JSON.parse(plan) as WorkerPlan);
