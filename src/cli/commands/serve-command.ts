import { type Command, Option } from 'commander';
import type { Product } from '../../monitor/product.js';
import type { Role } from '../../monitor/record/sweep-watch.js';
import type { Shell } from '../support/shell.js';
import { isInterruption } from '../support/tell-fault.js';
import { addCommand, type CommonOptions, withProduct } from '../support/with-product.js';
import { jsonLine } from '../support/words.js';

const ROLES: readonly Role[] = ['all', 'worker', 'scheduler'];

/** Being told to stop is how a service ends: no fault. */
const serve = async (
  product: Product,
  shell: Shell,
  role: Role,
  tell: (message: string) => void,
): Promise<void> => {
  const health = await shell.openHealth(product);
  const slack = await shell.openSlack(product);
  const failing = new AbortController();
  const signal = AbortSignal.any([shell.signal, failing.signal]);
  // Sweeps do not wait for Slack; a token that only a person can mend ends them.
  const connecting = slack?.start(signal).catch((fault: unknown) => failing.abort(fault));
  try {
    await product.serve(tell, signal, slack?.watch, role);
  } catch (fault) {
    if (!isInterruption(fault, shell.signal)) throw fault;
  } finally {
    await slack?.close();
    await connecting;
    await health?.close();
  }
};

/** Sweeps on the schedule until told to stop. */
export function serveCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'serve',
    does: 'sweep on the schedule of the settings until Ctrl-C or SIGTERM; a line for each camera',
    json: 'print each line as a JSON object: time, message',
    examples: ['serve', 'serve --config /etc/calib/devices.yaml --json', 'serve --role worker'],
  })
    .addOption(
      new Option('--role <role>', 'begin sweeps on the schedule, check their cameras, or both')
        .choices(ROLES)
        .default('all'),
    )
    .action(async (options: CommonOptions & { readonly role: Role }) => {
      const settings = await shell.loadSettings(options.config, ['slack', 'cameras']);
      const tell = (message: string): void => {
        const time = new Date(shell.nowMs()).toISOString();
        shell.out(options.json ? jsonLine({ time, message }) : `${time} ${message}\n`);
      };
      await withProduct(shell, settings, (product) => serve(product, shell, options.role, tell));
    });
}
