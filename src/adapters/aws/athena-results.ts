import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { ObjectStore } from '../../ports/object-store.js';
import { RESULT_ROW, checkResultRows, identityOf, lastOfEach } from '../../ports/results-table.js';
import type { ResultRow, ResultsTable } from '../../ports/results-table.js';
import { timeoutSignal } from '../../async/timeout-signal.js';
import { fittingTable } from './athena-setup.js';
import { AthenaQueries, type AthenaSettings } from './athena-queries.js';
import { COLUMNS, historySql, mergeStatements, type HistoryQuery } from './athena-sql.js';
import { tendTable } from './athena-maintenance.js';
import { WaitingResults, type WaitingRows } from './pending-rows.js';

interface AthenaResultsOptions {
  readonly settings: AthenaSettings;
  /** Holds the rows until they are in the table. */
  readonly store: ObjectStore;
  readonly clock: Clock;
}

const ASK_MS = 180_000;
/** How long an answer is reused; rows this program wrote show at once. */
const CACHE_MS = 60_000;

interface Cached {
  readonly sinceMs: number;
  readonly askedAtMs: number;
  readonly rows: Promise<ResultRow[]>;
}

const unreadable = (what: string, cause?: unknown): AppError =>
  new AppError(
    'results_unreadable',
    `The table of results: ${what}.`,
    'Report it with the affected row.',
    cause,
  );

