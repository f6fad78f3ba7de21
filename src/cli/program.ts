import { Command } from 'commander';
import { checkCommand } from './commands/check-command.js';
import { demoCommand } from './commands/demo-command.js';
import { historyCommand } from './commands/history-command.js';
import { layersCommand } from './commands/layers-command.js';
import { referenceCommand } from './commands/reference-command.js';
import { serveCommand } from './commands/serve-command.js';
import type { Shell } from './support/shell.js';
import { setupCommand } from './commands/setup-command.js';
import { solveCommand } from './commands/solve-command.js';
import { sweepCommand } from './commands/sweep-command.js';
import { validateCommand } from './commands/validate-command.js';

const HELP_AFTER = `
Examples:
  calib validate --connect
  calib reference --missing
  calib check north-mast 'site-b/*'
  calib history north-mast --since 24h

Exit codes:
  0    all fine; serve was told to stop
  1    a camera drifted (check, sweep), a reference is unusable, something is not reachable (validate)
  2    unusable settings, arguments or folders
  3    something could not be measured or scanned, and nothing worse was found
  70   a fault of the program itself
  130  interrupted`;

/** The whole command line. Each subcommand sets `shell.exitCode`; nothing here touches the process. */
export function buildProgram(shell: Shell): Command {
  const program = new Command('calib')
    .description('Knows by how many degrees each PTZ camera of a fleet has been knocked, leaned or slipped')
    .version(shell.version)
    .showHelpAfterError('(add --help for options and examples)')
    .showSuggestionAfterError()
    .addHelpText('after', HELP_AFTER)
    .configureOutput({ writeOut: (text) => shell.out(text), writeErr: (text) => shell.err(text) })
    .exitOverride();
  const commands = [
    validateCommand,
    referenceCommand,
    layersCommand,
    checkCommand,
    sweepCommand,
    historyCommand,
    serveCommand,
    solveCommand,
    setupCommand,
    demoCommand,
  ];
  // Commands made with .command() copy the settings above.
  for (const add of commands) add(program, shell);
  return program;
}
