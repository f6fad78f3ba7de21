import { parseManifest } from '../capture/parse-manifest.js';
import type { CameraName } from '../capture/spool.js';
import { AppError } from '../ports/app-error.js';
import type { ObjectStore } from '../ports/object-store.js';
import { referenceManifestKey } from './local-reference.js';
import { changedMeanwhile, previousManifestKey, referencePlace } from './publish-reference.js';
import { cameraPath } from './words.js';

const nothingBefore = (camera: CameraName): AppError =>
  new AppError(
    'no_previous_reference',
    `${cameraPath(camera)} has no reference before the present one.`,
    'Scan a new one if the present one is wrong.',
  );

/**
 * Makes the reference before the present one the reference again, and keeps the present one in its place, so that doing it
 * twice changes nothing. One conditional write switches. Answers when the restored one was scanned (UTC ISO-8601).
 * AppErrors `no_previous_reference`, `reference_changed`.
 */
export const restoreReference = async (
  store: ObjectStore,
  camera: CameraName,
  signal: AbortSignal,
): Promise<{ readonly scannedAt: string }> => {
  const place = referencePlace(camera);
  const [key, previousKey] = [referenceManifestKey(camera), previousManifestKey(place)];
  const [current, previous] = [await store.get(key, signal), await store.get(previousKey, signal)];
  if (current === null || previous === null) throw nothingBefore(camera);
  const { started_at: scannedAt } = parseManifest(
    previous.body.toString('utf8'),
    store.locationOf(previousKey),
  );
  const switched = await store.put(key, previous.body, { ifMatch: current.etag }, signal);
  if (switched === null) throw changedMeanwhile(place);
  // From here on it is done: an abort must not lose the one that was replaced.
  await store.put(previousKey, current.body);
  return { scannedAt };
};
