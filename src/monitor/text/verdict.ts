import { PRIMARY, type SolveAnswer } from '../../solve/model/answer.js';
import { causeInWords, offsetsInWords, offsetsOf } from './wording.js';

export type Verdict = 'ok' | 'drifted' | 'unmeasured';

/** 🚨 when any axis exceeds the threshold, ✅ otherwise; never ✅ for an unmeasured camera. */
export const verdictOf = (answer: SolveAnswer, thresholdDeg: number): Verdict => {
  const offsets = offsetsOf(answer);
  if (!answer.success || offsets === null) return 'unmeasured';
  const largestDeg = Math.max(...Object.values(offsets).map(Math.abs));
  if (!Number.isFinite(largestDeg)) return 'unmeasured';
  return largestDeg > thresholdDeg ? 'drifted' : 'ok';
};

const ICON: Readonly<Record<Verdict, string>> = { ok: '✅', drifted: '🚨', unmeasured: '⚠️' };

/** Readers may want to know that the daylight scan could not answer. */
const byLayer = ({ layer }: SolveAnswer): string =>
  layer === null || layer === PRIMARY ? '' : ` (by layer ${layer})`;

/** Worth knowing even though the camera has not moved. */
const LENS_CAUSES: ReadonlySet<SolveAnswer['cause']> = new Set(['zoom_change', 'camera_changed']);

/** What to do about an answer; empty when there is nothing to do. */
export const adviceOf = (verdict: Verdict, answer: SolveAnswer): string =>
  verdict === 'drifted' || (verdict === 'ok' && LENS_CAUSES.has(answer.cause)) ? causeInWords(answer) : '';

/** The contract's one line per checked camera. */
export const verdictLine = (cameraPath: string, verdict: Verdict, answer: SolveAnswer): string => {
  const told =
    verdict === 'unmeasured'
      ? `not measured: ${answer.failure_log ?? 'no reason given'}`
      : `${offsetsInWords(answer)}${byLayer(answer)}`;
  const advice = adviceOf(verdict, answer);
  return `${ICON[verdict]} ${cameraPath}: ${told}${advice === '' ? '' : `. ${advice}`}`;
};
