import type { Dependencies } from '../record/dependencies.js';
import type { IncidentStore } from '../record/incident-store.js';
import type { ReferenceCache } from '../references/reference-cache.js';
import type { AppError } from '../../ports/app-error.js';
import type { SweepStore } from './sweep-store.js';
import type { SweepWatch } from '../record/sweep-watch.js';

export const MS_PER_MINUTE = 60_000;

/** What sweeps need, and who observes them. */
export interface SweepContext {
  readonly deps: Dependencies;
  readonly references: ReferenceCache;
  readonly incidents: IncidentStore;
  readonly sweeps: SweepStore;
  /** How long after the scheduled time a check is still useful. */
  readonly checkWithinMs: number;
  /** A line for people. */
  readonly tell: (line: string) => void;
  readonly watch: SweepWatch;
  /** Called when an outage of queue or store lasts. */
  readonly onOutage?: (fault: AppError) => void;
  /** Called on every round of the worker. */
  readonly beat?: () => void;
}

/** Reports a line in Slack, once per key, and on the terminal. */
export const announce = async (
  { tell, watch }: Pick<SweepContext, 'tell' | 'watch'>,
  line: string,
  key: string,
): Promise<void> => {
  await watch.notice?.(line, key);
  tell(line);
};

/** Logs and reports a fault that belongs to no check. */
export const report = async (context: SweepContext, fault: AppError, key: string): Promise<void> => {
  context.deps.log({ level: 'error', event: fault.code, message: fault.message });
  await announce(context, `⚠️ ${fault.message} ${fault.remedy}`, `${fault.code}/${key}`);
};
