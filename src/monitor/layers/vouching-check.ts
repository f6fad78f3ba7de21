import type { CaptureManifest } from '../../capture/spool/manifest.js';
import { parseManifest } from '../../capture/spool/parse-manifest.js';
import { timestampKey } from '../../ports/camera-name.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { ResultRow } from '../../ports/results-table.js';
import { PRIMARY } from '../../solve/model/answer.js';
import { answerOf, parseCheckRecord, type CheckRecord } from '../record/check-record.js';
import type { Dependencies } from '../record/dependencies.js';
import { queryPrefix } from '../../state/object-layout.js';
import { isClearlyWithin } from '../record/clearly-within-threshold.js';
import { timeInWords } from '../text/wording.js';

/** A check counts for a scan that started or ended within this time of it. */
const CLOSE_MS = 2 * 3_600_000;

/** A check that vouches for the attitude of the mount, with its pictures. */
export interface VouchingCheck {
  readonly filesLocation: string;
  readonly manifest: CaptureManifest;
  readonly pictures: readonly Buffer[];
}

/** A check near the time of a scan to tie it by, or why there is none. */
type Vouching = { readonly check: VouchingCheck } | { readonly why: string };

type Deps = Pick<Dependencies, 'store' | 'results'>;

const prefixOf = (device: DeviceSettings, row: ResultRow): string =>
  queryPrefix(device, timestampKey(Date.parse(row.timestamp)));

const recordOf = async (
  { store }: Deps,
  device: DeviceSettings,
  row: ResultRow,
): Promise<CheckRecord | null> => {
  const found = await store.get(`${prefixOf(device, row)}/result.json`);
  return found === null ? null : parseCheckRecord(found.body.toString('utf8'));
};

const picturesOf = async (
  { store }: Deps,
  device: DeviceSettings,
  row: ResultRow,
): Promise<VouchingCheck | null> => {
  const prefix = prefixOf(device, row);
  const manifest = await store.get(`${prefix}/manifest.json`);
  if (manifest === null) return null;
  const parsed = parseManifest(manifest.body.toString('utf8'), store.locationOf(`${prefix}/manifest.json`));
  const found = await Promise.all(parsed.frames.map(({ file }) => store.get(`${prefix}/${file}`)));
  const pictures = found.flatMap((object) => (object === null ? [] : [object.body]));
  if (pictures.length < parsed.frames.length) return null;
  return { manifest: parsed, pictures, filesLocation: row.files_location };
};

/** Time between a check and a scan, ms; 0 during it. */
const gapMs = (row: ResultRow, scan: CaptureManifest): number => {
  const at = Date.parse(row.timestamp);
  return Math.max(0, Date.parse(scan.started_at) - at, at - Date.parse(scan.finished_at));
};

/** Measured checks near the time of a scan, nearest first. */
const checksNear = async (
  { results }: Deps,
  { deploymentName, deviceId }: DeviceSettings,
  scan: CaptureManifest,
): Promise<ResultRow[]> => {
  const sinceMs = Date.parse(scan.started_at) - CLOSE_MS;
  const rows = await results.history({ deploymentName, deviceId, sinceMs });
  return rows
    .filter((row) => row.success && gapMs(row, scan) <= CLOSE_MS)
    .sort((a, b) => gapMs(a, scan) - gapMs(b, scan));
};

const moveSuspected = (row: ResultRow): string =>
  `The check of ${timeInWords(row.timestamp)} UTC, close to the scan, was not clearly within the threshold: ` +
  'the mount may have moved.';

/**
 * The nearest check that the current primary reference answered, provided that every check near the time of the scan was
 * clearly within the threshold, whichever layer answered it.
 */
export const vouchingCheck = async (
  deps: Deps,
  device: DeviceSettings,
  primary: CaptureManifest,
  scan: CaptureManifest,
): Promise<Vouching> => {
  let vouching: ResultRow | null = null;
  for (const row of await checksNear(deps, device, scan)) {
    const record = await recordOf(deps, device, row);
    if (record === null) continue;
    const answer = answerOf(record);
    if (!isClearlyWithin(answer, device.thresholdDeg)) return { why: moveSuspected(row) };
    const isPrimary = answer.layer === PRIMARY && record.reference_started_at === primary.started_at;
    if (isPrimary) vouching ??= row;
  }
  const check = vouching && (await picturesOrNone(deps, device, vouching));
  return check === null
    ? { why: 'The primary reference answered no check within 2 h of the scan.' }
    : { check };
};

/** A check with missing or damaged pictures vouches for nothing. */
const picturesOrNone = async (
  deps: Deps,
  device: DeviceSettings,
  row: ResultRow,
): Promise<VouchingCheck | null> => {
  try {
    return await picturesOf(deps, device, row);
  } catch (fault) {
    if (fault instanceof AppError && fault.code === 'unusable_input') return null;
    throw fault;
  }
};
