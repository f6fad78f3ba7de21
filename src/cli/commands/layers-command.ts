import { Option, type Command } from 'commander';
import type { DeviceSettings } from '../../config/settings.js';
import type { Product } from '../../monitor/product.js';
import { selectDevice } from '../../monitor/text/device-selection.js';
import { cameraPath, timeInWords } from '../../monitor/text/wording.js';
import type { Shell } from '../support/shell.js';
import { layerInWords, layerJson } from '../support/tell-layer.js';
import { scannedInWords, scannedJson, scansExitCode, type Scanned } from '../support/tell-reference.js';
import { jsonLine } from '../support/words.js';
import { addCommand, finishEarlier, withProduct, type CommonOptions } from '../support/with-product.js';

interface Options extends CommonOptions {
  readonly drop?: string;
  readonly rebuild?: string;
  readonly restore?: string;
}

/** What the command was called for. */
interface Asked {
  readonly product: Product;
  readonly device: DeviceSettings;
  readonly shell: Shell;
  readonly json: boolean;
}

/** Tells what was done to a layer, in words or as JSON. */
const tell = ({ device, shell, json }: Asked, layer: string, words: string, done: object): void => {
  const { deviceId, deploymentName, cameraName } = device;
  const names = { device: deviceId, deployment: deploymentName, camera: cameraName, layer };
  shell.out(json ? jsonLine({ ...names, ...done }) : `${cameraPath(device)}: layer ${layer} ${words}\n`);
};

const list = async ({ product, device, shell, json }: Asked): Promise<void> => {
  const layers = await product.layers(device);
  layers.forEach((layer) => shell.out(json ? layerJson(layer, device) : layerInWords(layer, device)));
  if (layers.length === 0)
    shell.err(`${cameraPath(device)} has no layers: calib reference ${cameraPath(device)} --layer night\n`);
};

const drop = async (asked: Asked, layer: string): Promise<void> => {
  const { product, device, shell } = asked;
  await product.dropLayer(device, layer, shell.signal);
  const regrows = layer === 'grown' && device.growLayers;
  const words = regrows ? 'dropped. It grows anew; set grow_layers: false to keep it away.' : 'dropped.';
  tell(asked, layer, words, { dropped: true });
};

const restore = async (asked: Asked, layer: string): Promise<void> => {
  const { product, device, shell } = asked;
  const { scannedAt } = await product.restoreLayer(device, layer, shell.signal);
  const words = `of ${timeInWords(scannedAt)} UTC is back.`;
  tell(asked, layer, words, { restored: true, scanned_at: scannedAt });
};

const rebuild = async ({ product, device, shell, json }: Asked, layer: string): Promise<void> => {
  const scanned: Scanned = { device, report: await product.rebuildLayer(device, layer, shell.signal) };
  shell.exitCode = scansExitCode([scanned]);
  shell.out(json ? scannedJson(scanned) : scannedInWords(scanned));
};

const act = async (asked: Asked, options: Options): Promise<void> => {
  const { product, shell } = asked;
  if (options.restore !== undefined) return restore(asked, options.restore);
  if (options.drop === undefined && options.rebuild === undefined) return list(asked);
  await finishEarlier(product, shell);
  if (options.drop !== undefined) return drop(asked, options.drop);
  return rebuild(asked, options.rebuild ?? '');
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
      const settings = await shell.loadSettings(options.config, []);
      const device = selectDevice(settings, name);
      await withProduct(shell, settings, (product) =>
        act({ product, device, shell, json: options.json === true }, options),
      );
    });
}
