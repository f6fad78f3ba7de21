import { Option, type Command } from 'commander';
import type { DeviceSettings } from '../../config/settings.js';
import type { CheckOutcome } from '../../monitor/product.js';
import { OutcomeCollector } from '../support/outcome-collector.js';
import { selectDevices } from '../../monitor/text/device-selection.js';
import type { Shell } from '../support/shell.js';
import { hasSharedFault } from '../../monitor/record/shared-faults.js';
import { countsInWords, outcomeInWords, outcomeJson, sharedFaultsInWords } from '../support/tell-outcome.js';
import {
  addCommand,
  finishEarlier,
  inParallel,
  withProduct,
  type CommonOptions,
} from '../support/with-product.js';

interface Options extends CommonOptions {
  readonly active?: true;
  readonly passive?: true;
}

/** Without a flag the settings decide: active when the camera has active stops. */
const modeOf = ({ active, passive }: Options): { mode?: 'active' | 'passive' } => {
  if (active) return { mode: 'active' };
  return passive ? { mode: 'passive' } : {};
};

/** A fault of a whole deployment is told once, at the end, in words; programs get every outcome. */
const textOf = (outcome: CheckOutcome, json: boolean): string => {
  if (json) return outcomeJson(outcome);
  return hasSharedFault(outcome) ? '' : outcomeInWords(outcome);
};

const ending = (outcomes: readonly CheckOutcome[]): string =>
  sharedFaultsInWords(outcomes) + (outcomes.length > 1 ? countsInWords(outcomes) : '');

/** Measures cameras now, several at once, a line for each as it comes. */
export function checkCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'check <device...>',
    does: 'measure cameras now; names are device_id, camera_name, deployment/camera, or globs of these',
    json: 'print one JSON object a line and camera',
    examples: ['check north-mast', "check 'site-a/*' cam-7 --passive", 'check cam-1 --active --json'],
  })
    .addOption(new Option('--active', 'drive to the active stops and back').conflicts('passive'))
    .option('--passive', 'look only where the camera looks anyway')
    .action(async (names: string[], options: Options) => {
      const settings = await shell.loadSettings(options.config, ['cameras']);
      const devices = selectDevices(settings, names);
      const json = options.json === true;
      const collector = new OutcomeCollector(shell, 'check', devices.length);
      await withProduct(shell, settings, async (product) => {
        await finishEarlier(product, shell);
        const check = async (device: DeviceSettings): Promise<void> => {
          const outcome = await product.check(device, modeOf(options), shell.signal);
          collector.add(outcome, textOf(outcome, json));
        };
        try {
          await collector.during(() => inParallel(devices, settings.concurrency, shell.signal, check));
        } finally {
          if (!json) shell.out(ending(collector.outcomes));
        }
      });
    });
}
