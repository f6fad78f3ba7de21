import type { DeviceSettings } from '../config/settings.js';
import { openIncident } from './incident.js';
import type { IncidentStore } from './incident-store.js';
import type { CheckOutcome } from './outcome.js';

/** How often a drift that nobody knows of must be found again, at once, before it is told. */
export const CONFIRMATIONS = 1;

/**
 * Checks a camera, and checks it again at once when it is found drifted for the first time: a truck that shook the mast
 * is no incident. Answers the last check, which is the one to tell.
 */
export const confirmed = async (
  incidents: Pick<IncidentStore, 'of'>,
  device: DeviceSettings,
  check: () => Promise<CheckOutcome>,
  confirmations = CONFIRMATIONS,
): Promise<CheckOutcome> => {
  let outcome = await check();
  if (outcome.verdict !== 'drifted' || openIncident(await incidents.of(device)) !== null) return outcome;
  for (let times = 0; times < confirmations && outcome.verdict === 'drifted'; times += 1)
    outcome = await check();
  return outcome;
};
