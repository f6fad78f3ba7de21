import { Command } from 'commander';
import { solveCommand } from './solve-command.js';
import type { Shell } from './shell.js';

const HELP_AFTER = `
Example:
  calib solve --reference DIR --query DIR --json

Exit codes: 0 every query answered or refused with a reason, 2 unusable input, 130 interrupted.`;

/** The whole command line. Each subcommand sets `shell.exitCode`; nothing here touches the process. */
export function buildProgram(shell: Shell): Command {
  const program = new Command('calib')
    .description('Knows by how many degrees each PTZ camera of a fleet has been knocked, leaned or slipped')
    .showHelpAfterError()
    .showSuggestionAfterError()
    .addHelpText('after', HELP_AFTER)
    .configureOutput({ writeOut: (text) => shell.out(text), writeErr: (text) => shell.err(text) })
    .exitOverride();
  solveCommand(program, shell);
  // Commands made with .command() copy the settings above.
  return program;
}
