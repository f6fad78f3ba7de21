import { runProgram } from '../../src/cli/run-program.js';
import { EXIT, type Shell } from '../../src/cli/support/shell.js';
import type { Product } from '../../src/monitor/product.js';
import { AppError } from '../../src/ports/app-error.js';
import { fakeProduct, fakeSettings } from '../fakes/fake-product.js';

export const NOW_MS = Date.parse('2026-02-01T00:00:00Z');

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Lines of standard output. */
  readonly lines: readonly string[];
  readonly opened: number;
  readonly closed: number;
}

const notMeant = (what: string) => () => {
  throw new Error(`${what} was not meant to be used`);
};

/** Runs one call of the program on a fake product; `replaced` is what the test has to say about the outside. */
export const runCli = async (
  args: readonly string[],
  replaced: Partial<Product> = {},
  shellReplaced: Partial<Shell> = {},
): Promise<Said> => {
  const said = { out: '', err: '', opened: 0, closed: 0 };
  const shell: Shell = {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    errColumns: () => null,
    nowMs: () => NOW_MS,
    version: '1.2.3',
    defaultConfig: 'devices.yaml',
    loadSettings: async () => fakeSettings(),
    openProduct: async (settings) => {
      said.opened++;
      const close = async (): Promise<void> => void said.closed++;
      return fakeProduct({ settings, close, ...replaced });
    },
    openSlack: async () => null,
    openSetup: async () => [],
    openHealth: async () => null,
    openSolver: notMeant('the solver'),
    runDemo: notMeant('the demo'),
    writeFile: notMeant('a file'),
    signal: new AbortController().signal,
    exitCode: EXIT.ok,
    ...shellReplaced,
  };
  const code = await runProgram(shell, ['node', 'calib', ...args]);
  return { ...said, code, lines: said.out.split('\n').slice(0, -1) };
};

/** What the process gives the program when it is told to stop. */
export const interruption = (): AppError => new AppError('interrupted', 'Interrupted.', 'Start it again.');
