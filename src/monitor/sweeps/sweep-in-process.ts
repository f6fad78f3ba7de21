import pLimit from 'p-limit';
import type { DeviceSettings } from '../../config/settings.js';
import { runCheck } from '../check/run-check.js';
import { DeploymentFaults } from '../record/deployment-faults.js';
import { confirmed } from '../check/drift-confirmation.js';
import type { Dependencies } from '../record/dependencies.js';
import type { IncidentStore } from '../record/incident-store.js';
import type { LocalReferences } from '../references/reference-cache.js';
import type { CheckOutcome } from '../record/outcome.js';
import type { Heard } from '../record/sweep-watch.js';

export const defaultMode = (device: DeviceSettings): 'passive' | 'active' =>
  device.activeStops.length > 0 ? 'active' : 'passive';

/** One of each deployment in turn, so that a slow or dead site does not hold back the others. */
export const interleaved = (
  deployments: readonly { readonly devices: readonly DeviceSettings[] }[],
): DeviceSettings[] => {
  const longest = Math.max(0, ...deployments.map(({ devices }) => devices.length));
  return Array.from({ length: longest }, (_, index) =>
    deployments.flatMap(({ devices }) => devices.slice(index, index + 1)),
  ).flat();
};

/**
 * Checks every camera of every deployment, several at once; answers in the order of the settings. What is found drifted
 * for the first time is checked again before it is told.
 */
export const runSweep = async (
  deps: Dependencies,
  references: LocalReferences,
  incidents: IncidentStore,
  tell: (outcome: CheckOutcome) => Heard,
  signal: AbortSignal,
): Promise<CheckOutcome[]> => {
  const { deployments, concurrency, alerts } = deps.settings;
  const limit = pLimit(concurrency);
  const faults = new DeploymentFaults();
  const checkOne = async (device: DeviceSettings): Promise<CheckOutcome> => {
    const request = { device, mode: defaultMode(device), faults, isRoutine: true, tell: () => undefined };
    const check = () => runCheck(deps, references, request, signal);
    const outcome = await confirmed(incidents, device, check, alerts.confirm);
    await tell(outcome);
    return outcome;
  };
  const outcomes = await Promise.allSettled(
    interleaved(deployments).map((device) => limit(() => checkOne(device))),
  );
  const rejected = outcomes.find((outcome) => outcome.status === 'rejected');
  if (rejected !== undefined) throw rejected.reason;
  const place = new Map(
    deployments.flatMap(({ devices }) => devices).map((device, index) => [device, index]),
  );
  return outcomes
    .flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    .sort((a, b) => (place.get(a.device) ?? 0) - (place.get(b.device) ?? 0));
};
