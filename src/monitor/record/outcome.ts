import type { DeviceSettings } from '../../config/settings.js';
import type { ResultRow } from '../../ports/results-table.js';
import type { SolveAnswer } from '../../solve/model/answer.js';
import type { Verdict } from '../text/verdict.js';

export type { Verdict } from '../text/verdict.js';

/** The outcome of one check of one camera. */
export interface CheckOutcome {
  readonly device: DeviceSettings;
  readonly verdict: Verdict;
  /** One line for people, starting with its icon. */
  readonly line: string;
  readonly row: ResultRow;
  /** Null when no frame could be taken. */
  readonly answer: SolveAnswer | null;
  readonly pictureLocation: string | null;
  readonly filesLocation: string;
  /** The code of the AppError behind an unmeasured outcome, else null. */
  readonly failureCode: string | null;
  /** False while files or row are still in the spool because store or table could not be written. */
  readonly recorded: boolean;
  /** True when the same fault was already reported for the deployment: count it, do not report it again. */
  readonly repeated: boolean;
  /** The scheduled time (UTC ISO-8601) of its sweep; absent for a check outside a sweep. */
  readonly sweepAt?: string;
}
