import { Option, type Command } from 'commander';
import type { Provision } from '../ports/provision.js';
import { monthlyCost } from './monthly-cost.js';
import type { Shell } from './shell.js';
import { jsonLine } from './words.js';
import { addCommand, type CommonOptions } from './with-product.js';

interface SetupOptions extends CommonOptions {
  readonly print?: true;
  readonly cameras?: number;
}

const positive = (text: string): number => Math.max(1, Number.parseInt(text, 10) || 1);

const printed = ({ name, plan }: Provision, json: boolean): string =>
  json ? jsonLine({ name, plan }) : `-- ${name}\n${plan}\n\n`;

const tellCost = (
  shell: Shell,
  costs: readonly { what: string; dollars: number }[],
  cameras: number,
): void => {
  const total = costs.reduce((sum, { dollars }) => sum + dollars, 0);
  shell.out(`About $${total.toFixed(0)} a month for ${cameras} cameras (list prices of us-east-1):\n`);
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
    .addOption(new Option('--cameras <n>', 'tell the cost of a fleet of so many').argParser(positive))
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
