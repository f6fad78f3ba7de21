import { alignedText } from './aligned-text.js';
import { OURS, type Outcome } from './run-cases.js';

export interface Row {
  readonly condition: string;
  readonly solver: string;
  readonly queries: number;
  readonly answered: number;
  readonly refused: number;
  readonly medianDeg: number | null;
  readonly p95Deg: number | null;
  readonly maxDeg: number | null;
  readonly errorOverSigma: number | null;
  readonly wrong: number;
  readonly medianMs: number;
  readonly maxMs: number;
  readonly memoryMb: number | null;
}

const quantile = (values: readonly number[], share: number): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
};

const largest = (error: readonly number[]): number => Math.max(...error.map(Math.abs));

export const isWrong = ({ errorDeg, mustRefuse, wrongDeg }: Outcome): boolean =>
  errorDeg !== null && (mustRefuse || largest(errorDeg) > wrongDeg);

/** One line of the table. Errors are taken per axis, as the target figures are; those of queries without a truth are none. */
const rowOf = (condition: string, solver: string, outcomes: readonly Outcome[]): Row => {
  const errors = outcomes.flatMap(({ errorDeg, mustRefuse }) =>
    mustRefuse ? [] : (errorDeg?.map(Math.abs) ?? []),
  );
  const ratios = outcomes.flatMap(({ errorInSigmas }) => errorInSigmas ?? []);
  const times = outcomes.map(({ solveMs }) => solveMs);
  const memoryMb = quantile(
    outcomes.flatMap((outcome) => outcome.memoryMb ?? []),
    1,
  );
  const answered = outcomes.filter((outcome) => outcome.answered).length;
  return {
    ...{ condition, solver, queries: outcomes.length, answered, refused: outcomes.length - answered },
    medianDeg: quantile(errors, 0.5),
    p95Deg: quantile(errors, 0.95),
    maxDeg: quantile(errors, 1),
    errorOverSigma:
      ratios.length === 0 ? null : Math.sqrt(ratios.reduce((sum, r) => sum + r * r, 0) / ratios.length),
    wrong: outcomes.filter(isWrong).length,
    medianMs: quantile(times, 0.5) ?? 0,
    maxMs: quantile(times, 1) ?? 0,
    memoryMb: memoryMb === null ? null : Math.round(memoryMb),
  };
};

/** A line for every condition and solver, the solvers side by side, and what each came to over all. */
export const rowsOf = (conditions: readonly string[], outcomes: readonly Outcome[]): Row[] => {
  const solvers = [...new Set(outcomes.map(({ solver }) => solver))];
  const rows = (name: string, wanted: (outcome: Outcome) => boolean): Row[] =>
    solvers.map((solver) =>
      rowOf(
        name,
        solver,
        outcomes.filter((outcome) => outcome.solver === solver && wanted(outcome)),
      ),
    );
  return [
    ...conditions.flatMap((name) => rows(name, ({ condition }) => condition === name)),
    ...rows('all to be answered', ({ mustRefuse }) => !mustRefuse),
    ...rows('all to be refused', ({ mustRefuse }) => mustRefuse),
  ].filter(({ queries }) => queries > 0);
};

const cell = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits));

const HEAD = [
  ...['condition', 'solver', 'answered', 'refused', 'median °', 'p95 °', 'max °', 'err/σ', 'wrong'],
  ...['ms', 'max ms', 'MB'],
];
/** Columns of words; the others hold figures. */
const WORDS = 2;

const cellsOf = (row: Row): string[] => [
  row.solver === OURS ? row.condition : '',
  row.solver,
  `${row.answered}/${row.queries}`,
  String(row.refused),
  cell(row.medianDeg, 4),
  cell(row.p95Deg, 4),
  cell(row.maxDeg, 4),
  cell(row.errorOverSigma, 2),
  String(row.wrong),
  cell(row.medianMs, 0),
  cell(row.maxMs, 0),
  cell(row.memoryMb, 0),
];

/** The table as text, columns aligned. */
export const formatTable = (rows: readonly Row[]): string => alignedText([HEAD, ...rows.map(cellsOf)], WORDS);

/** The standard errors told, the largest of the three axes, where they are to grow with what the scan shows less of. */
export const formatSigmas = (conditions: readonly string[], outcomes: readonly Outcome[]): string => {
  const lines = conditions.map((name) => {
    const told = outcomes.flatMap(({ condition, sigmaDeg }) =>
      condition === name && sigmaDeg ? [largest(sigmaDeg)] : [],
    );
    return [name, ...[0.5, 0.95, 1].map((share) => cell(quantile(told, share), 4))];
  });
  return alignedText([['standard errors told', 'median °', 'p95 °', 'max °'], ...lines], 1);
};

/** How the memory of our solver's process went over the run: medians of its first and last tenth. */
export const formatMemory = (outcomes: readonly Outcome[]): string => {
  const sizes = outcomes.flatMap(({ solver, memoryMb }) => (solver === OURS ? (memoryMb ?? []) : []));
  const tenth = Math.ceil(sizes.length / 10);
  const medians = [sizes.slice(0, tenth), sizes.slice(-tenth)].map((part) => cell(quantile(part, 0.5), 0));
  return `memory over ${sizes.length} queries: ${medians.join(' → ')} MB (medians of the first and the last ${tenth})\n`;
};
