import { parseManifest } from '../../capture/spool/parse-manifest.js';
import { AppError } from '../../ports/app-error.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { changedMeanwhile, previousManifestKey, type Place } from './publish-reference.js';

const nothingBefore = ({ what, camera }: Place): AppError =>
  new AppError(
    'no_previous_reference',
    `${camera} has no previous ${what}.`,
    'If the current one is wrong, scan a new one.',
  );

/**
 * Swaps the previous reference (or layer) with the current one by one conditional write, so that doing it twice changes
 * nothing. Returns when the restored one was scanned (UTC ISO-8601). AppErrors `no_previous_reference`,
 * `reference_changed`.
 */
export const restoreScan = async (
  store: ObjectStore,
  place: Place,
  signal: AbortSignal,
): Promise<{ readonly scannedAt: string }> => {
  const [key, previousKey] = [`${place.prefix}/manifest.json`, previousManifestKey(place)];
  const [current, previous] = [await store.get(key, signal), await store.get(previousKey, signal)];
  if (current === null || previous === null) throw nothingBefore(place);
  const { started_at: scannedAt } = parseManifest(
    previous.body.toString('utf8'),
    store.locationOf(previousKey),
  );
  const switched = await store.put(key, previous.body, { ifMatch: current.etag }, signal);
  if (switched === null) throw changedMeanwhile(place);
  // The switch is done: an abort must not lose the replaced one.
  await store.put(previousKey, current.body);
  return { scannedAt };
};
