import { AppError } from '../../ports/app-error.js';
import type { AthenaQueries } from './athena-queries.js';
import { optimizeSql, VACUUM_SQL } from './athena-sql.js';

const DAY_MS = 86_400_000;
/** Days whose small files are joined. */
const RECENT_DAYS = 3;
/** A VACUUM that had been put off was seen to take 41 minutes. */
const STATEMENT_MS = 5_400_000;
/** One run does so much and no more; what is left after these is done the next day. */
const MAX_RUNS = 20;

const untilDone = async (queries: AthenaQueries, sql: string, signal: AbortSignal): Promise<void> => {
  for (let runs = 1; runs <= MAX_RUNS; runs += 1) {
    try {
      await queries.run(sql, [], signal, { withinMs: STATEMENT_MS });
      return;
    } catch (fault) {
      if (!(fault instanceof AppError) || fault.code !== 'statement_unfinished') throw fault;
    }
  }
};

/** Joins small files and deletes what no snapshot needs; the one is tried though the other fails. */
export const tendTable = async (
  queries: AthenaQueries,
  nowMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const [optimized] = await Promise.allSettled([
    untilDone(queries, optimizeSql(nowMs - RECENT_DAYS * DAY_MS), signal),
  ]);
  signal.throwIfAborted();
  await untilDone(queries, VACUUM_SQL, signal);
  if (optimized.status === 'rejected') throw optimized.reason;
};
