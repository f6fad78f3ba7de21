import path from 'node:path';
import process from 'node:process';
import { openProduct } from '../../compose.js';
import { loadSettings } from '../../config/load-settings.js';
import type { DeviceSettings } from '../../config/settings.js';
import type { CheckOutcome, LogEntry, Product, ScanProgress } from '../../monitor/product.js';
import { AppError } from '../../ports/app-error.js';
import type { SlackApp } from '../../slack/slack-app.js';
import type { SlackSandbox } from '../slack/sandbox.js';
import type { MountOffset } from '../camera/attitude.js';
import { writeDemoSettings, type DemoSettings } from './demo-settings.js';
import { startWorkspace, withSlack } from './demo-slack.js';
import { DEMO_SITES } from './demo-sites.js';
import { errorDeg, leaning, matchesTruth, TOLERANCE_DEG, UNTURNED } from './demo-truth.js';
import { launchSite, type RunningSite } from './site-client.js';

interface DemoOptions {
  /** End after the second sweep instead of sweeping on. */
  readonly once: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly signal: AbortSignal;
}

const DATA_DIR = 'demo-data';
const KNOCK: MountOffset = { yawDeg: 1.2, pitchDeg: -0.4, rollDeg: 0.3 };
const LEAN = leaning(0.9, 74);

/** What is done to cameras between the two sweeps; all others stay as they were. */
const MISHAPS: readonly { readonly camera: string; readonly what: string; readonly offset: MountOffset }[] = [
  { camera: 'harbour/quay-crane', what: 'is knocked: 1.2° to the right, 0.4° down', offset: KNOCK },
  { camera: 'ridge/fire-tower', what: 'leans: 0.9° towards azimuth 74°', offset: LEAN },
];

const pathOf = ({ deploymentName, cameraName }: DeviceSettings): string => `${deploymentName}/${cameraName}`;

const truthOf = (device: DeviceSettings, mishapsHappened: boolean): MountOffset =>
  (mishapsHappened ? MISHAPS.find(({ camera }) => camera === pathOf(device))?.offset : undefined) ?? UNTURNED;

const devicesOf = (product: Product): DeviceSettings[] =>
  product.settings.deployments.flatMap(({ devices }) => [...devices]);

/** Tells every quarter of a scan. */
const quarters = (name: string, out: DemoOptions['out']) => {
  let shown = 0;
  return ({ done, total, etaMs }: ScanProgress): void => {
    const quarter = Math.floor((done / total) * 4);
    if (quarter === shown) return;
    shown = quarter;
    const left = etaMs === null || done === total ? '' : `, about ${Math.round(etaMs / 1000)} s left`;
    out(`  ${name}: ${done} of ${total} stops${left}\n`);
  };
};

const scan = async (
  product: Product,
  device: DeviceSettings,
  out: DemoOptions['out'],
  signal: AbortSignal,
): Promise<void> => {
  const name = pathOf(device);
  const report = await product.scanReference(device, quarters(name, out), signal);
  const hfov = report.lens[0]?.hfov_deg.toFixed(2) ?? '?';
  out(`  ${name}: ${report.landmarks} landmarks; measured field of view ${hfov}°\n`);
  if (!report.usable)
    throw new AppError(
      'reference_unusable',
      `The scan of ${name} is unusable. ${report.faults.join(' ')}`,
      'Run the demo again; report it if it repeats.',
    );
};

/** All at once; the failure of one ends the others, which put their cameras back first. */
const scanAll = async (product: Product, { out, signal }: DemoOptions): Promise<void> => {
  const failing = new AbortController();
  const both = AbortSignal.any([signal, failing.signal]);
  const scans = devicesOf(product).map(async (device) => {
    try {
      await scan(product, device, out, both);
    } catch (fault) {
      failing.abort(fault);
      throw fault;
    }
  });
  await Promise.allSettled(scans);
  both.throwIfAborted();
};

const angles = (yaw: number | null, pitch: number | null, roll: number | null): string =>
  [yaw, pitch, roll].map((angle) => (angle === null ? '—' : angle.toFixed(3)).padStart(8)).join('');

/** What was found beside what is true. */
const comparison = (outcomes: readonly CheckOutcome[], mishapsHappened: boolean): string => {
  const rows = outcomes.map((outcome) => {
    const { row, device } = outcome;
    const truth = truthOf(device, mishapsHappened);
    const found = angles(row.yaw_offset, row.pitch_offset, row.roll_offset);
    const error = errorDeg(outcome, truth);
    const told = error === null ? 'no answer' : `${error.toFixed(3)}°`;
    return `  ${pathOf(device).padEnd(20)}${found}  |${angles(truth.yawDeg, truth.pitchDeg, truth.rollDeg)}  |  ${told}\n`;
  });
  const head = `  ${'camera'.padEnd(20)}${'found: yaw'.padStart(8)}   pitch    roll  |  true: yaw pitch  roll  |  off by\n`;
  return head + rows.join('');
};

