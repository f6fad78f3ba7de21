import type { AlertSettings, DeviceSettings } from '../../config/settings.js';
import { openIncident } from '../record/incident.js';
import type { IncidentStore } from '../record/incident-store.js';
import type { CheckOutcome, Verdict } from '../record/outcome.js';

/** Whether the running check would be the last one if this were its verdict. */
export type IsLast = (verdict: Verdict) => Promise<boolean>;

/**
 * Checks a camera, and repeats the check at once when it first finds drift: a truck that shook the mast is no incident.
 * It is one when `found` of at most `of` checks agree. Returns the last check, which is the one to report.
 */
export const confirmed = async (
  incidents: Pick<IncidentStore, 'of'>,
  device: DeviceSettings,
  check: (isLast: IsLast) => Promise<CheckOutcome>,
  { found, of }: AlertSettings['confirm'],
): Promise<CheckOutcome> => {
  let [checks, drifted] = [0, 0];
  const isLast: IsLast = async (verdict) => {
    const isNews = verdict === 'drifted' && openIncident(await incidents.of(device)) === null;
    if (checks === 0 && !isNews) return true;
    const sofar = drifted + Number(verdict === 'drifted');
    return sofar >= found || sofar + (of - checks - 1) < found;
  };
  for (;;) {
    const outcome = await check(isLast);
    if (await isLast(outcome.verdict)) return outcome;
    checks += 1;
    drifted += Number(outcome.verdict === 'drifted');
  }
};
