import type { Command } from 'commander';
import type { CheckOutcome, Product } from '../../monitor/product.js';
import { OutcomeCollector } from '../support/outcome-collector.js';
import { allDevices } from '../../monitor/text/device-selection.js';
import type { Shell } from '../support/shell.js';
import { worstFirst } from '../../monitor/record/severity-ranking.js';
import { hasSharedFault } from '../../monitor/record/shared-faults.js';
import { countsInWords, outcomeInWords, outcomeJson, sharedFaultsInWords } from '../support/tell-outcome.js';
import { addCommand, finishEarlier, withProduct, type CommonOptions } from '../support/with-product.js';

/** Names the picture only of cameras worth a look. */
const inWords = (outcome: CheckOutcome): string =>
  outcomeInWords(outcome.verdict === 'ok' ? { ...outcome, pictureLocation: null } : outcome);

const summary = (outcomes: readonly CheckOutcome[]): string => {
  const own = worstFirst(outcomes.filter((outcome) => !hasSharedFault(outcome)));
  const isDrifted = ({ verdict }: CheckOutcome): boolean => verdict === 'drifted';
  return [
    ...own.filter(isDrifted).map(inWords),
    sharedFaultsInWords(outcomes),
    ...own.filter((outcome) => !isDrifted(outcome)).map(inWords),
    countsInWords(outcomes),
  ].join('');
};

/** Sweeps; prints what was measured even after a failure or Ctrl-C. */
const sweep = async (product: Product, shell: Shell, json: boolean): Promise<void> => {
  await finishEarlier(product, shell);
  const collector = new OutcomeCollector(shell, 'sweep', allDevices(product.settings).length);
  const onOutcome = (outcome: CheckOutcome): void => collector.add(outcome, json ? outcomeJson(outcome) : '');
  try {
    await collector.during(() => product.sweep(onOutcome, shell.signal));
  } finally {
    if (!json) shell.out(summary(collector.outcomes));
  }
};

/** Measures every camera of every deployment once. */
export function sweepCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, {
    synopsis: 'sweep',
    does: 'measure every camera once and list the worst first',
    json: 'print one JSON object per camera, one per line, as results arrive',
    examples: ['sweep', 'sweep --json 2>/dev/null | jq -r \'select(.verdict == "drifted") | .device\''],
  }).action(async (options: CommonOptions) => {
    const settings = await shell.loadSettings(options.config, ['cameras']);
    await withProduct(shell, settings, (product) => sweep(product, shell, options.json === true));
  });
}
