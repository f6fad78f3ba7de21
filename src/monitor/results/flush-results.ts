import { AppError } from '../../ports/app-error.js';
import { withLease, type LeaseTarget } from '../../state/lease.js';
import type { Dependencies } from '../record/dependencies.js';
import { RESULTS_WRITER_KEY } from '../../state/object-layout.js';
import { ResultsAlert, type ReportOnce } from './results-alert.js';

const WRITER: LeaseTarget = {
  key: RESULTS_WRITER_KEY,
  name: 'the results table',
  busyCode: 'results_writer_busy',
};

/** How long a flush of all rows waits for another writer, which may leave the last ones. */
const WRITER_WAIT_MS = 120_000;

type FlushDeps = Pick<Dependencies, 'results' | 'store' | 'clock' | 'identity' | 'log'>;

/**
 * Writes waiting results to the table, unless another program is busy with it for long. A failure is logged and retried
 * the next time; nothing else waits for it. With `tell`, a lasting failure and its end are reported. Rows too few for a
 * statement of their own wait up to `patienceMs` for others.
 */
export const flushResults = async (
  deps: FlushDeps,
  signal: AbortSignal,
  tell?: ReportOnce,
  patienceMs = 0,
): Promise<void> => {
  const { results, log } = deps;
  if (results.settle === undefined) return;
  const settle = results.settle.bind(results);
  const alert = tell === undefined ? null : new ResultsAlert(deps, tell);
  try {
    const waitMs = patienceMs === 0 ? WRITER_WAIT_MS : 0;
    const rows = await withLease(WRITER, deps, waitMs, signal, (leased) => settle(leased, patienceMs));
    if (rows > 0)
      log({ level: 'info', event: 'results_settled', message: `Wrote ${rows} rows to the table.` });
    // If rows are only waiting for others, nothing was tried.
    if (rows > 0 || patienceMs === 0) await alert?.recovered(rows);
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    if (cause.code === WRITER.busyCode) return;
    const message = `Results are waiting in the store: ${cause.message} ${cause.remedy}`;
    log({ level: 'error', event: 'results_deferred', message, cause });
    await alert?.failed(cause);
  }
};
