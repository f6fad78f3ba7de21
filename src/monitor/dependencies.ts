import type { CaptureManifest } from '../capture/manifest.js';
import type { DeviceSettings, Settings } from '../config/settings.js';
import type { CalibrationSolver } from '../ports/calibration-solver.js';
import type { Clock } from '../ports/clock.js';
import type { ObjectStore } from '../ports/object-store.js';
import type { Pictures } from '../ports/pictures.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import type { ResultsTable } from '../ports/results-table.js';
import type { Product } from './product.js';

/** Stops done of a reference scan, and how long the rest will take as far as can be told. */
export interface ScanProgress {
  readonly done: number;
  readonly total: number;
  readonly etaMs: number | null;
}

/**
 * Takes pictures with their telemetry from one camera into a local folder that exists. Both leave the frames and, last,
 * `manifest.json` there (frames of a scan in `images/`), and throw an AppError when the camera gives none.
 */
export interface CaptureService {
  capture(
    device: DeviceSettings,
    request: { readonly mode: 'passive' | 'active'; readonly dir: string },
    signal: AbortSignal,
  ): Promise<CaptureManifest>;
  scan(
    device: DeviceSettings,
    dir: string,
    onProgress: (progress: ScanProgress) => void,
    signal: AbortSignal,
  ): Promise<CaptureManifest>;
}

/** One thing worth knowing to whoever operates the program; never holds credentials. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  /** Stable, machine readable: `check_finished`, `record_deferred` … */
  readonly event: string;
  readonly message: string;
  readonly device?: string;
  readonly cause?: unknown;
}

/** Everything the product needs from outside; compose fills it, tests bring their own. */
export interface Dependencies {
  readonly settings: Settings;
  readonly capture: CaptureService;
  readonly solver: CalibrationSolver;
  readonly store: ObjectStore;
  readonly results: ResultsTable;
  readonly pictures: Pictures;
  readonly clock: Clock;
  readonly identity: ProcessIdentity;
  readonly probe: Product['probe'];
  readonly log: (entry: LogEntry) => void;
  /** Closes what was opened for all of the above. */
  readonly closeAll: () => Promise<void>;
}
