import { checkResultRows, identityOf } from '../../src/ports/results-table.js';
import type { ResultRow, ResultsTable } from '../../src/ports/results-table.js';

/** Keeps rows in memory; passes the same contract as the real tables. */
export const createMemoryResultsTable = (): ResultsTable => {
  const rows = new Map<string, ResultRow>();
  return {
    merge: async (added) => {
      checkResultRows(added);
      for (const row of structuredClone(added)) rows.set(identityOf(row), row);
    },
    history: async ({ deploymentName, deviceId, sinceMs }) =>
      structuredClone([...rows.values()])
        .filter(
          (row) =>
            Date.parse(row.timestamp) >= sinceMs &&
            (deploymentName === undefined || row.deployment_name === deploymentName) &&
            (deviceId === undefined || row.device_id === deviceId),
        )
        .sort((a, b) => (identityInTime(a) < identityInTime(b) ? -1 : 1)),
    close: async () => undefined,
  };
};

const identityInTime = (row: ResultRow): string =>
  [row.timestamp, row.deployment_name, row.device_id].join('\n');
