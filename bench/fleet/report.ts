import type { Calls } from './calls.js';
import type { RowsReport } from './rows.js';
import { PARTS, type Part } from './usage.js';
import type { Worker } from './workers.js';

/** How long after the death of a worker what it had in hand was done by others. */
export interface Lateness {
  readonly lateS: readonly number[];
}

export interface FleetReport {
  readonly workers: readonly Worker[];
  readonly tookMs: number;
  /** Processor time of the stand-ins for AWS. */
  readonly servicesS: number;
  readonly calls: Calls;
  /** MERGE statements that brought the rows into the table. */
  readonly statements: number;
  readonly checks: number;
  readonly rows: RowsReport;
  readonly late: Lateness | null;
  readonly visibilityS: number;
}

const WORDS: Readonly<Record<Part, string>> = {
  program: 'programs: queue, fetching, uploading',
  solver: 'solvers: features, solve',
  pictures: 'drawing of the check pictures',
};

const line = (what: string, value: string): string => `${what.padEnd(40)} ${value}\n`;
const names = (cameras: readonly string[]): string =>
  cameras.length === 0 ? '0' : `${cameras.length}: ${cameras.slice(0, 8).join(', ')}`;

const memoryOf = ({ name, usage }: Worker): string => {
  const peaks = PARTS.map((part) => usage?.peakMb[part] ?? 0);
  const sum = peaks.reduce((total, peak) => total + peak, 0);
  return line(
    `peak memory of ${name}`,
    `${sum.toFixed(0)} MB (${peaks.map((peak) => peak.toFixed(0)).join(' + ')})`,
  );
};

const processorTime = ({ workers, checks, servicesS }: FleetReport): string => {
  const parts = PARTS.map(
    (part) => [WORDS[part], workers.reduce((sum, { usage }) => sum + (usage?.cpuS[part] ?? 0), 0)] as const,
  );
  const all = [...parts, ['stand-ins for S3, SQS and Athena', servicesS] as const];
  const total = all.reduce((sum, [, seconds]) => sum + seconds, 0);
  return [...all, ['all', total] as const]
    .map(([what, seconds]) =>
      line(what, `${((1000 * seconds) / checks).toFixed(0).padStart(5)} ms a check, ${seconds.toFixed(0)} s`),
    )
    .join('');
};

/** The bench's table. */
export const formatFleet = (report: FleetReport): string => {
  const { workers, tookMs, calls, statements, checks, rows, late, visibilityS } = report;
  const each = (count: number): string => (count / checks).toFixed(1);
  const perMinute = (checks / tookMs) * 60_000;
  return [
    line('rows', String(rows.rows)),
    line('cameras without a row', names(rows.missing)),
    line('cameras with a row too many', names(rows.twice)),
    line('not answered', names(rows.unanswered)),
    line('wrong', names(rows.wrong)),
    line(
      'error, degrees',
      `median ${rows.medianErrorDeg.toFixed(4)}, worst ${rows.worstErrorDeg.toFixed(4)}`,
    ),
    line('MERGE statements', String(statements)),
    line('wall time', `${(tookMs / 1000).toFixed(0)} s, ${workers.length} workers`),
    line('checks (a first drift is measured twice)', `${checks}, ${perMinute.toFixed(0)} a minute`),
    line(
      'S3 writes and lists, reads, SQS calls',
      `${each(calls.writes)}, ${each(calls.reads)}, ${each(calls.queue)} a check`,
    ),
    'processor time\n',
    processorTime(report),
    ...workers.map(memoryOf),
    ...(late === null
      ? []
      : [
          line(
            `${late.lateS.length} in hand of the killed worker, done`,
            `${late.lateS.map((s) => s.toFixed(0)).join(', ')} s after its death (visibility ${visibilityS} s)`,
          ),
        ]),
  ].join('');
};
