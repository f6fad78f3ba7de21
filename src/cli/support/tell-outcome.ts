import type { CheckOutcome } from '../../monitor/product.js';
import { countOf } from '../../monitor/record/severity-ranking.js';
import { sharedFaultsOf } from '../../monitor/record/shared-faults.js';
import { EXIT } from './shell.js';
import { counted } from '../../monitor/text/wording.js';
import { jsonLine } from './words.js';

/** What `--json` prints of one check: the row of the results table and what is known beyond it. */
export const outcomeJson = (outcome: CheckOutcome): string =>
  jsonLine({
    device: outcome.device.deviceId,
    deployment: outcome.device.deploymentName,
    camera: outcome.device.cameraName,
    verdict: outcome.verdict,
    ...outcome.row,
    answer: outcome.answer,
    picture: outcome.pictureLocation,
    failure_code: outcome.failureCode,
    recorded: outcome.recorded,
  });

const NOT_RECORDED = '   not recorded yet: it waits in the spool';

export const outcomeInWords = (outcome: CheckOutcome): string =>
  [
    outcome.line,
    ...(outcome.pictureLocation === null ? [] : [`   picture ${outcome.pictureLocation}`]),
    ...(outcome.recorded ? [] : [NOT_RECORDED]),
    '',
  ].join('\n');

/** What cameras of a deployment share, told once for each deployment. */
export const sharedFaultsInWords = (outcomes: readonly CheckOutcome[]): string =>
  sharedFaultsOf(outcomes)
    .flatMap((fault) => [
      fault.line,
      ...(fault.outcomes.every(({ recorded }) => recorded) ? [] : [NOT_RECORDED]),
    ])
    .map((line) => `${line}\n`)
    .join('');

/** `12 cameras: 1 drifted, 2 not measured, 9 ok`. */
export const countsInWords = (outcomes: readonly CheckOutcome[]): string => {
  const counts = [
    [countOf(outcomes, 'drifted'), 'drifted'],
    [countOf(outcomes, 'unmeasured'), 'not measured'],
    [countOf(outcomes, 'ok'), 'ok'],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${counted(outcomes.length, 'camera')}${told.length === 0 ? '' : `: ${told.join(', ')}`}\n`;
};

export const exitCodeOf = (outcomes: readonly CheckOutcome[]): number => {
  if (countOf(outcomes, 'drifted') > 0) return EXIT.trouble;
  return countOf(outcomes, 'unmeasured') > 0 ? EXIT.unmeasured : EXIT.ok;
};
