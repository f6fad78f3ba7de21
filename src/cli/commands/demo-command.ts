import type { Command } from 'commander';
import type { Shell } from '../support/shell.js';

/** The product on virtual sites, without any camera, cluster or account. */
export function demoCommand(program: Command, shell: Shell): void {
  program
    .command('demo')
    .description('watch the product at work on virtual cameras, on this machine alone')
    .option('--once', 'end after one round')
    .addHelpText('after', '\nExamples:\n  calib demo\n  calib demo --once')
    .action(async (options: { once?: true }) => {
      shell.exitCode = await shell.runDemo({ once: options.once === true });
    });
}
