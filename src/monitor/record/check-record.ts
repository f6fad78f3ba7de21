import { z } from 'zod';
import type { SolveAnswer } from '../../solve/model/answer.js';
import { RESULT_ROW } from '../../ports/results-table.js';
import type { ResultRow } from '../../ports/results-table.js';
import type { Verdict } from '../text/verdict.js';

/**
 * `result.json`: the solver's whole answer (or a refusal in its form when no frame could be taken), with what the check
 * made of it. Written before anything leaves the spool: a check with it is finished from it alone.
 */
export interface CheckRecord extends SolveAnswer {
  readonly schema: 'calibration-result/1';
  readonly deployment_name: string;
  readonly device_id: string;
  readonly camera_name: string;
  readonly verdict_told: Verdict;
  readonly line: string;
  readonly threshold_deg: number;
  /** The code of the operating failure, and what to do; null when the solver answered or refused. */
  readonly failure_code: string | null;
  /** When the reference that it was held against was begun; null when none was. */
  readonly reference_started_at: string | null;
  readonly row: ResultRow;
}

/** What the solver answered, without what the check made of it. */
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

/** The record that a spool folder holds; null for text that is none (a result is written whole or not at all). */
export const parseCheckRecord = (text: string): CheckRecord | null => {
  try {
    const value: unknown = JSON.parse(text);
    return shape.safeParse(value).success ? (value as CheckRecord) : null;
  } catch {
    return null;
  }
};
