import type { DeviceSettings } from '../../config/settings.js';
import type { ResultRow } from '../../ports/results-table.js';
import type { SolveAnswer } from '../../solve/model/answer.js';
import type { Verdict } from '../text/verdict.js';

export type { Verdict } from '../text/verdict.js';

/** What one check of one camera came to. */
export interface CheckOutcome {
  readonly device: DeviceSettings;
  readonly verdict: Verdict;
  /** One line for people, its icon first. */
  readonly line: string;
  readonly row: ResultRow;
  /** Null when no frame could be taken. */
  readonly answer: SolveAnswer | null;
  readonly pictureLocation: string | null;
  readonly filesLocation: string;
  /** The code of the AppError behind an unmeasured outcome, else null. */
  readonly failureCode: string | null;
  /** False while files or row still wait in the spool because the store or the table could not be written. */
  readonly recorded: boolean;
  /** True when the same fault was told for the whole deployment before: count it, do not tell it again. */
  readonly repeated: boolean;
  /** The sweep that it belongs to, by the time (UTC ISO-8601) that the schedule meant it for; absent: of none on a schedule. */
  readonly sweepAt?: string;
}
