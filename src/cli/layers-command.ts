import { Option, type Command } from 'commander';
import type { DeviceSettings } from '../config/settings.js';
import type { Product } from '../monitor/product.js';
import { selectDevice } from '../monitor/select-devices.js';
import { cameraPath } from '../monitor/words.js';
import { EXIT, type Shell } from './shell.js';
import { layerInWords, layerJson } from './tell-layer.js';
import { scannedInWords, scannedJson, scansExitCode, type Scanned } from './tell-reference.js';
import { jsonLine } from './words.js';
import { addCommand, finishEarlier, withProduct, type CommonOptions } from './with-product.js';

interface Options extends CommonOptions {
  readonly drop?: string;
  readonly rebuild?: string;
}

const list = async (product: Product, device: DeviceSettings, shell: Shell, json: boolean): Promise<void> => {
  const layers = await product.layers(device);
  const tell = json ? layerJson : layerInWords;
  layers.forEach((layer) => shell.out(tell(layer, device)));
  if (layers.length === 0)
    shell.err(`${cameraPath(device)} has no layers: calib reference ${cameraPath(device)} --layer night\n`);
};

const drop = async (
  product: Product,
  device: DeviceSettings,
  layer: string,
  shell: Shell,
  json: boolean,
): Promise<void> => {
  await product.dropLayer(device, layer, shell.signal);
  const { deviceId, deploymentName, cameraName } = device;
  const told = { device: deviceId, deployment: deploymentName, camera: cameraName, layer, dropped: true };
  const regrows =
    layer === 'grown' && device.growLayers ? ' It grows anew; set grow_layers: false to keep it away.' : '';
  shell.out(json ? jsonLine(told) : `${cameraPath(device)}: layer ${layer} dropped.${regrows}\n`);
};

const rebuild = async (
  product: Product,
  device: DeviceSettings,
  layer: string,
  shell: Shell,
  json: boolean,
): Promise<void> => {
  const scanned: Scanned = { device, report: await product.rebuildLayer(device, layer, shell.signal) };
  shell.exitCode = scansExitCode([scanned]);
  shell.out(json ? scannedJson(scanned) : scannedInWords(scanned));
};

/** The pictures in other lights that a camera's reference holds. */
export function layersCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'layers <device>',
    does: "list the layers of a camera's reference (night, snow …), drop one, or tie one to it anew",
    json: 'print one JSON object a line and layer',
    examples: ['layers north-mast', 'layers north-mast --rebuild night', 'layers cam-1 --drop grown'],
  })
    .addOption(new Option('--drop <layer>', 'delete a layer').conflicts('rebuild'))
    .option('--rebuild <layer>', "tie a layer to today's reference from its own pictures")
    .action(async (name: string, options: Options) => {
      const settings = await shell.loadSettings(options.config);
      const device = selectDevice(settings, name);
      const json = options.json === true;
      await withProduct(shell, settings, async (product) => {
        shell.exitCode = EXIT.ok;
        if (options.drop === undefined && options.rebuild === undefined)
          return list(product, device, shell, json);
        await finishEarlier(product, shell);
        if (options.drop !== undefined) return drop(product, device, options.drop, shell, json);
        return rebuild(product, device, options.rebuild ?? '', shell, json);
      });
    });
}
