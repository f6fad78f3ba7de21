import type { SecretUser } from '../../config/load-settings.js';
import type { Settings } from '../../config/settings.js';
import type { Product } from '../../monitor/product.js';
import type { SweepWatch } from '../../monitor/record/sweep-watch.js';
import type { Provision } from '../../ports/provision.js';
import type { CalibrationSolver } from '../../ports/calibration-solver.js';

/** The Slack app as the terminal knows it. */
export interface SlackShell {
  readonly watch: SweepWatch;
  start(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What a command may use of the outside; main.ts fills it, tests bring their own. */
export interface Shell {
  /** Answers, for people or programs. */
  out(text: string): void;
  /** Progress and faults. */
  err(text: string): void;
  /** Columns of the terminal that `err` writes to; null when it is no terminal. */
  errColumns(): number | null;
  /** Milliseconds since the epoch, UTC. */
  nowMs(): number;
  /** Of the program, as package.json says. */
  readonly version: string;
  /** The settings file of a call without `--config`. */
  readonly defaultConfig: string;
  /** AppError `config_invalid`, one fault a line; secrets that are not needed may be missing. */
  loadSettings(file: string, needed: readonly SecretUser[]): Promise<Settings>;
  /** Close it. */
  openProduct(settings: Settings): Promise<Product>;
  /** What tells Slack of the product's sweeps and does what people ask for there; null without Slack in the settings. */
  openSlack(product: Product): Promise<SlackShell | null>;
  /** What the settings name in the cloud and the program can make. */
  openSetup(settings: Settings): Promise<Provision[]>;
  /** Answers probes of whoever runs the program; null when the settings give no port. */
  openHealth(product: Product): Promise<{ close(): Promise<void> } | null>;
  /** A solver alone, without settings; close it. */
  openSolver(): CalibrationSolver;
  /** Virtual sites with the product on them; answers the exit code. */
  runDemo(options: { readonly once: boolean }): Promise<number>;
  /** AppError `bad_argument` when the file cannot be written. */
  writeFile(file: string, body: Buffer): Promise<void>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  exitCode: number;
}

/** What scripts can tell apart. */
export const EXIT = {
  ok: 0,
  /** Measured and found wrong: a camera drifted, a reference is unusable, a service is not reachable. */
  trouble: 1,
  unusable: 2,
  unmeasured: 3,
  crashed: 70,
  interrupted: 130,
} as const;
