import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { family, textOf } from './family.js';
import type { RunningSite } from './memory-site.js';

/**
 * The most memory that the product's own processes (the program, its solvers, ffmpeg) take together while one 1080p camera
 * is scanned and checked, and while ten are checked at once. The virtual camera runs in a process of its own.
 */
const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const SAMPLE_MS = 100;
const CAMERAS = 10;

interface Peak {
  readonly rssMb: number;
  readonly pssMb: number;
  readonly processes: number;
}

const kbIn = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

const sample = (pid: number): Peak => {
  const texts = family(pid).map((member) => textOf(`/proc/${member}/smaps_rollup`));
  const sumMb = (name: string): number => texts.reduce((sum, text) => sum + kbIn(text, name), 0) / 1024;
  return { rssMb: sumMb('Rss'), pssMb: sumMb('Pss'), processes: texts.length };
};

const larger = (a: Peak, b: Peak): Peak => ({
  rssMb: Math.max(a.rssMb, b.rssMb),
  pssMb: Math.max(a.pssMb, b.pssMb),
  processes: Math.max(a.processes, b.processes),
});

/** Runs one command to its end and answers the most it took. */
const peakOf = async (args: readonly string[], cwd: string): Promise<Peak & { seconds: number }> => {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], {
    ...{ cwd, env: { ...process.env, LOGIN: 'bench' } },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak: Peak = { rssMb: 0, pssMb: 0, processes: 0 };
  const timer = setInterval(() => (peak = larger(peak, sample(child.pid!))), SAMPLE_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`calib ${args.join(' ')} exited with ${code}`);
  return { ...peak, seconds: (performance.now() - startedMs) / 1000 };
};

/** The virtual camera's user name and password alike. */
const credentials = { username_env: 'LOGIN', password_env: 'LOGIN' };
const axis = (name: string) => ({ path: name });

/** Ten deployments whose cameras are one and the same: what the product needs does not depend on it. */
const settingsOf = ({ mqttPort, rtspPort, onvifPort, rtspPath }: RunningSite): string =>
  stringify({
    ...{ storage: { kind: 'file', root_dir: 'store' }, results: { kind: 'duckdb', file: 'results.duckdb' } },
    ...{ spool_dir: 'spool', concurrency: CAMERAS },
    deployments: Array.from({ length: CAMERAS }, (_, index) => ({
      name: `site-${index}`,
      mqtt: { host: '127.0.0.1', port: mqttPort },
      devices: [
        {
          ...{ device_id: 'cam-1', camera_name: 'mast', stabilize_time: 2, timeout: 300 },
          onvif: { host: '127.0.0.1', port: onvifPort, credentials },
          rtsp: { host: '127.0.0.1', port: rtspPort, path: rtspPath, credentials },
          telemetry: { topic: 'telemetry/cam-1', pan: axis('pan'), tilt: axis('tilt'), zoom: axis('zoom') },
          ptz: { pan_range_deg: [-180, 180], tilt_range_deg: [-30, 30], zoom_range: [1, 4] },
          reference_scan: { grid: { pan: { from: -180, to: 150, step: 30 }, tilt: [-10, 8] } },
        },
      ],
    })),
  });

const startSite = async () => {
  const child = fork(fileURLToPath(new URL('./memory-site.js', import.meta.url)));
  const [running] = (await once(child, 'message')) as [RunningSite];
  return { running, child };
};

const told = (what: string, { rssMb, pssMb, processes, seconds }: Peak & { seconds: number }): string =>
  `${what.padEnd(34)} ${rssMb.toFixed(0).padStart(7)} ${pssMb.toFixed(0).padStart(7)} ${String(processes).padStart(9)} ${seconds.toFixed(0).padStart(5)} s\n`;

const dir = await mkdtemp(path.join(tmpdir(), 'calib-memory-'));
const site = await startSite();
try {
  await writeFile(path.join(dir, 'devices.yaml'), settingsOf(site.running));
  process.stdout.write(`${''.padEnd(34)} RSS, MB PSS, MB processes\n`);
  process.stdout.write(told('reference of one, 24 stops', await peakOf(['reference', 'site-0/mast'], dir)));
  for (let index = 1; index < CAMERAS; index++)
    await cp(path.join(dir, 'store/site-0'), path.join(dir, `store/site-${index}`), { recursive: true });
  process.stdout.write(told('check of one', await peakOf(['check', 'site-0/mast'], dir)));
  process.stdout.write(told(`check of ${CAMERAS} at once`, await peakOf(['sweep'], dir)));
} finally {
  site.child.disconnect();
  await rm(dir, { recursive: true, force: true });
}
