import { removeCapture, timestampKey } from '../capture/spool.js';
import type { CaptureManifest } from '../capture/manifest.js';
import type { DeviceSettings } from '../config/settings.js';
import { AppError } from '../ports/app-error.js';
import { PRIMARY } from '../solve/answer.js';
import { drawCheck } from './check-picture.js';
import { answerOf, type CheckRecord } from './check-record.js';
import { filesToPublish, markTold, OVERLAY, readSpoolFile, writeSpoolFile } from './check-spool.js';
import type { Dependencies } from './dependencies.js';
import { growLayer } from './layer-growth.js';
import { countLayerAnswer } from './layer-use.js';
import type { LocalReferences } from './local-reference.js';
import { queryPrefix } from './object-keys.js';
import type { CheckOutcome } from './outcome.js';

export interface FinishedCheck {
  readonly device: DeviceSettings;
  readonly dir: string;
  readonly manifest: CaptureManifest | null;
  readonly record: CheckRecord;
  readonly repeated: boolean;
}

const prefixOf = ({ record }: FinishedCheck): string =>
  queryPrefix(
    { deploymentName: record.deployment_name, cameraName: record.camera_name },
    timestampKey(Date.parse(record.row.timestamp)),
  );

/** A picture that cannot be drawn holds nothing back. */
const addPicture = async (
  deps: Dependencies,
  references: LocalReferences,
  { device, dir, manifest, record }: FinishedCheck,
  signal: AbortSignal,
): Promise<void> => {
  if (manifest === null || !record.success) return;
  try {
    const reference = await references.of(device, signal);
    const picture = await drawCheck(deps, device, reference, { dir, manifest, record }, signal);
    if (picture !== null) await writeSpoolFile(dir, OVERLAY, picture);
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    deps.log({
      level: 'warn',
      event: 'picture_missing',
      message: cause.message,
      device: device.deviceId,
      cause,
    });
  }
};

/** Puts files and row where they belong. False, and everything stays in the spool, when store or table refuse. */
const publish = async (deps: Dependencies, check: FinishedCheck): Promise<boolean> => {
  const prefix = prefixOf(check);
  try {
    for (const file of await filesToPublish(check.dir))
      await deps.store.put(`${prefix}/${file}`, await readSpoolFile(check.dir, file));
    await deps.results.merge([check.record.row]);
    return true;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const message = `${check.record.line} — kept in the spool: ${cause.message}`;
    deps.log({ level: 'error', event: 'record_deferred', message, device: check.device.deviceId, cause });
    return false;
  }
};

const outcomeOf = (
  deps: Dependencies,
  check: FinishedCheck,
  files: string[],
  recorded: boolean,
): CheckOutcome => {
  const { device, record, repeated } = check;
  const hasPicture = files.includes(OVERLAY);
  return {
    device,
    verdict: record.verdict_told,
    line: record.line,
    row: record.row,
    answer: check.manifest === null ? null : answerOf(record),
    pictureLocation: hasPicture ? deps.store.locationOf(`${prefixOf(check)}/${OVERLAY}`) : null,
    filesLocation: record.row.files_location,
    failureCode: record.failure_code,
    recorded,
    repeated,
  };
};

/** What a recorded check means for the layers of the reference: one has answered, or one may grow. */
const afterwards = async (
  deps: Dependencies,
  references: LocalReferences,
  check: FinishedCheck,
  signal: AbortSignal,
): Promise<void> => {
  const { device, record } = check;
  const { layer } = answerOf(record);
  if (layer === PRIMARY) await growLayer(deps, references, check, signal);
  else if (layer !== null) await countAnswer(deps, device, layer, record.row.timestamp);
};

const countAnswer = async (
  deps: Dependencies,
  device: DeviceSettings,
  layer: string,
  at: string,
): Promise<void> => {
  try {
    await countLayerAnswer(deps.store, device, layer, at);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    deps.log({
      level: 'warn',
      event: 'layer_not_counted',
      message: cause.message,
      device: device.deviceId,
      cause,
    });
  }
};

/** From a check's `result.json` to its end: picture, files, row, telling; the spool folder goes last. */
export const finishCheck = async (
  deps: Dependencies,
  references: LocalReferences,
  check: FinishedCheck,
  tell: (outcome: CheckOutcome) => void,
  signal: AbortSignal,
): Promise<CheckOutcome> => {
  await addPicture(deps, references, check, signal);
  const files = await filesToPublish(check.dir);
  const recorded = await publish(deps, check);
  const outcome = outcomeOf(deps, check, files, recorded);
  tell(outcome);
  if (recorded) {
    await afterwards(deps, references, check, signal);
    await removeCapture(check.dir);
  } else await markTold(check.dir);
  return outcome;
};
