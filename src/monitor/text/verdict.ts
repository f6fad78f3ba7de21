import { PRIMARY, type SolveAnswer } from '../../solve/model/answer.js';
import { causeInWords, offsetsInWords, offsetsOf } from './wording.js';

export type Verdict = 'ok' | 'drifted' | 'unmeasured';

/** 🚨 when any axis is off by more than the threshold, ✅ otherwise; never ✅ for what was not measured. */
export const verdictOf = (answer: SolveAnswer, thresholdDeg: number): Verdict => {
  const offsets = offsetsOf(answer);
  if (!answer.success || offsets === null) return 'unmeasured';
  const largestDeg = Math.max(...Object.values(offsets).map(Math.abs));
  if (!Number.isFinite(largestDeg)) return 'unmeasured';
  return largestDeg > thresholdDeg ? 'drifted' : 'ok';
};

const ICON: Readonly<Record<Verdict, string>> = { ok: '✅', drifted: '🚨', unmeasured: '⚠️' };

/** A reader may want to know that the day's scan could not answer. */
const byLayer = ({ layer }: SolveAnswer): string =>
  layer === null || layer === PRIMARY ? '' : ` (by layer ${layer})`;

/** What somebody should know although the camera points where it did. */
const LENS_CAUSES: ReadonlySet<SolveAnswer['cause']> = new Set(['zoom_change', 'camera_changed']);

/** What to do about an answer; empty where nothing is to be done. */
export const adviceOf = (verdict: Verdict, answer: SolveAnswer): string =>
  verdict === 'drifted' || (verdict === 'ok' && LENS_CAUSES.has(answer.cause)) ? causeInWords(answer) : '';

/** The contract's one line per checked camera. */
export const verdictLine = (cameraPath: string, verdict: Verdict, answer: SolveAnswer): string => {
  const told =
    verdict === 'unmeasured'
      ? `not measured: ${answer.failure_log ?? 'no reason told'}`
      : `${offsetsInWords(answer)}${byLayer(answer)}`;
  const advice = adviceOf(verdict, answer);
  return `${ICON[verdict]} ${cameraPath}: ${told}${advice === '' ? '' : `. ${advice}`}`;
};
