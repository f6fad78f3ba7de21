import { z } from 'zod';
import { AppError } from '../../ports/app-error.js';
import { withLease, type LeaseTarget } from '../../state/lease.js';
import type { Dependencies } from '../record/dependencies.js';
import { orLogged } from '../record/or-logged.js';
import { RESULTS_TENDED_KEY, RESULTS_TENDER_KEY } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';

const TENDER: LeaseTarget = {
  key: RESULTS_TENDER_KEY,
  name: 'the maintenance of the results table',
  busyCode: 'results_tender_busy',
};
const EVERY_MS = 86_400_000;
/** Delay after a failure or a kill. */
const RETRY_MS = 3_600_000;

const TENDED = z.object({ begunAtMs: z.number(), isDone: z.boolean() });
type Tended = z.output<typeof TENDED>;
const NEVER: Tended = { begunAtMs: 0, isDone: false };

type MaintenanceDeps = Pick<Dependencies, 'results' | 'store' | 'clock' | 'identity' | 'log'>;

const isDue = ({ begunAtMs, isDone }: Tended, nowMs: number): boolean =>
  nowMs - begunAtMs >= (isDone ? EVERY_MS : RETRY_MS);

/** Records the start before anything is sent: a program killed at it does not start again each time. */
const maintainIfDue = async (
  { clock, log }: MaintenanceDeps,
  state: SharedState<Tended>,
  tend: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const begunAtMs = clock.nowMs();
  const begin = (tended: Tended): Tended | null =>
    isDue(tended, begunAtMs) ? { begunAtMs, isDone: false } : null;
  const { before, after } = await state.update(RESULTS_TENDED_KEY, begin);
  if (after === before) return;
  const message = (cause: AppError): string =>
    `Maintenance of the results table failed; rows are still written, and it is retried in an hour: ${cause.message} ${cause.remedy}`;
  const entry = { level: 'error', event: 'results_untended', message } as const;
  if ((await orLogged({ log }, entry, () => tend().then(() => true), signal)) === null) return;
  await state.update(RESULTS_TENDED_KEY, () => ({ begunAtMs, isDone: true }));
  const tookS = Math.round((clock.nowMs() - begunAtMs) / 1000);
  log({ level: 'info', event: 'results_tended', message: `Maintained the results table in ${tookS} s.` });
};

/**
 * Once a day, by one program: compacts small files of the table and deletes what is no longer needed. A failure is
 * logged and delays nothing else.
 */
export const maintainTable = async (deps: MaintenanceDeps, signal: AbortSignal): Promise<void> => {
  const { results, store, clock, log } = deps;
  if (results.tend === undefined) return;
  const tend = results.tend.bind(results);
  const state = new SharedState(store, TENDED, NEVER);
  try {
    if (!isDue(await state.of(RESULTS_TENDED_KEY), clock.nowMs())) return;
    await withLease(TENDER, deps, 0, signal, (held) => maintainIfDue(deps, state, () => tend(held), signal));
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    if (cause.code === TENDER.busyCode) return;
    log({ level: 'warn', event: 'results_upkeep_unknown', message: cause.message, cause });
  }
};
