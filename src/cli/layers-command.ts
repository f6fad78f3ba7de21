import { Option, type Command } from 'commander';
import type { DeviceSettings } from '../config/settings.js';
import type { Product } from '../monitor/product.js';
import { selectDevice } from '../monitor/select-devices.js';
import { cameraPath, timeInWords } from '../monitor/words.js';
import { EXIT, type Shell } from './shell.js';
import { layerInWords, layerJson } from './tell-layer.js';
import { scannedInWords, scannedJson, scansExitCode, type Scanned } from './tell-reference.js';
import { jsonLine } from './words.js';
import { addCommand, finishEarlier, withProduct, type CommonOptions } from './with-product.js';

interface Options extends CommonOptions {
  readonly drop?: string;
  readonly rebuild?: string;
  readonly restore?: string;
}

const namesOf = ({ deviceId, deploymentName, cameraName }: DeviceSettings) => ({
  device: deviceId,
  deployment: deploymentName,
  camera: cameraName,
});

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
  const told = { ...namesOf(device), layer, dropped: true };
  const regrows =
    layer === 'grown' && device.growLayers ? ' It grows anew; set grow_layers: false to keep it away.' : '';
  shell.out(json ? jsonLine(told) : `${cameraPath(device)}: layer ${layer} dropped.${regrows}\n`);
};

const restore = async (
  product: Product,
  device: DeviceSettings,
  layer: string,
  shell: Shell,
  json: boolean,
): Promise<void> => {
  const { scannedAt } = await product.restoreLayer(device, layer, shell.signal);
  const told = { ...namesOf(device), layer, restored: true, scanned_at: scannedAt };
  const line = `${cameraPath(device)}: layer ${layer} of ${timeInWords(scannedAt)} UTC is back.\n`;
  shell.out(json ? jsonLine(told) : line);
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
    .addOption(new Option('--drop <layer>', 'delete a layer').conflicts(['rebuild', 'restore']))
    .addOption(
      new Option('--rebuild <layer>', "tie a layer to today's reference from its own pictures").conflicts(
        'restore',
      ),
    )
    .option('--restore <layer>', 'put the layer that was replaced last back')
    .action(async (name: string, options: Options) => {
      const settings = await shell.loadSettings(options.config);
      const device = selectDevice(settings, name);
      const json = options.json === true;
      await withProduct(shell, settings, async (product) => {
        shell.exitCode = EXIT.ok;
        const { drop: dropped, rebuild: rebuilt, restore: restored } = options;
        if (restored !== undefined) return restore(product, device, restored, shell, json);
        if (dropped === undefined && rebuilt === undefined) return list(product, device, shell, json);
        await finishEarlier(product, shell);
        if (dropped !== undefined) return drop(product, device, dropped, shell, json);
        return rebuild(product, device, rebuilt ?? '', shell, json);
      });
    });
}
