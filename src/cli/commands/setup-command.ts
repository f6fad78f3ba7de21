import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Provision } from '../../ports/provision.js';
import { counted } from '../../monitor/text/wording.js';
import { PRICES_OF } from './aws-prices.js';
import { monthlyCost, type Cost } from './monthly-cost.js';
import type { Shell } from '../support/shell.js';
import { jsonLine } from '../support/words.js';
import { addCommand, type CommonOptions } from '../support/with-product.js';

interface SetupOptions extends CommonOptions {
  readonly print?: true;
  readonly cameras?: number;
}

const MOST_CAMERAS = 1_000_000;

const cameraCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_CAMERAS) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_CAMERAS}.`);
};

const printed = ({ name, plan }: Provision, json: boolean): string =>
  json ? jsonLine({ name, plan }) : `-- ${name}\n${plan}\n\n`;

const tellCost = (shell: Shell, costs: readonly Cost[], cameras: number): void => {
  const total = costs.reduce((sum, { dollars }) => sum + dollars, 0);
  const rounded = total.toFixed(total < 10 ? 2 : 0);
  shell.out(`About $${rounded} a month for ${counted(cameras, 'camera')} (list prices of ${PRICES_OF}):\n`);
  for (const { what, dollars } of costs) shell.out(`  $${dollars.toFixed(2).padStart(9)}  ${what}\n`);
};

/** Makes in the cloud what the settings name. */
export function setupCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'setup',
    does: 'make the database, table, queues and schedule that the settings name, where they are missing; tell their cost',
    json: 'print each thing as a JSON object: name, and done or plan',
    examples: ['setup --print', 'setup', 'setup --cameras 3000'],
  })
    .option('--print', 'print the statements and objects, and send nothing')
    .addOption(new Option('--cameras <n>', 'tell the cost of a fleet of so many').argParser(cameraCount))
    .action(async ({ config, json, print, cameras }: SetupOptions) => {
      const settings = await shell.loadSettings(config, []);
      const provisions = await shell.openSetup(settings);
      for (const provision of provisions) {
        if (print) {
          shell.out(printed(provision, json === true));
          continue;
        }
        const done = await provision.ensure(shell.signal);
        const { name } = provision;
        shell.out(json ? jsonLine({ name, done }) : `${name}: ${done}\n`);
      }
      if (json) return;
      if (provisions.length === 0)
        return shell.out(
          'Nothing is to be made: the settings name no table in Athena and no queue in SQS.\n',
        );
      const own = settings.deployments.reduce((sum, { devices }) => sum + devices.length, 0);
      const size = cameras ?? own;
      tellCost(shell, monthlyCost(settings, size), size);
    });
}
