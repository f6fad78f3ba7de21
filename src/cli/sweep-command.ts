import type { Command } from 'commander';
import type { CheckOutcome, Product } from '../monitor/product.js';
import { ProgressLine } from './progress-line.js';
import { allDevices } from './select-devices.js';
import type { Shell } from './shell.js';
import { countsInWords, exitCodeOf, outcomeInWords, outcomeJson, worstFirst } from './tell-outcome.js';
import { addCommand, withProduct, type CommonOptions } from './with-product.js';

const summary = (outcomes: readonly CheckOutcome[]): string =>
  worstFirst(outcomes)
    .filter(({ repeated }) => !repeated)
    .map(outcomeInWords)
    .join('') + countsInWords(outcomes);

/** Sweeps; what was measured before a failure or Ctrl-C is told all the same. */
const sweep = async (product: Product, shell: Shell, json: boolean): Promise<number> => {
  const total = allDevices(product.settings).length;
  const progress = new ProgressLine(shell, 'cameras');
  const startedAtMs = shell.nowMs();
  const outcomes: CheckOutcome[] = [];
  const onOutcome = (outcome: CheckOutcome): void => {
    const done = outcomes.push(outcome);
    if (json) progress.printing(() => shell.out(outcomeJson(outcome)));
    const etaMs = ((shell.nowMs() - startedAtMs) * (total - done)) / done;
    progress.show('sweep', { done, total, etaMs });
  };
  try {
    progress.show('sweep', { done: 0, total, etaMs: null });
    await product.sweep(onOutcome, shell.signal);
  } finally {
    progress.end('sweep');
    if (!json) shell.out(summary(outcomes));
  }
  return exitCodeOf(outcomes);
};

/** Measures every camera of every deployment once. */
export function sweepCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'sweep',
    does: 'measure every camera once; tells the worst first',
    json: 'print one JSON object a line and camera, as they come',
    examples: ['sweep', 'sweep --json 2>/dev/null | jq -r \'select(.verdict == "drifted") | .device\''],
  }).action(async (options: CommonOptions) => {
    const settings = await shell.loadSettings(options.config);
    await withProduct(shell, settings, (product) => sweep(product, shell, options.json === true));
  });
}
