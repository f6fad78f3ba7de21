import type { CaptureService } from '../../capture/capture-service.js';
import type { RestoredCamera, RestoreOptions } from '../../capture/restore-after-crash.js';
import type { Settings } from '../../config/settings.js';
import type { CalibrationSolver } from '../../ports/calibration-solver.js';
import type { Clock } from '../../ports/clock.js';
import type { Metrics } from '../../ports/metrics.js';
import type { ObjectStore } from '../../ports/object-store.js';
import type { Pictures } from '../../ports/pictures.js';
import type { Probe } from '../../ports/probed.js';
import type { ProcessIdentity } from '../../ports/process-identity.js';
import type { ResultsTable } from '../../ports/results-table.js';
import type { WorkQueue } from '../../ports/work-queue.js';

export type { CaptureService } from '../../capture/capture-service.js';
export type { ScanStep as ScanProgress } from '../../capture/reference-scan.js';

/** One event for whoever operates the program; never holds credentials. */
export interface LogEntry {
  /** `debug` is not shown in a terminal. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stable, machine readable: `check_finished`, `record_deferred` … */
  readonly event: string;
  readonly message: string;
  readonly device?: string;
  /** The check it is about: `deployment/camera/2026-01-31T14-00-05.123Z`, by its beginning, the same all through. */
  readonly check?: string;
  /** The sweep of that check, UTC ISO-8601. */
  readonly sweep?: string;
  readonly cause?: unknown;
}

/** Everything the product needs from outside; provided by compose, or by tests. */
export interface Dependencies {
  readonly settings: Settings;
  readonly capture: CaptureService;
  readonly solver: CalibrationSolver;
  readonly store: ObjectStore;
  readonly results: ResultsTable;
  /** Sweeps to start and cameras to check, shared by all programs of the fleet. */
  readonly queue: WorkQueue;
  /** A queue, and a store for notes, that only this run sees. */
  readonly openPrivateQueue: () => { readonly queue: WorkQueue; readonly notes: ObjectStore };
  readonly pictures: Pictures;
  readonly clock: Clock;
  readonly identity: ProcessIdentity;
  /** Probes clusters, brokers and devices; the product probes store and table itself. */
  readonly probe: Probe;
  /** Returns the cameras that a killed run left away from home, each under its lease. */
  readonly restoreCameras: (
    holding: RestoreOptions['holding'],
    signal: AbortSignal,
  ) => Promise<RestoredCamera[]>;
  readonly log: (entry: LogEntry) => void;
  readonly metrics: Metrics;
  /** Closes all of the above. */
  readonly closeAll: () => Promise<void>;
}
