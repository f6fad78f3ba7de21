import { Option, type Command } from 'commander';
import type { DeviceSettings, Settings } from '../config/settings.js';
import type { Product } from '../monitor/product.js';
import { AppError } from '../ports/app-error.js';
import { ProgressLine } from './progress-line.js';
import { allDevices, selectDevices } from '../monitor/select-devices.js';
import { restoreAll } from './restore-references.js';
import type { Shell } from './shell.js';
import { scannedInWords, scannedJson, scansExitCode, type Scanned } from './tell-reference.js';
import { cameraPath } from '../monitor/words.js';
import { addCommand, finishEarlier, inParallel, withProduct, type CommonOptions } from './with-product.js';

interface Options extends CommonOptions {
  readonly all?: true;
  readonly missing?: true;
  readonly restore?: true;
}

const wantedDevices = (settings: Settings, names: readonly string[], options: Options): DeviceSettings[] => {
  const takesAll = options.all === true || options.missing === true;
  if (takesAll === names.length > 0)
    throw new AppError(
      'bad_argument',
      takesAll ? '--all and --missing take no names.' : 'No camera is named.',
      'Name cameras, or give --all or --missing.',
    );
  return takesAll ? allDevices(settings) : selectDevices(settings, names);
};

const withoutReference = async (
  product: Product,
  devices: readonly DeviceSettings[],
): Promise<DeviceSettings[]> => {
  const missing: DeviceSettings[] = [];
  for (const device of devices) if (!(await product.hasReference(device))) missing.push(device);
  return missing;
};

/** One camera; a failure of this camera must not keep the others from being scanned. */
const scan = async (
  product: Product,
  device: DeviceSettings,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<Scanned> => {
  const name = cameraPath(device);
  try {
    return {
      device,
      report: await product.scanReference(device, (step) => progress.show(name, step), signal),
    };
  } catch (fault) {
    if (!(fault instanceof AppError) || signal.aborted) throw fault;
    return { device, fault };
  } finally {
    progress.end(name);
  }
};

/** Deployments side by side; within one camera after camera, for its uplink and for whoever watches them move. */
const scanAll = async (
  product: Product,
  devices: readonly DeviceSettings[],
  shell: Shell,
  json: boolean,
): Promise<void> => {
  const progress = new ProgressLine(shell, 'stops');
  const scans: Scanned[] = [];
  const deployments = product.settings.deployments.map(({ name }) =>
    devices.filter(({ deploymentName }) => deploymentName === name),
  );
  await inParallel(deployments, product.settings.concurrency, shell.signal, async (group) => {
    for (const device of group) {
      const scanned = await scan(product, device, progress, shell.signal);
      scans.push(scanned);
      shell.exitCode = scansExitCode(scans);
      progress.printing(() => shell.out(json ? scannedJson(scanned) : scannedInWords(scanned)));
    }
  });
};

/** Scans what later checks are measured against. */
export function referenceCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'reference [device...]',
    does:
      'scan new references: drives each camera to all its reference stops and back; ' +
      'a scan that was broken off goes on where it was',
    json: 'print one JSON object a line and camera: its report or why there is none',
    examples: [
      'reference north-mast',
      "reference 'site-a/*'",
      'reference --restore north-mast',
      'reference --missing',
      'reference --all --json',
    ],
  })
    .addOption(new Option('--all', 'every camera').conflicts(['missing', 'restore']))
    .addOption(new Option('--missing', 'every camera that has no reference').conflicts('restore'))
    .option('--restore', 'scan nothing: put the references before the present ones back')
    .action(async (names: string[], options: Options) => {
      const settings = await shell.loadSettings(options.config);
      const wanted = wantedDevices(settings, names, options);
      await withProduct(shell, settings, async (product) => {
        if (options.restore) return restoreAll(product, wanted, shell, options.json === true);
        await finishEarlier(product, shell);
        const devices = options.missing ? await withoutReference(product, wanted) : wanted;
        if (devices.length === 0) shell.err('Every camera has a reference.\n');
        await scanAll(product, devices, shell, options.json === true);
      });
    });
}
