import type { CheckOutcome, Verdict } from './outcome.js';

export const countOf = (outcomes: readonly CheckOutcome[], verdict: Verdict): number =>
  outcomes.filter((outcome) => outcome.verdict === verdict).length;

const RANK: Readonly<Record<Verdict, number>> = { drifted: 0, unmeasured: 1, ok: 2 };

/** How many times its threshold a camera is off. */
const excess = ({ row, device }: CheckOutcome): number =>
  Math.max(...[row.yaw_offset, row.pitch_offset, row.roll_offset].map((offset) => Math.abs(offset ?? 0))) /
  device.thresholdDeg;

export const worstFirst = (outcomes: readonly CheckOutcome[]): CheckOutcome[] =>
  [...outcomes].sort((a, b) => RANK[a.verdict] - RANK[b.verdict] || excess(b) - excess(a));
