import type { Command } from 'commander';
import { planFromSettings } from '../../capture/planning/scan-plan.js';
import type { DeploymentSettings, DeviceSettings, Settings } from '../../config/settings.js';
import type { Probed } from '../../monitor/product.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import { EXIT, type Shell } from '../support/shell.js';
import { counted } from '../../monitor/text/wording.js';
import { leftOutInWords, planSize } from '../support/tell-plan.js';
import { jsonLine } from '../support/words.js';
import { addCommand, withProduct, type CommonOptions } from '../support/with-product.js';

interface Options extends CommonOptions {
  readonly connect?: true;
}

/** How many stops the reference scan of a camera has; null where it measures and plans them itself when it is made. */
const stopCount = (device: DeviceSettings): number | null =>
  (device.referenceStops ?? planFromSettings(device)?.stops)?.length ?? null;

const contents = (settings: Settings): string => {
  const counts = allDevices(settings).map(stopCount);
  const unplanned = counts.filter((count) => count === null).length;
  return [
    counted(settings.deployments.length, 'deployment'),
    counted(counts.length, 'camera'),
    counted(
      counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
      'reference stop',
    ),
    ...(unplanned === 0 ? [] : [`${counted(unplanned, 'reference scan')} planned when scanned`]),
  ].join(', ');
};

const scanOf = (device: DeviceSettings): string => {
  if (device.referenceStops !== null) return counted(device.referenceStops.length, 'reference stop');
  const plan = planFromSettings(device);
  return plan === null ? 'auto: planned when scanned' : `auto: about ${planSize(plan)}`;
};

/** What the plan of a scan leaves out, a line each. */
const leftOutOf = (device: DeviceSettings): string => {
  const plan = device.referenceStops === null ? planFromSettings(device) : null;
  return (plan === null ? [] : leftOutInWords(plan)).map((line) => `    ${line}\n`).join('');
};

const checksOf = ({ activeStops }: DeviceSettings): string =>
  activeStops.length === 0 ? 'passive checks' : `active checks at ${counted(activeStops.length, 'stop')}`;

const deviceInWords = (device: DeviceSettings): string =>
  `  ${device.cameraName} (${device.deviceId}): ${scanOf(device)}, ` +
  `${checksOf(device)}, threshold ${device.thresholdDeg}°\n${leftOutOf(device)}`;

const deploymentInWords = ({ name, kube, devices }: DeploymentSettings): string => {
  const way = kube === null ? 'reached directly' : `through ${kube.context}, namespace ${kube.namespace}`;
  return `${name}: ${counted(devices.length, 'camera')}, ${way}\n${devices.map(deviceInWords).join('')}`;
};

const settingsInWords = (file: string, settings: Settings): string => {
  const { storage, results, queue, slack, schedule, concurrency } = settings;
  const filesIn = storage.kind === 's3' ? `s3://${storage.bucket}` : storage.rootDir;
  const workIn = queue.kind === 'sqs' ? `, work in SQS ${queue.name}` : '';
  const rowsIn = results.kind === 'athena' ? `Athena ${results.database}` : results.file;
  return [
    `${file} is sound: ${contents(settings)}.\n`,
    ...settings.deployments.map(deploymentInWords),
    `Files in ${filesIn}, rows in ${rowsIn}${workIn}, ${slack === null ? 'no Slack' : `Slack ${slack.channel}`}; `,
    `a sweep every ${schedule.everyMinutes} min, ${counted(concurrency, 'camera')} at once.\n`,
  ].join('');
};

const deviceJson = (device: DeviceSettings): object => ({
  device: device.deviceId,
  camera: device.cameraName,
  reference_scan: device.referenceStops === null ? 'auto' : 'listed',
  reference_stops: stopCount(device),
  active_stops: device.activeStops.length,
  threshold_deg: device.thresholdDeg,
});

/** Of the shape of what was probed, so that every line reads alike. */
const settingsJson = (file: string, settings: Settings): string =>
  jsonLine({
    what: 'settings',
    name: file,
    ok: true,
    found: contents(settings),
    deployments: settings.deployments.map(({ name, devices }) => ({
      deployment: name,
      cameras: devices.map(deviceJson),
    })),
  });

const probedInWords = ({ what, name, ok, found }: Probed): string =>
  `${ok ? '✓' : '✗'} ${what.padEnd(9)} ${name}: ${found}\n`;

const connect = (shell: Shell, settings: Settings, json: boolean): Promise<void> =>
  withProduct(shell, settings, async (product) => {
    const onProbed = (probed: Probed): void => shell.out(json ? jsonLine(probed) : probedInWords(probed));
    const probed = await product.probe(onProbed, shell.signal);
    const reached = probed.filter(({ ok }) => ok).length;
    if (!json) shell.out(`${reached} of ${probed.length} reached.\n`);
    shell.exitCode = reached === probed.length ? EXIT.ok : EXIT.trouble;
  });

/** Checks devices.yaml, and on demand everything that it names. */
export function validateCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'validate',
    does: 'check the settings and say what is in them',
    json: 'print JSON objects, one a line: what, name, ok, found',
    examples: ['validate', 'validate --config site-a.yaml --connect', 'validate --connect --json'],
  })
    .option('--connect', 'also try every store, cluster, broker and camera, without moving anything')
    .action(async (options: Options) => {
      const settings = await shell.loadSettings(options.config, ['slack', 'cameras']);
      const json = options.json === true;
      shell.out(json ? settingsJson(options.config, settings) : settingsInWords(options.config, settings));
      shell.exitCode = EXIT.ok;
      if (options.connect) await connect(shell, settings, json);
    });
}
