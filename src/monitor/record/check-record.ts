import { z } from 'zod';
import type { SolveAnswer } from '../../solve/model/answer.js';
import { RESULT_ROW } from '../../ports/results-table.js';
import type { ResultRow } from '../../ports/results-table.js';
import type { Verdict } from '../text/verdict.js';

/**
 * `result.json`: the solver's full answer (or a refusal in the same form when no frame could be taken), and the verdict
 * on it. Written before anything leaves the spool: a check that has it is finished from it alone.
 */
export interface CheckRecord extends SolveAnswer {
  readonly schema: 'calibration-result/1';
  readonly deployment_name: string;
  readonly device_id: string;
  readonly camera_name: string;
  readonly verdict_told: Verdict;
  readonly line: string;
  readonly threshold_deg: number;
  /** The code of the operating failure; null when the solver answered or refused. */
  readonly failure_code: string | null;
  /** When the scan of the reference used was started; null when there was none. */
  readonly reference_started_at: string | null;
  readonly row: ResultRow;
}

/** The solver's answer alone. */
export const answerOf = (record: CheckRecord): SolveAnswer => {
  const { query, success, verdict, yaw_offset, pitch_offset, roll_offset, sigma, zoom_scale } = record;
  const { inliers, matches, log10_nfa, layer, lens, head, cause, captures, solve_ms, failure_log } = record;
  return {
    ...{ query, success, verdict, yaw_offset, pitch_offset, roll_offset, sigma, zoom_scale },
    ...{ inliers, matches, log10_nfa, layer, lens, head, cause, captures, solve_ms, failure_log },
  };
};

const shape = z.looseObject({
  schema: z.literal('calibration-result/1'),
  deployment_name: z.string(),
  device_id: z.string(),
  camera_name: z.string(),
  verdict_told: z.enum(['ok', 'drifted', 'unmeasured']),
  line: z.string(),
  row: RESULT_ROW,
});

/** The record in a spool folder; null for anything else (a result is written whole or not at all). */
export const parseCheckRecord = (text: string): CheckRecord | null => {
  try {
    const value: unknown = JSON.parse(text);
    return shape.safeParse(value).success ? (value as CheckRecord) : null;
  } catch {
    return null;
  }
};
