import type { Outcome } from './run-cases.js';

/** An answer this far off is a wrong one. */
const WRONG_DEG = 0.25;

export interface Row {
  readonly condition: string;
  readonly queries: number;
  readonly answered: number;
  readonly medianDeg: number | null;
  readonly p95Deg: number | null;
  readonly maxDeg: number | null;
  readonly errorOverSigma: number | null;
  readonly wrong: number;
  readonly medianMs: number;
  readonly maxMs: number;
  readonly memoryMb: number;
}

const quantile = (values: readonly number[], share: number): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
};

const largest = (error: readonly number[]): number => Math.max(...error.map(Math.abs));

export const isWrong = ({ errorDeg, mustRefuse }: Outcome): boolean =>
  errorDeg !== null && (mustRefuse || largest(errorDeg) > WRONG_DEG);

/** One line of the table. Errors are taken per axis, as the target figures are. */
export const rowOf = (condition: string, outcomes: readonly Outcome[]): Row => {
  const errors = outcomes.flatMap(({ errorDeg }) => errorDeg?.map(Math.abs) ?? []);
  const ratios = outcomes.flatMap(({ errorInSigmas }) => errorInSigmas ?? []);
  const times = outcomes.map(({ solveMs }) => solveMs);
  return {
    condition,
    queries: outcomes.length,
    answered: outcomes.filter(({ answered }) => answered).length,
    medianDeg: quantile(errors, 0.5),
    p95Deg: quantile(errors, 0.95),
    maxDeg: quantile(errors, 1),
    errorOverSigma:
      ratios.length === 0 ? null : Math.sqrt(ratios.reduce((sum, r) => sum + r * r, 0) / ratios.length),
    wrong: outcomes.filter(isWrong).length,
    medianMs: quantile(times, 0.5) ?? 0,
    maxMs: quantile(times, 1) ?? 0,
    memoryMb: Math.round(
      quantile(
        outcomes.map(({ memoryMb }) => memoryMb),
        1,
      ) ?? 0,
    ),
  };
};

const cell = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits));

const HEAD = ['condition', 'answered', 'median °', 'p95 °', 'max °', 'err/σ', 'wrong', 'ms', 'max ms', 'MB'];

const cellsOf = (row: Row): string[] => [
  row.condition,
  `${row.answered}/${row.queries}`,
  cell(row.medianDeg, 4),
  cell(row.p95Deg, 4),
  cell(row.maxDeg, 4),
  cell(row.errorOverSigma, 2),
  String(row.wrong),
  cell(row.medianMs, 0),
  cell(row.maxMs, 0),
  String(row.memoryMb),
];

/** The table as text, columns aligned. */
export const formatTable = (rows: readonly Row[]): string => {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const format = (line: string[]): string =>
    line.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ');
  return `${lines.map(format).join('\n')}\n`;
};