const sweep = async (
  product: Product,
  slack: SlackApp,
  mishapsHappened: boolean,
  { out, signal }: DemoOptions,
): Promise<boolean> => {
  const startedMs = performance.now();
  const sweepMs = Date.now();
  await slack.watch.started?.(sweepMs);
  const outcomes = await product.sweep(async (outcome) => {
    await slack.watch.outcome?.(outcome, sweepMs);
    out(`  ${outcome.line}\n`);
    if (outcome.pictureLocation !== null) out(`     ${outcome.pictureLocation}\n`);
  }, signal);
  await slack.watch.finished?.(outcomes, performance.now() - startedMs, sweepMs);
  out(`\n${comparison(outcomes, mishapsHappened)}\n`);
  return outcomes.every((outcome) => matchesTruth(outcome, truthOf(outcome.device, mishapsHappened)));
};

const causeMishaps = (sites: readonly RunningSite[], out: DemoOptions['out']): void => {
  for (const { camera, what, offset } of MISHAPS) {
    for (const site of sites) {
      const index = site.site.cameras.findIndex(
        ({ cameraName }) => `${site.site.name}/${cameraName}` === camera,
      );
      if (index >= 0) site.turnMount(index, offset);
    }
    out(`  ${camera} ${what}\n`);
  }
};

const tellHow = (demo: DemoSettings, out: DemoOptions['out']): void =>
  out(
    'The cameras stay up and a sweep runs every minute; stop with Ctrl-C. In another terminal, here:\n' +
      `  . ${demo.envFile}; export CALIB_CONFIG=${demo.configFile}\n` +
      '  node dist/src/main.js check harbour/quay-crane\n' +
      '  node dist/src/main.js history ridge/fire-tower --plot history.png\n\n',
  );

/** Two sweeps with mishaps between them; whether every verdict was the true one. */
const tellStory = async (
  product: Product,
  slack: SlackApp,
  sites: readonly RunningSite[],
  options: DemoOptions,
): Promise<boolean> => {
  const { out } = options;
  out('2. Reference scans: each camera is driven around once and put back\n');
  await scanAll(product, options);
  out('\n3. The first sweep: nothing has happened yet\n');
  const first = await sweep(product, slack, false, options);
  out('4. Meanwhile, at the sites (telemetry does not show it)\n');
  causeMishaps(sites, out);
  out('\n5. The second sweep\n');
  const second = await sweep(product, slack, true, options);
  const told = first && second ? 'Every verdict is correct' : 'A verdict is WRONG';
  out(`${told}; the tolerance of angles is ${TOLERANCE_DEG}°.\n\n`);
  return first && second;
};

const tellWays = ({ site, mqttPort, cameras, cluster }: RunningSite, out: DemoOptions['out']): void => {
  const way =
    cluster === null ? 'reached directly' : `reached through its Kubernetes API server ${cluster.url}`;
  out(`  ${site.name}, ${way}; MQTT on ${mqttPort}\n`);
  site.cameras.forEach(({ cameraName }, index) => {
    const { rtspPort, rtspPath, onvifPort } = cameras[index]!;
    out(`    ${cameraName}: rtsp://127.0.0.1:${rtspPort}${rtspPath}, ONVIF on ${onvifPort}\n`);
  });
};

const onSites = async (
  sites: readonly RunningSite[],
  workspace: SlackSandbox,
  options: DemoOptions,
): Promise<number> => {
  const { out, signal } = options;
  sites.forEach((site) => tellWays(site, out));
  const demo = await writeDemoSettings(path.resolve(DATA_DIR), sites, workspace);
  out(`  settings: ${demo.configFile}\n`);
  out(`  Slack: open ${workspace.url} in a browser to watch, type and click\n\n`);
  const settings = await loadSettings(demo.configFile, { ...process.env, ...demo.env });
  const log = ({ level, message }: LogEntry): void => {
    if (level !== 'debug') options.err(`  ${level}: ${message}\n`);
  };
  const product = await openProduct(settings, log);
  try {
    return await withSlack(product, log, signal, async (slack) => {
      const isTrue = await tellStory(product, slack, sites, options);
      if (!options.once) {
        tellHow(demo, out);
        await product.serve((line) => out(`${line}\n`), signal, slack.watch);
      }
      return isTrue ? 0 : 1;
    });
  } finally {
    await product.close();
  }
};

/** The main job on virtual cameras; answers the exit code: 0 when every verdict was the true one. */
export const runDemo = async (options: DemoOptions): Promise<number> => {
  const { out, signal } = options;
  out('\n1. Two virtual sites with three PTZ cameras, and a Slack workspace, on 127.0.0.1\n');
  const workspace = await startWorkspace();
  const starting = await Promise.allSettled(DEMO_SITES.map((site) => launchSite(site, signal)));
  const sites = starting.flatMap((started) => (started.status === 'fulfilled' ? [started.value] : []));
  try {
    const failed = starting.find((started) => started.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return await onSites(sites, workspace, options);
  } finally {
    await Promise.all([workspace.close(), ...sites.map((site) => site.close())]);
  }
};
