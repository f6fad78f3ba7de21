import { AppError } from '../../ports/app-error.js';
import { withLease, type Claimed } from '../../state/lease.js';
import type { Dependencies } from '../record/dependencies.js';
import { RESULTS_WRITER_KEY } from '../../state/object-layout.js';
import { ResultsTrouble, type TellOnce } from './results-alert.js';

const WRITER: Claimed = {
  key: RESULTS_WRITER_KEY,
  name: 'The table of results',
  busyCode: 'results_writer_busy',
};

/** Who wants all rows in the table now waits so long for a writer that leaves the last ones to wait for others. */
const WRITER_WAIT_MS = 120_000;

type SettleDeps = Pick<Dependencies, 'results' | 'store' | 'clock' | 'identity' | 'log'>;

/**
 * Brings the results that wait in the store into the table, unless another program is at it for long. What cannot be brought now
 * waits for the next time: it is logged, and holds nothing else up. With `tell`, people are told of a failure that lasts,
 * and of its end. Rows too few for a step of their own wait up to `patienceMs` for others.
 */
export const settleResults = async (
  deps: SettleDeps,
  signal: AbortSignal,
  tell?: TellOnce,
  patienceMs = 0,
): Promise<void> => {
  const { results, log } = deps;
  if (results.settle === undefined) return;
  const settle = results.settle.bind(results);
  const trouble = tell === undefined ? null : new ResultsTrouble(deps, tell);
  try {
    const waitMs = patienceMs === 0 ? WRITER_WAIT_MS : 0;
    const rows = await withLease(WRITER, deps, waitMs, signal, (leased) => settle(leased, patienceMs));
    if (rows > 0)
      log({ level: 'info', event: 'results_settled', message: `${rows} rows came into the table.` });
    // Where rows only wait for others nothing was tried.
    if (rows > 0 || patienceMs === 0) await trouble?.mended(rows);
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    if (cause.code === WRITER.busyCode) return;
    const message = `Results wait in the store: ${cause.message} ${cause.remedy}`;
    log({ level: 'error', event: 'results_deferred', message, cause });
    await trouble?.lasts(cause);
  }
};