/** `2026-01-31 14:00:05.123000`, with more digits or fewer, to milliseconds. */
const timeOf = (text: string): string => {
  const [whole = '', fraction = ''] = text.replace(' ', 'T').split('.');
  return `${whole}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
};

/** From the texts of Athena's answer, in the order of the columns. */
const rowOf = (texts: readonly (string | null)[]): ResultRow => {
  const text = Object.fromEntries(COLUMNS.map(({ name }, index) => [name, texts[index] ?? null]));
  const numberOf = (name: string): number | null => (text[name] == null ? null : Number(text[name]));
  const positions = JSON.parse(text['capture_positions'] ?? '[]') as [number, number, number][];
  const row = RESULT_ROW.safeParse({
    ...text,
    timestamp: timeOf(text['timestamp'] ?? ''),
    pitch_offset: numberOf('pitch_offset'),
    yaw_offset: numberOf('yaw_offset'),
    roll_offset: numberOf('roll_offset'),
    capture_positions: positions.map(([pan, tilt, zoom]) => ({ pan, tilt, zoom })),
    success: text['success'] === 'true',
  });
  if (!row.success) throw unreadable('one of its rows is invalid', row.error);
  return row.data;
};

const inTime = (a: ResultRow, b: ResultRow): number => (orderOf(a) < orderOf(b) ? -1 : 1);
const orderOf = (row: ResultRow): string => [row.timestamp, row.deployment_name, row.device_id].join('\n');

const isAsked =
  ({ deploymentName, deviceId, sinceMs }: HistoryQuery) =>
  (row: ResultRow): boolean =>
    Date.parse(row.timestamp) >= sinceMs &&
    (deploymentName === undefined || row.deployment_name === deploymentName) &&
    (deviceId === undefined || row.device_id === deviceId);

/**
 * The Iceberg table behind Athena. What is merged is safe in the store at once and known to `history`; `settle` brings it
 * into the table, as few statements as can be, and must be run by one program at a time.
 */
class AthenaResults implements ResultsTable {
  private readonly queries: AthenaQueries;
  private readonly waiting: WaitingResults;
  private readonly cache = new Map<string, Cached>();
  /** Pending rows and when each was last seen: an answer older than their settling lacks them. */
  private readonly seen = new Map<string, { row: ResultRow; atMs: number }>();

  constructor(private readonly options: AthenaResultsOptions) {
    const { settings, store, clock } = options;
    this.queries = new AthenaQueries(settings, clock);
    this.waiting = new WaitingResults(store, clock);
  }

  async merge(rows: readonly ResultRow[]): Promise<void> {
    checkResultRows(rows);
    if (rows.length === 0) return;
    await this.waiting.add(rows);
    this.note(rows);
  }

  async history(query: HistoryQuery): Promise<ResultRow[]> {
    const [kept, { waiting }] = await Promise.all([this.answer(query), this.waiting.read()]);
    this.note(waiting.flatMap(({ rows }) => rows));
    this.forget();
    const seen = [...this.seen.values()].map(({ row }) => row);
    return structuredClone(
      lastOfEach([...kept, ...seen])
        .filter(isAsked(query))
        .sort(inTime),
    );
  }

  async settle(signal: AbortSignal, patienceMs = 0): Promise<number> {
    const { waiting, unreadable: damaged } = await this.waiting.read(signal);
    const rows = lastOfEach(waiting.flatMap((each) => each.rows));
    const settled = new Set<string>();
    let left = waiting;
    for (const statement of mergeStatements(this.options.settings.database, rows)) {
      const isLast = settled.size + statement.rows.length === rows.length;
      if (isLast && !this.isDue(left, patienceMs)) break;
      await this.write(statement.sql, signal);
      for (const row of statement.rows) settled.add(identityOf(row));
      const isSettled = (row: ResultRow): boolean => settled.has(identityOf(row));
      await this.waiting.remove(left.filter((each) => each.rows.every(isSettled)).map(({ key }) => key));
      left = left.filter((each) => !each.rows.every(isSettled));
    }
    if (damaged.length > 0) throw unreadable(`${damaged.join(', ')} in the store contain no valid rows`);
    return settled.size;
  }

  async tend(signal: AbortSignal): Promise<void> {
    await tendTable(this.queries, this.options.clock.nowMs(), signal);
  }

  async close(): Promise<void> {
    this.queries.close();
  }

  /** Whether rows that do not fill a statement have waited for others long enough. */
  private isDue(left: readonly WaitingRows[], patienceMs: number): boolean {
    return this.options.clock.nowMs() - Math.min(...left.map(({ sinceMs }) => sinceMs)) >= patienceMs;
  }

  /** Athena names the first column that it stumbles on, the catalogue all that do not fit. */
  private async write(sql: string, signal: AbortSignal): Promise<void> {
    try {
      await this.queries.run(sql, [], signal);
    } catch (fault) {
      if (!(fault instanceof AppError) || fault.code !== 'table_differs') throw fault;
      const known = await fittingTable(this.options.settings, signal).catch((other: unknown) => other);
      throw known instanceof AppError && known.code === fault.code ? known : fault;
    }
  }

  private note(rows: readonly ResultRow[]): void {
    const atMs = this.options.clock.nowMs();
    for (const row of structuredClone(rows)) this.seen.set(identityOf(row), { row, atMs });
  }

  private forget(): void {
    const beforeMs = this.options.clock.nowMs() - 2 * CACHE_MS;
    for (const [key, { atMs }] of this.seen) if (atMs < beforeMs) this.seen.delete(key);
  }

  private answer(query: HistoryQuery): Promise<ResultRow[]> {
    const { deploymentName = null, deviceId = null, sinceMs } = query;
    const key = JSON.stringify([deploymentName, deviceId]);
    const nowMs = this.options.clock.nowMs();
    const cached = this.cache.get(key);
    if (cached !== undefined && cached.sinceMs <= sinceMs && nowMs - cached.askedAtMs < CACHE_MS)
      return cached.rows;
    const rows = this.ask(query);
    this.cache.set(key, { sinceMs, askedAtMs: nowMs, rows });
    rows.catch(() => this.cache.delete(key));
    return rows;
  }

  private async ask(query: HistoryQuery): Promise<ResultRow[]> {
    const { sql, parameters } = historySql(this.options.settings.database, query);
    return (await this.queries.ask(sql, parameters, timeoutSignal(ASK_MS))).map(rowOf);
  }
}

export const createAthenaResults = (options: AthenaResultsOptions): ResultsTable =>
  new AthenaResults(options);
