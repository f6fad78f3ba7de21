import { Option, type Command } from 'commander';
import type { CheckOutcome } from '../monitor/product.js';
import { selectDevices } from './select-devices.js';
import type { Shell } from './shell.js';
import { countsInWords, exitCodeOf, outcomeInWords, outcomeJson } from './tell-outcome.js';
import { addCommand, inParallel, withProduct, type CommonOptions } from './with-product.js';

interface Options extends CommonOptions {
  readonly active?: true;
  readonly passive?: true;
}

/** Without a flag the settings decide: active when the camera has active stops. */
const modeOf = ({ active, passive }: Options): { mode?: 'active' | 'passive' } => {
  if (active) return { mode: 'active' };
  return passive ? { mode: 'passive' } : {};
};

/** A fault of a whole deployment is told once in words; programs get every outcome. */
const tell = (shell: Shell, outcome: CheckOutcome, json: boolean): void => {
  if (json) shell.out(outcomeJson(outcome));
  else if (!outcome.repeated) shell.out(outcomeInWords(outcome));
};

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
      const settings = await shell.loadSettings(options.config);
      const devices = selectDevices(settings, names);
      await withProduct(shell, settings, async (product) => {
        const outcomes: CheckOutcome[] = [];
        await inParallel(devices, settings.concurrency, shell.signal, async (device) => {
          const outcome = await product.check(device, modeOf(options), shell.signal);
          outcomes.push(outcome);
          tell(shell, outcome, options.json === true);
        });
        if (outcomes.length > 1 && !options.json) shell.out(countsInWords(outcomes));
        return exitCodeOf(outcomes);
      });
    });
}
