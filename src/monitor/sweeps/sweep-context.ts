import type { Dependencies } from '../record/dependencies.js';
import type { IncidentStore } from '../record/incident-store.js';
import type { LocalReferences } from '../references/reference-cache.js';
import type { AppError } from '../../ports/app-error.js';
import type { SweepStore } from './sweep-store.js';
import type { SweepWatch } from '../record/sweep-watch.js';

export const MS_PER_MINUTE = 60_000;

/** What sweeps are done with and told to. */
export interface WorkerDeps {
  readonly deps: Dependencies;
  readonly references: LocalReferences;
  readonly incidents: IncidentStore;
  readonly sweeps: SweepStore;
  /** How long after the time of its sweep a check is still of use. */
  readonly checkWithinMs: number;
  /** A line for people. */
  readonly tell: (line: string) => void;
  readonly watch: SweepWatch;
  /** Called once an outage of queue or store has lasted. */
  readonly onOutage?: (fault: AppError) => void;
  /** Called whenever the worker comes round. */
  readonly beat?: () => void;
}

/** For Slack, where it is told once for each key, and for whoever looks at the terminal. */
export const announce = async (
  { tell, watch }: Pick<WorkerDeps, 'tell' | 'watch'>,
  line: string,
  key: string,
): Promise<void> => {
  await watch.notice?.(line, key);
  tell(line);
};

/** Something that people must know of and no check tells them. */
export const report = async (about: WorkerDeps, fault: AppError, key: string): Promise<void> => {
  about.deps.log({ level: 'error', event: fault.code, message: fault.message });
  await announce(about, `⚠️ ${fault.message} ${fault.remedy}`, `${fault.code}/${key}`);
};
