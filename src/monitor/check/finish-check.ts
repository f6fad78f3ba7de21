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
import { orLogged } from '../record/or-logged.js';
import { openIncident } from '../record/incident.js';
import { IncidentStore } from '../record/incident-store.js';
import { growLayer } from '../layers/layer-growth.js';
import { countLayerAnswer } from '../layers/layer-usage.js';
import type { LocalReference, ReferenceCache } from '../references/reference-cache.js';
import { queryPrefix } from '../../state/object-layout.js';
import type { CheckOutcome } from '../record/outcome.js';
import type { MaybeAsync } from '../record/sweep-watch.js';

export interface FinishedCheck {
  readonly device: DeviceSettings;
  readonly dir: string;
  readonly manifest: CaptureManifest | null;
  readonly record: CheckRecord;
  readonly repeated: boolean;
  /** What it was measured against, if still known. */
  readonly reference?: LocalReference | null;
  /** Part of a sweep: its picture is drawn only if something is wrong. */
  readonly isRoutine?: boolean;
  readonly sweepAt?: string;
  /**
   * Makes this the only check of its camera in a sweep, once its files are uploaded; false when another check already
   * is.
   */
  readonly commit?: (check: FinishedCheck, hasPicture: boolean) => Promise<boolean>;
}

const prefixOf = ({ record }: Pick<FinishedCheck, 'record'>): string =>
  queryPrefix(
    { deploymentName: record.deployment_name, cameraName: record.camera_name },
    timestampKey(Date.parse(record.row.timestamp)),
  );

/** An incident shows the picture of its latest check. Drawing thousands that nobody views would cost more than solving. */
const isShown = async (
  { store }: Pick<Dependencies, 'store'>,
  { device, record, isRoutine = false }: FinishedCheck,
): Promise<boolean> =>
  !isRoutine ||
  record.verdict_told !== 'ok' ||
  openIncident(await new IncidentStore(store).of(device)) !== null;

/** A failed drawing does not delay the check. */
const addPicture = async (
  deps: Dependencies,
  references: ReferenceCache,
  check: FinishedCheck,
  signal: AbortSignal,
): Promise<void> => {
  const { device, dir, manifest, record } = check;
  if (manifest === null || !record.success) return;
  const entry = { level: 'warn', event: 'picture_missing', device: device.deviceId } as const;
  const draw = async (): Promise<void> => {
    if (!(await isShown(deps, check))) return;
    const reference = check.reference ?? (await references.of(device, signal));
    const picture = await drawCheck(deps, references, device, reference, { dir, manifest, record }, signal);
    if (picture !== null) await writeSpoolFile(dir, OVERLAY, picture);
  };
  await orLogged(deps, entry, draw, signal);
};

const upload = async (deps: Dependencies, check: FinishedCheck, files: readonly string[]): Promise<void> => {
  const prefix = prefixOf(check);
  for (const file of files) await deps.store.put(`${prefix}/${file}`, await readSpoolFile(check.dir, file));
};

/** Runs a step that needs store or table. On failure returns false, and everything stays in the spool. */
const isKept = async (
  deps: Dependencies,
  { device, record }: FinishedCheck,
  step: () => Promise<void>,
): Promise<boolean> => {
  const message = (cause: AppError): string => `${record.line} — kept in the spool: ${cause.message}`;
  const entry = { level: 'error', event: 'record_deferred', message, device: device.deviceId } as const;
  return (await orLogged(deps, entry, () => step().then(() => true))) ?? false;
};

/** The outcome to report of a finished check. */
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

/** Updates the reference's layers after a recorded check: counts the layer that answered, or grows one. */
const afterwards = async (
  deps: Dependencies,
  references: ReferenceCache,
  check: FinishedCheck,
  signal: AbortSignal,
): Promise<void> => {
  const { device, record } = check;
  const { layer } = answerOf(record);
  if (layer === PRIMARY) await growLayer(deps, references, check, signal);
  else if (layer !== null) {
    const entry = { level: 'warn', event: 'layer_not_counted', device: device.deviceId } as const;
    await orLogged(deps, entry, () => countLayerAnswer(deps.store, device, layer, record.row.timestamp));
  }
};

/**
 * Takes a check from `result.json` to the end: picture, upload, row, report; the spool folder goes last. Throws
 * AppErrors only with `commit`: `check_superseded` when another check of the camera finished first (the files are kept,
 * nothing else), `sweep_unwritable` when the upload fails (the check stays in the spool, unreported).
 */
export const finishCheck = async (
  deps: Dependencies,
  references: ReferenceCache,
  check: FinishedCheck,
  tell: (outcome: CheckOutcome) => MaybeAsync,
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
    `Another check of ${device.deploymentName}/${device.cameraName} in the same sweep finished first.`,
    'No action needed.',
  );

const unwritable = ({ device }: FinishedCheck): AppError =>
  new AppError(
    'sweep_unwritable',
    `The check of ${device.deploymentName}/${device.cameraName} is kept locally because object storage rejected it.`,
    'It completes once storage recovers.',
  );
