import type { DeviceSettings, Settings } from '../config/settings.js';
import type { AppError } from '../ports/app-error.js';
import type { Probed } from '../ports/probed.js';
import type { ResultRow } from '../ports/results-table.js';
import type { LayerReport, ReferenceReport } from '../solve/model/answer.js';
import type { ScanProgress } from './record/dependencies.js';
import type { LayerInfo } from './layers/layer-list.js';
import type { CheckOutcome } from './record/outcome.js';

export type { Probed } from '../ports/probed.js';
export type { LayerInfo } from './layers/layer-list.js';
export type { CheckOutcome, Verdict } from './record/outcome.js';
export type { CaptureService, Dependencies, LogEntry, ScanProgress } from './record/dependencies.js';

/**
 * Who wants to know more of the sweeps than lines of text. A sweep is named by the time that it was scheduled for: programs
 * that share one tell their parts under the same name. What is answered resolves when it is safe, so that it will be told
 * whatever becomes of this program; being told the same again changes nothing.
 */
export interface SweepWatch {
  readonly started?: (scheduledForMs: number) => Heard;
  readonly outcome?: (outcome: CheckOutcome, scheduledForMs: number) => Heard;
  /** All outcomes, in the order of the settings, of a program that made the whole sweep; it ends with its last camera else. */
  readonly finished?: (outcomes: readonly CheckOutcome[], tookMs: number, scheduledForMs: number) => Heard;
  readonly failed?: (fault: AppError, scheduledForMs: number) => Heard;
  /** A line for people that is no single check's. Whoever tells what has the same key: it is told once. */
  readonly notice?: (line: string, key: string) => Heard;
  /** The same where the store may be what is wrong: what cannot be kept is told at once, by each program. */
  readonly stalled?: (line: string, key: string) => Heard;
}

export type Heard = Promise<void> | void;

export interface ProductHealth {
  /** Null while `serve` goes round, or does not run; else what stands still. */
  stuck(): string | null;
  /** Rejects with an AppError when store or queue do not answer. */
  ready(signal: AbortSignal): Promise<void>;
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;
}

export type Role = 'all' | 'worker' | 'scheduler';

/** Everything the shells can ask for. Operating failures are AppErrors; an aborted signal rejects with its reason. */
export interface Product {
  readonly settings: Settings;
  hasReference(device: DeviceSettings): Promise<boolean>;
  /** Scans and publishes a new reference. A report with `usable` false means that the one before was kept. */
  scanReference(
    device: DeviceSettings,
    onProgress: (progress: ScanProgress) => void,
    signal: AbortSignal,
  ): Promise<ReferenceReport>;
  hasLayer(device: DeviceSettings, layer: string): Promise<boolean>;
  /**
   * Scans a camera in another light and ties the scan to its reference. A report with `usable` false means that the layer
   * of that name is as it was. AppErrors `no_reference`, and `bad_argument` for a name that cannot be used.
   */
  scanLayer(
    device: DeviceSettings,
    layer: string,
    onProgress: (progress: ScanProgress) => void,
    signal: AbortSignal,
  ): Promise<LayerReport>;
  /** The layers of a camera's reference, by name. */
  layers(device: DeviceSettings): Promise<LayerInfo[]>;
  /** Ties a layer anew, to the reference of today, from its own pictures; as {@link scanLayer} when it cannot be. */
  rebuildLayer(device: DeviceSettings, layer: string, signal: AbortSignal): Promise<LayerReport>;
  /** Puts the layer that the present one of that name has replaced back, as {@link restoreReference} does. */
  restoreLayer(
    device: DeviceSettings,
    layer: string,
    signal: AbortSignal,
  ): Promise<{ readonly scannedAt: string }>;
  /** AppError `bad_argument` for a name that no layer has. */
  dropLayer(device: DeviceSettings, layer: string, signal: AbortSignal): Promise<void>;
  /**
   * Makes the reference before the present one the reference again; answers when that was scanned (UTC ISO-8601).
   * AppErrors `no_previous_reference`, `reference_changed`.
   */
  restoreReference(device: DeviceSettings, signal: AbortSignal): Promise<{ readonly scannedAt: string }>;
  /**
   * Measures one camera; a camera that cannot be measured is an outcome, not a failure. With `confirm` it is measured
   * again at once when it is found drifted for the first time.
   */
  check(
    device: DeviceSettings,
    options: { readonly mode?: 'passive' | 'active'; readonly confirm?: boolean },
    signal: AbortSignal,
  ): Promise<CheckOutcome>;
  /** Measures every camera of every deployment, telling each outcome as it comes. */
  sweep(onOutcome: (outcome: CheckOutcome) => Heard, signal: AbortSignal): Promise<CheckOutcome[]>;
  /** What was measured since a time, oldest first; of all cameras without a device. */
  history(query: { readonly device?: DeviceSettings; readonly sinceMs: number }): Promise<ResultRow[]>;
  /** A PNG of one camera's history. */
  historyPlot(device: DeviceSettings, sinceMs: number): Promise<Buffer>;
  /**
   * Until the signal aborts: sends a sweep at each time of the schedule (`scheduler`), checks cameras of sweeps and tells one
   * line for each (`worker`; any number of programs), or both (`all`, the default).
   */
  serve(tell: (line: string) => void, signal: AbortSignal, watch?: SweepWatch, role?: Role): Promise<void>;
  /** Tries every cluster, broker, camera and store of the settings without moving or writing anything that stays. */
  probe(onProbed: (probed: Probed) => void, signal: AbortSignal): Promise<Probed[]>;
  /** Finishes what earlier runs left: cameras are put back, scans published, checks told. Answers how many checks that were. */
  recover(onOutcome: (outcome: CheckOutcome) => void, signal: AbortSignal): Promise<number>;
  /** What the program says of itself to whoever runs it. */
  readonly health: ProductHealth;
  close(): Promise<void>;
}
