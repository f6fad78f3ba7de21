import { DEPLOYMENT_FAULTS } from './deployment-faults.js';
import type { CheckOutcome } from './outcome.js';
import { counted } from '../text/wording.js';

/** Whether a camera was not measured for a reason shared by its deployment. */
export const hasSharedFault = ({ failureCode }: CheckOutcome): boolean =>
  failureCode !== null && DEPLOYMENT_FAULTS.has(failureCode);

/** Why some cameras of one deployment were not measured. */
interface SharedFault {
  /** For people, with the number of cameras. */
  readonly line: string;
  readonly outcomes: readonly CheckOutcome[];
}

const lineOf = (outcomes: readonly CheckOutcome[], { device, row }: CheckOutcome): string =>
  `⚠️ ${device.deploymentName}: ${counted(outcomes.length, 'camera')} not measured: ${row.failure_log}`;

/** One per deployment and fault; other outcomes are left out. */
export const sharedFaultsOf = (outcomes: readonly CheckOutcome[]): SharedFault[] => {
  const groups = new Map<string, [CheckOutcome, ...CheckOutcome[]]>();
  for (const outcome of outcomes.filter(hasSharedFault)) {
    const key = JSON.stringify([outcome.device.deploymentName, outcome.failureCode]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [outcome]);
    else group.push(outcome);
  }
  return [...groups.values()].map((group) => ({ line: lineOf(group, group[0]), outcomes: group }));
};
