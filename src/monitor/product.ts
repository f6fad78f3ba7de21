import type { DeviceSettings, Settings } from '../config/settings.js';
import type { Probe } from '../ports/probed.js';
import type { ResultRow } from '../ports/results-table.js';
import type { LayerReport, ReferenceReport } from '../solve/model/answer.js';
import type { ScanProgress } from './record/dependencies.js';
import type { LayerInfo } from './layers/layer-list.js';
import type { CheckOutcome } from './record/outcome.js';
import type { MaybeAsync, Role, SweepWatch } from './record/sweep-watch.js';

export type { Probed } from '../ports/probed.js';
export type { LayerInfo } from './layers/layer-list.js';
export type { CheckOutcome, Verdict } from './record/outcome.js';
export type { CaptureService, Dependencies, LogEntry, ScanProgress } from './record/dependencies.js';

export interface ProductHealth {
  /** Null while `serve` is working or not running; otherwise what hangs. */
  stuck(): string | null;
  /** Rejects with an AppError when store or queue does not respond. */
  ready(signal: AbortSignal): Promise<void>;
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;
}

/** Everything the shells can request. Operating failures are AppErrors; an aborted signal rejects with its reason. */
export interface Product {
  readonly settings: Settings;
  hasReference(device: DeviceSettings): Promise<boolean>;
  /** Scans and publishes a new reference. A report with `usable` false means that the previous one was kept. */
  scanReference(
    device: DeviceSettings,
    onProgress: (progress: ScanProgress) => void,
    signal: AbortSignal,
  ): Promise<ReferenceReport>;
  hasLayer(device: DeviceSettings, layer: string): Promise<boolean>;
  /**
   * Scans a camera in different light and ties the scan to its reference. A report with `usable` false means that the
   * layer of that name is unchanged. AppErrors `no_reference`, and `bad_argument` for an invalid name.
   */
  scanLayer(
    device: DeviceSettings,
    layer: string,
    onProgress: (progress: ScanProgress) => void,
    signal: AbortSignal,
  ): Promise<LayerReport>;
  /** The layers of a camera's reference, by name. */
  layers(device: DeviceSettings): Promise<LayerInfo[]>;
  /** Ties a layer again, from its own pictures, to the current reference; on failure as {@link scanLayer}. */
  rebuildLayer(device: DeviceSettings, layer: string, signal: AbortSignal): Promise<LayerReport>;
  /** Restores the previous layer of that name, as {@link restoreReference} does. */
  restoreLayer(
    device: DeviceSettings,
    layer: string,
    signal: AbortSignal,
  ): Promise<{ readonly scannedAt: string }>;
  /** AppError `bad_argument` for an unknown layer. */
  dropLayer(device: DeviceSettings, layer: string, signal: AbortSignal): Promise<void>;
  /**
   * Makes the previous reference the current one again; returns when it was scanned (UTC ISO-8601). AppErrors
   * `no_previous_reference`, `reference_changed`.
   */
  restoreReference(device: DeviceSettings, signal: AbortSignal): Promise<{ readonly scannedAt: string }>;
  /**
   * Measures one camera; a camera that cannot be measured is an outcome, not a failure. With `confirm` the check is
   * repeated at once when it first finds drift.
   */
  check(
    device: DeviceSettings,
    options: { readonly mode?: 'passive' | 'active'; readonly confirm?: boolean },
    signal: AbortSignal,
  ): Promise<CheckOutcome>;
  /** Measures every camera of every deployment and reports each outcome as it arrives; AppErrors when an outage stops it. */
  sweep(onOutcome: (outcome: CheckOutcome) => MaybeAsync, signal: AbortSignal): Promise<CheckOutcome[]>;
  /** Results since a time, oldest first; of all cameras without a device. */
  history(query: { readonly device?: DeviceSettings; readonly sinceMs: number }): Promise<ResultRow[]>;
  /** A PNG of one camera's history. */
  historyPlot(device: DeviceSettings, sinceMs: number): Promise<Buffer>;
  /**
   * Until the signal aborts: starts a sweep at each scheduled time (`scheduler`), checks cameras of sweeps and reports
   * one line for each (`worker`; any number of programs), or both (`all`, the default).
   */
  serve(tell: (line: string) => void, signal: AbortSignal, watch?: SweepWatch, role?: Role): Promise<void>;
  /** Probes every cluster, broker, camera and store of the settings without moving anything or leaving anything behind. */
  readonly probe: Probe;
  /** Finishes what earlier runs left: returns cameras, publishes scans, reports checks. Returns the number of checks. */
  recover(onOutcome: (outcome: CheckOutcome) => void, signal: AbortSignal): Promise<number>;
  /** For whoever operates the program. */
  readonly health: ProductHealth;
  close(): Promise<void>;
}
