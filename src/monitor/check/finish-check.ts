import { removeCapture } from '../../capture/spool/spool-folders.js';
import { timestampKey } from '../../ports/camera-name.js';
import type { CaptureManifest } from '../../capture/spool/manifest.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import { PRIMARY } from '../../solve/model/answer.js';
import { drawCheck } from './check-picture.js';
import { answerOf, type CheckRecord } from '../record/check-record.js';
import { filesToPublish, markTold, OVERLAY, readSpoolFile, writeSpoolFile } from '../record/check-folder.js';
import type { Dependencies } from '../record/dependencies.js';
import { openIncident } from '../record/incident.js';
import { IncidentStore } from '../record/incident-store.js';
import { growLayer } from '../layers/layer-growth.js';
import { countLayerAnswer } from '../layers/layer-usage.js';
import type { LocalReference, LocalReferences } from '../references/reference-cache.js';
import { queryPrefix } from '../../state/object-layout.js';
import type { CheckOutcome } from '../record/outcome.js';
import type { Heard } from '../record/sweep-watch.js';

export interface FinishedCheck {
  readonly device: DeviceSettings;
  readonly dir: string;
  readonly manifest: CaptureManifest | null;
  readonly record: CheckRecord;
  readonly repeated: boolean;
  /** What it was measured against, where that is still known. */
  readonly reference?: LocalReference | null;
  /** One of a sweep: nobody is shown its picture when all is in order. */
  readonly isRoutine?: boolean;
  readonly sweepAt?: string;
  /** Makes it the one check of its camera in a sweep, once its files are in the store; false when another one is. */
  readonly commit?: (check: FinishedCheck, hasPicture: boolean) => Promise<boolean>;
}

const prefixOf = ({ record }: Pick<FinishedCheck, 'record'>): string =>
  queryPrefix(
    { deploymentName: record.deployment_name, cameraName: record.camera_name },
    timestampKey(Date.parse(record.row.timestamp)),
  );

/** An incident shows the picture of its latest check. Thousands that nobody looks at would cost more than the solving. */
const isShown = async (
  { store }: Pick<Dependencies, 'store'>,
  { device, record, isRoutine = false }: FinishedCheck,
): Promise<boolean> =>
  !isRoutine ||
  record.verdict_told !== 'ok' ||
  openIncident(await new IncidentStore(store).of(device)) !== null;

/** A picture that cannot be drawn holds nothing back. */
const addPicture = async (
  deps: Dependencies,
  references: LocalReferences,
  check: FinishedCheck,
  signal: AbortSignal,
): Promise<void> => {
  const { device, dir, manifest, record } = check;
  if (manifest === null || !record.success) return;
  try {
    if (!(await isShown(deps, check))) return;
    const reference = check.reference ?? (await references.of(device, signal));
    const picture = await drawCheck(deps, references, device, reference, { dir, manifest, record }, signal);
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

const upload = async (deps: Dependencies, check: FinishedCheck, files: readonly string[]): Promise<void> => {
  const prefix = prefixOf(check);
  for (const file of files) await deps.store.put(`${prefix}/${file}`, await readSpoolFile(check.dir, file));
};

/** Runs a step with store or table. False, and everything stays in the spool, when they refuse. */
const isKept = async (
  deps: Dependencies,
  { device, record }: FinishedCheck,
  step: () => Promise<void>,
): Promise<boolean> => {
  try {
    await step();
    return true;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const message = `${record.line} — kept in the spool: ${cause.message}`;
    deps.log({ level: 'error', event: 'record_deferred', message, device: device.deviceId, cause });
    return false;
  }
};

/** What there is to tell of a check that came to its end. */
export const outcomeOf = (
  { store }: Pick<Dependencies, 'store'>,
  check: Omit<FinishedCheck, 'dir' | 'manifest'> & {
    readonly hasFrames: boolean;
    readonly hasPicture: boolean;
  },
  recorded: boolean,
): CheckOutcome => {
  const { device, record, repeated, hasPicture, sweepAt } = check;
  return {
    device,
    verdict: record.verdict_told,
    line: record.line,
    row: record.row,
    answer: check.hasFrames ? answerOf(record) : null,
    pictureLocation: hasPicture ? store.locationOf(`${prefixOf(check)}/${OVERLAY}`) : null,
    filesLocation: record.row.files_location,
    failureCode: record.failure_code,
    recorded,
    repeated,
    ...(sweepAt === undefined ? {} : { sweepAt }),
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

/**
 * From a check's `result.json` to its end: picture, files, row, telling; the spool folder goes last. AppErrors only with
 * `commit`: `check_superseded` when another check of the camera was sooner (files are kept, and nothing else),
 * `sweep_unwritable` when the store does not take it (the spool keeps it, untold).
 */
export const finishCheck = async (
  deps: Dependencies,
  references: LocalReferences,
  check: FinishedCheck,
  tell: (outcome: CheckOutcome) => Heard,
  signal: AbortSignal,
): Promise<CheckOutcome> => {
  await addPicture(deps, references, check, signal);
  const files = await filesToPublish(check.dir);
  const hasPicture = files.includes(OVERLAY);
  let isOurs = true;
  const isUploaded = await isKept(deps, check, async () => {
    await upload(deps, check, files);
    if (check.commit !== undefined) isOurs = await check.commit(check, hasPicture);
  });
  if (!isUploaded && check.commit !== undefined) throw unwritable(check);
  if (!isOurs) {
    await removeCapture(check.dir);
    throw superseded(check);
  }
  const recorded = isUploaded && (await isKept(deps, check, () => deps.results.merge([check.record.row])));
  const outcome = outcomeOf(deps, { ...check, hasPicture, hasFrames: check.manifest !== null }, recorded);
  await tell(outcome);
  if (recorded) {
    await afterwards(deps, references, check, signal);
    await removeCapture(check.dir);
  } else await markTold(check.dir);
  return outcome;
};

const superseded = ({ device }: FinishedCheck): AppError =>
  new AppError(
    'check_superseded',
    `Another check of ${device.deploymentName}/${device.cameraName} in the same sweep was sooner.`,
    'Nothing is to be done.',
  );

const unwritable = ({ device }: FinishedCheck): AppError =>
  new AppError(
    'sweep_unwritable',
    `The check of ${device.deploymentName}/${device.cameraName} waits in the spool: the store does not take it.`,
    'Mend the store; the check is finished then.',
  );
