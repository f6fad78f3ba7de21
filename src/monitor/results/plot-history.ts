import pLimit from 'p-limit';
import { timestampKey } from '../../ports/camera-name.js';
import type { DeviceSettings } from '../../config/settings.js';
import type { Pictures } from '../../ports/pictures.js';
import type { ResultRow } from '../../ports/results-table.js';
import { parseCheckRecord, type CheckRecord } from '../record/check-record.js';
import type { Dependencies } from '../record/dependencies.js';
import { queryPrefix } from '../../state/object-layout.js';
import { cameraPath } from '../text/wording.js';

type PlotRequest = Parameters<Pictures['historyPlot']>[0];

/** Standard errors are looked up for this many of the latest checks: each is an object of its own. */
const MAX_RECORDS = 200;
const AT_ONCE = 8;

type Found = { readonly row: ResultRow; readonly record: CheckRecord | null };

const recordsOf = (
  { store }: Pick<Dependencies, 'store'>,
  device: DeviceSettings,
  rows: readonly ResultRow[],
): Promise<Found[]> => {
  const limit = pLimit(AT_ONCE);
  const first = rows.length - MAX_RECORDS;
  const find = async (row: ResultRow, index: number): Promise<Found> => {
    if (index < first || !row.success) return { row, record: null };
    const key = `${queryPrefix(device, timestampKey(Date.parse(row.timestamp)))}/result.json`;
    const found = await store.get(key);
    return { row, record: found === null ? null : parseCheckRecord(found.body.toString('utf8')) };
  };
  return Promise.all(rows.map((row, index) => limit(() => find(row, index))));
};

/** When checks started to use another reference: when it was scanned, or, if restored, at the first of them. */
const referenceTimes = (found: readonly Found[]): string[] => {
  const measured = found.flatMap(({ row, record }) =>
    record?.reference_started_at == null ? [] : [{ at: row.timestamp, of: record.reference_started_at }],
  );
  return measured.flatMap(({ at, of }, index) => {
    const before = measured[index - 1];
    if (before === undefined || before.of === of) return [];
    return [of > before.at && of < at ? of : at];
  });
};

/** A PNG of one camera's history: angles with their standard errors, failures, and where the reference changed. */
export const plotHistory = async (
  deps: Pick<Dependencies, 'store' | 'results' | 'pictures'>,
  device: DeviceSettings,
  sinceMs: number,
): Promise<Buffer> => {
  const { deploymentName, deviceId, thresholdDeg } = device;
  const rows = await deps.results.history({ deploymentName, deviceId, sinceMs });
  const found = await recordsOf(deps, device, rows);
  const request: PlotRequest = {
    rows: found.map(({ row, record }) => ({ ...row, sigma: record?.sigma ?? null })),
    references: referenceTimes(found),
    thresholdDeg,
    title: cameraPath(device),
  };
  return deps.pictures.historyPlot(request);
};
