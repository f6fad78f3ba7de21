import type { CaptureManifest } from '../../capture/spool/manifest.js';
import { timestampKey } from '../../ports/camera-name.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { ResultRow } from '../../ports/results-table.js';
import { unanswered, type SolveAnswer } from '../../solve/model/answer.js';
import type { CheckRecord } from '../record/check-record.js';
import type { CheckTicket } from '../record/check-folder.js';
import type { Dependencies } from '../record/dependencies.js';
import { orLogged } from '../record/or-logged.js';
import type { LocalReference, ReferenceCache } from '../references/reference-cache.js';
import { queryPrefix } from '../../state/object-layout.js';
import { verdictLine, verdictOf } from '../text/verdict.js';

/** The result of measuring a capture: an answer or refusal, or the fault that prevented it. */
export interface Measured {
  readonly answer: SolveAnswer;
  readonly fault: AppError | null;
  /** The reference used; null when there is none, or it is unusable. */
  readonly reference: LocalReference | null;
}

export const failed = (fault: AppError): Measured => ({
  answer: unanswered('', `${fault.message} ${fault.remedy}`),
  fault,
  reference: null,
});

/** The solver does not say which of the two folders is unusable; preparing the reference alone tells. */
const faultOf = async (
  { solver }: Pick<Dependencies, 'solver'>,
  references: ReferenceCache,
  device: DeviceSettings,
  reference: LocalReference,
  fault: AppError,
  signal: AbortSignal,
): Promise<AppError> => {
  if (fault.code !== 'unusable_input') return fault;
  try {
    await solver.prepareReference(reference.dir, device.masks, signal);
    return fault;
  } catch (blamed) {
    signal.throwIfAborted();
    if (!(blamed instanceof AppError)) throw blamed;
    return references.damaged(device, reference, blamed);
  }
};

type MeasureDeps = Pick<Dependencies, 'solver' | 'log'>;

/** Spares others computing the features again; a failed upload does not fail the check. */
const shareFeatures = async (
  deps: MeasureDeps,
  references: ReferenceCache,
  device: DeviceSettings,
  reference: LocalReference,
): Promise<void> => {
  const message = (cause: AppError): string =>
    `Features of the reference could not be published: ${cause.message}`;
  const entry = { level: 'warn', event: 'features_not_shared', message, device: device.deviceId } as const;
  await orLogged(deps, entry, () => references.shareFeatures(device, reference));
};

/** Solves from features alone; those missing, damaged or from another version are computed from the pictures. */
const solveAgainst = async (
  deps: MeasureDeps,
  references: ReferenceCache,
  device: DeviceSettings,
  reference: LocalReference,
  solve: () => Promise<SolveAnswer>,
): Promise<SolveAnswer> => {
  try {
    return await solve();
  } catch (fault) {
    const maySolve = fault instanceof AppError && fault.code === 'unusable_input';
    if (!maySolve || (await references.complete(device, reference)) === 0) throw fault;
  }
  const answer = await solve();
  await shareFeatures(deps, references, device, reference);
  return answer;
};

/**
 * Measures a finished capture against the camera's reference; AppErrors of reference and solver become part of the
 * result.
 */
export const measureCapture = async (
  deps: MeasureDeps,
  references: ReferenceCache,
  device: DeviceSettings,
  queryDir: string,
  signal: AbortSignal,
): Promise<Measured> => {
  let reference: LocalReference | null = null;
  try {
    reference = await references.withLayers(device, signal);
    const { thresholdDeg, masks } = device;
    const request = { referenceDir: reference.dir, queryDir, thresholdDeg, masks };
    const solve = (): Promise<SolveAnswer> => deps.solver.solve(request, signal);
    const answer = await solveAgainst(deps, references, device, reference, solve);
    return { answer, fault: null, reference };
  } catch (fault) {
    signal.throwIfAborted();
    if (!(fault instanceof AppError)) throw fault;
    if (reference === null) return failed(fault);
    return failed(await faultOf(deps, references, device, reference, fault, signal));
  }
};

/** When the capture was taken (its last frame) or abandoned. */
const takenAtMs = (manifest: CaptureManifest | null, givenUpAtMs: number): number => {
  const last = manifest?.frames.at(-1);
  return last === undefined ? givenUpAtMs : Date.parse(last.captured_at);
};

const positionsOf = (manifest: CaptureManifest | null): ResultRow['capture_positions'] =>
  (manifest?.frames ?? []).map(({ telemetry: { pan, tilt, zoom } }) => ({ pan, tilt, zoom }));

/** The record of a check: `result.json` and, within it, the table row. */
export const recordOf = (
  deps: Pick<Dependencies, 'store'>,
  ticket: CheckTicket,
  manifest: CaptureManifest | null,
  measured: Measured,
  givenUpAtMs: number,
): CheckRecord => {
  const { deploymentName, deviceId, cameraName, thresholdDeg, mode } = ticket;
  const timestampMs = takenAtMs(manifest, givenUpAtMs);
  const filesLocation = deps.store.locationOf(queryPrefix(ticket, timestampKey(timestampMs)));
  const answer: SolveAnswer = { ...measured.answer, query: filesLocation };
  const verdict = verdictOf(answer, thresholdDeg);
  const isMeasured = verdict !== 'unmeasured';
  return {
    ...answer,
    schema: 'calibration-result/1',
    deployment_name: deploymentName,
    device_id: deviceId,
    camera_name: cameraName,
    verdict_told: verdict,
    line: verdictLine(`${deploymentName}/${cameraName}`, verdict, answer),
    threshold_deg: thresholdDeg,
    failure_code: measured.fault?.code ?? null,
    reference_started_at: measured.reference?.manifest.started_at ?? null,
    row: {
      deployment_name: deploymentName,
      device_id: deviceId,
      timestamp: new Date(timestampMs).toISOString(),
      yaw_offset: isMeasured ? answer.yaw_offset : null,
      pitch_offset: isMeasured ? answer.pitch_offset : null,
      roll_offset: isMeasured ? answer.roll_offset : null,
      mode,
      capture_positions: positionsOf(manifest),
      files_location: filesLocation,
      success: isMeasured,
      failure_log: isMeasured ? null : (answer.failure_log ?? 'no reason given'),
    },
  };
};
