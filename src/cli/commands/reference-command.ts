import { Option, type Command } from 'commander';
import type { DeviceSettings, Settings } from '../../config/settings.js';
import { checkLayerName } from '../../monitor/references/layer-store.js';
import type { Product, ScanProgress } from '../../monitor/product.js';
import { AppError } from '../../ports/app-error.js';
import { ProgressLine } from '../support/progress-line.js';
import { allDevices, selectDevices } from '../../monitor/text/device-selection.js';
import { restoreAll } from './restore-references.js';
import type { Shell } from '../support/shell.js';
import { planInWords } from '../support/tell-plan.js';
import { scannedInWords, scannedJson, scansExitCode, type Scanned } from '../support/tell-reference.js';
import { cameraPath } from '../../monitor/text/wording.js';
import {
  addCommand,
  finishEarlier,
  inParallel,
  withProduct,
  type CommonOptions,
} from '../support/with-product.js';

interface Options extends CommonOptions {
  readonly all?: true;
  readonly missing?: true;
  readonly restore?: true;
  readonly layer?: string;
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

/** Those that have no reference yet, or not the layer that is asked for. */
const stillMissing = async (
  product: Product,
  devices: readonly DeviceSettings[],
  layer: string | undefined,
): Promise<DeviceSettings[]> => {
  const missing: DeviceSettings[] = [];
  for (const device of devices) {
    const isThere = layer === undefined ? product.hasReference(device) : product.hasLayer(device, layer);
    if (!(await isThere)) missing.push(device);
  }
  return missing;
};

/** Tells how far a scan is, and once what it has planned. */
const tellSteps = (name: string, progress: ProgressLine, shell: Shell): ((step: ScanProgress) => void) => {
  let isToldOfPlan = false;
  return (step) => {
    const { plan } = step;
    if (plan && !isToldOfPlan) progress.printing(() => shell.err(planInWords(name, plan)));
    isToldOfPlan ||= Boolean(plan);
    progress.show(name, step);
  };
};

/** One camera; a failure of this camera must not keep the others from being scanned. */
const scan = async (
  product: Product,
  device: DeviceSettings,
  layer: string | undefined,
  progress: ProgressLine,
  shell: Shell,
): Promise<Scanned> => {
  const { signal } = shell;
  const name = cameraPath(device);
  const onProgress = tellSteps(name, progress, shell);
  try {
    const report =
      layer === undefined
        ? await product.scanReference(device, onProgress, signal)
        : await product.scanLayer(device, layer, onProgress, signal);
    return { device, report };
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
  { layer, json = false }: { readonly layer?: string; readonly json?: boolean },
): Promise<void> => {
  const progress = new ProgressLine(shell, 'stops');
  const scans: Scanned[] = [];
  const deployments = product.settings.deployments.map(({ name }) =>
    devices.filter(({ deploymentName }) => deploymentName === name),
  );
  await inParallel(deployments, product.settings.concurrency, shell.signal, async (group) => {
    for (const device of group) {
      const scanned = await scan(product, device, layer, progress, shell);
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
      'reference north-mast --layer night',
    ],
  })
    .addOption(new Option('--all', 'every camera').conflicts(['missing', 'restore']))
    .addOption(new Option('--missing', 'every camera that has no reference').conflicts('restore'))
    .option('--restore', 'scan nothing: put the references before the present ones back')
    .addOption(
      new Option(
        '--layer <name>',
        'scan a layer of the reference, such as night: the same stops in another light',
      ).conflicts('restore'),
    )
    .action(async (names: string[], options: Options) => {
      const { layer } = options;
      if (layer !== undefined) checkLayerName(layer);
      const settings = await shell.loadSettings(options.config, ['cameras']);
      const wanted = wantedDevices(settings, names, options);
      await withProduct(shell, settings, async (product) => {
        if (options.restore) return restoreAll(product, wanted, shell, options.json === true);
        await finishEarlier(product, shell);
        const devices = options.missing ? await stillMissing(product, wanted, layer) : wanted;
        if (devices.length === 0)
          shell.err(`Every camera has a ${layer === undefined ? 'reference' : `layer ${layer}`}.\n`);
        await scanAll(product, devices, shell, options);
      });
    });
}
