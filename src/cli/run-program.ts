import { buildProgram } from './program.js';
import type { Shell } from './support/shell.js';
import { tellFault } from './support/tell-fault.js';

/** Runs one call of the program, arguments as in `process.argv`; answers the exit code and never throws. */
export async function runProgram(shell: Shell, argv: readonly string[]): Promise<number> {
  const [node = '', script = '', ...args] = argv;
  try {
    await buildProgram(shell).parseAsync([node, script, ...(args.length === 0 ? ['--help'] : args)]);
    return shell.exitCode;
  } catch (fault) {
    return tellFault(shell, fault);
  }
}
