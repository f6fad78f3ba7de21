import type { CheckOutcome, Verdict } from './outcome.js';

export const countOf = (outcomes: readonly { readonly verdict: Verdict }[], verdict: Verdict): number =>
  outcomes.filter((outcome) => outcome.verdict === verdict).length;

const RANK: Readonly<Record<Verdict, number>> = { drifted: 0, unmeasured: 1, ok: 2 };

/** The largest offset as a multiple of the threshold. */
export const excessOf = ({ row, device }: CheckOutcome): number =>
  Math.max(...[row.yaw_offset, row.pitch_offset, row.roll_offset].map((offset) => Math.abs(offset ?? 0))) /
  device.thresholdDeg;

type Ranked = { readonly verdict: Verdict; readonly excess: number };

export const byRank = (a: Ranked, b: Ranked): number =>
  RANK[a.verdict] - RANK[b.verdict] || b.excess - a.excess;

export const worstFirst = (outcomes: readonly CheckOutcome[]): CheckOutcome[] =>
  outcomes
    .map((outcome) => ({ outcome, verdict: outcome.verdict, excess: excessOf(outcome) }))
    .sort(byRank)
    .map(({ outcome }) => outcome);
