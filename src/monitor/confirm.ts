import type { AlertSettings, DeviceSettings } from '../config/settings.js';
import { openIncident } from './incident.js';
import type { IncidentStore } from './incident-store.js';
import type { CheckOutcome } from './outcome.js';

/**
 * Checks a camera, and checks it again at once when it is found drifted for the first time: a truck that shook the mast
 * is no incident. It is one when `found` of at most `of` checks say so. Answers the last check, which is the one to tell.
 */
export const confirmed = async (
  incidents: Pick<IncidentStore, 'of'>,
  device: DeviceSettings,
  check: () => Promise<CheckOutcome>,
  { found, of }: AlertSettings['confirm'],
): Promise<CheckOutcome> => {
  let outcome = await check();
  if (outcome.verdict !== 'drifted' || openIncident(await incidents.of(device)) !== null) return outcome;
  let drifted = 1;
  for (let left = of - 1; drifted < found && drifted + left >= found; left -= 1) {
    outcome = await check();
    if (outcome.verdict === 'drifted') drifted += 1;
  }
  return outcome;
};
