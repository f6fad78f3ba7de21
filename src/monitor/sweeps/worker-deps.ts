import type { Dependencies } from '../dependencies.js';
import type { IncidentStore } from '../incident-store.js';
import type { LocalReferences } from '../local-reference.js';
import type { SweepWatch } from '../product.js';

export const MS_PER_MINUTE = 60_000;

/** What sweeps are done with and told to. */
export interface WorkerDeps {
  readonly deps: Dependencies;
  readonly references: LocalReferences;
  readonly incidents: IncidentStore;
  /** A line for people. */
  readonly tell: (line: string) => void;
  readonly watch: SweepWatch;
  /** Called whenever the worker comes round. */
  readonly beat?: () => void;
}
