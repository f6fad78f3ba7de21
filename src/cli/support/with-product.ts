import type { Command } from 'commander';
import pLimit from 'p-limit';
import type { Settings } from '../../config/settings.js';
import type { Product } from '../../monitor/product.js';
import { AppError } from '../../ports/app-error.js';
import { EXIT, type Shell } from './shell.js';
import { tellFault } from './tell-fault.js';

/** What all commands that read devices.yaml are given. */
export interface CommonOptions {
  readonly config: string;
  readonly json?: true;
}

/** Adds a command that reads devices.yaml; `synopsis` as commander wants it. */
export const addCommand = (
  program: Command,
  shell: Shell,
  about: { synopsis: string; does: string; json: string; examples: readonly string[] },
): Command =>
  program
    .command(about.synopsis)
    .description(about.does)
    .option('--config <file>', 'the settings; $CALIB_CONFIG when not given', shell.defaultConfig)
    .option('--json', about.json)
    .addHelpText('after', `\nExamples:\n${about.examples.map((line) => `  calib ${line}`).join('\n')}`);

/**
 * Opens the product, works with it, closes it whatever happens. `work` sets the exit code; an operating failure
 * makes it `unmeasured` unless something worse was found, a wrong argument found late and an interruption are passed on.
 */
export async function withProduct(
  shell: Shell,
  settings: Settings,
  work: (product: Product) => Promise<void>,
): Promise<void> {
  try {
    const product = await shell.openProduct(settings);
    try {
      await work(product);
    } finally {
      await product.close();
    }
  } catch (fault) {
    const isOperating = fault instanceof AppError && fault.code !== 'bad_argument';
    if (!isOperating || shell.signal.aborted) throw fault;
    tellFault(shell, fault);
    if (shell.exitCode !== EXIT.trouble) shell.exitCode = EXIT.unmeasured;
  }
}

/** Finishes what a killed run left before anything new begins; on the side, since nobody asked for it. */
export const finishEarlier = (product: Product, shell: Shell): Promise<number> =>
  product.recover(({ line }) => shell.err(`From an earlier run: ${line}\n`), shell.signal);

/**
 * Works on all items, at most `limit` at once. A failure is passed on only when every work under way has ended:
 * after Ctrl-C each camera must be put back before the product is closed.
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const run = pLimit(limit);
  const settled = await Promise.allSettled(
    items.map((item) =>
      run(() => {
        signal.throwIfAborted();
        return work(item);
      }),
    ),
  );
  const faults = settled.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  if (faults.length > 0) throw faults.find((fault) => fault !== signal.reason) ?? faults[0];
}
