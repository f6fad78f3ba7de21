import { z } from 'zod';
import { AppError } from '../../ports/app-error.js';
import { withLease, type Claimed } from '../../state/lease.js';
import type { Dependencies } from '../record/dependencies.js';
import { RESULTS_TENDED_KEY, RESULTS_TENDER_KEY } from '../../state/object-layout.js';
import { SharedState } from '../../state/shared-document.js';

const TENDER: Claimed = {
  key: RESULTS_TENDER_KEY,
  name: 'The upkeep of the table of results',
  busyCode: 'results_tender_busy',
};
const EVERY_MS = 86_400_000;
/** What failed, or whose program was killed, is begun again after this. */
const AGAIN_MS = 3_600_000;

interface Tended {
  readonly begunAtMs: number;
  readonly isDone: boolean;
}

const TENDED: z.ZodType<Tended> = z.object({ begunAtMs: z.number(), isDone: z.boolean() });
const NEVER: Tended = { begunAtMs: 0, isDone: false };

type TendDeps = Pick<Dependencies, 'results' | 'store' | 'clock' | 'identity' | 'log'>;

const isDue = ({ begunAtMs, isDone }: Tended, nowMs: number): boolean =>
  nowMs - begunAtMs >= (isDone ? EVERY_MS : AGAIN_MS);

/** Notes the beginning before anything is sent: whoever is killed at it does not begin anew at each start. */
const tendIfDue = async (
  { clock, log }: TendDeps,
  state: SharedState<Tended>,
  tend: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const begunAtMs = clock.nowMs();
  const begin = (tended: Tended): Tended | null =>
    isDue(tended, begunAtMs) ? { begunAtMs, isDone: false } : null;
  const { before, after } = await state.update(RESULTS_TENDED_KEY, begin);
  if (after === before) return;
  try {
    await tend();
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    const message = `The table of results could not be tended; rows come in all the same, and it is tried again in an hour: ${cause.message} ${cause.remedy}`;
    return log({ level: 'error', event: 'results_untended', message, cause });
  }
  await state.update(RESULTS_TENDED_KEY, () => ({ begunAtMs, isDone: true }));
  const tookS = Math.round((clock.nowMs() - begunAtMs) / 1000);
  log({ level: 'info', event: 'results_tended', message: `The table of results was tended in ${tookS} s.` });
};

/**
 * Once a day, by one program of all: small files of the table are joined, what nobody needs is deleted. A failure is logged
 * and holds nothing else up.
 */
export const tendResults = async (deps: TendDeps, signal: AbortSignal): Promise<void> => {
  const { results, store, clock, log } = deps;
  if (results.tend === undefined) return;
  const tend = results.tend.bind(results);
  const state = new SharedState(store, TENDED, NEVER);
  try {
    if (!isDue(await state.of(RESULTS_TENDED_KEY), clock.nowMs())) return;
    await withLease(TENDER, deps, 0, signal, (held) => tendIfDue(deps, state, () => tend(held), signal));
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof AppError)) throw cause;
    if (cause.code === TENDER.busyCode) return;
    log({ level: 'warn', event: 'results_upkeep_unknown', message: cause.message, cause });
  }
};
