import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAthenaResults } from '../../src/adapters/aws/athena-results.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { Clock } from '../../src/ports/clock.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import type { ResultsTable } from '../../src/ports/results-table.js';
import { resultsTableContract } from '../contracts/results-table.js';
import { createMemoryObjectStore } from '../../src/adapters/local/memory-object-store.js';
import { startAthena, type AthenaServer } from '../servers/athena.js';
import { startMoto, type Moto } from '../servers/moto.js';
import { resultRow } from '../support/result-row.js';

const REGION = 'eu-central-1';
const DATABASE = 'monitoring';
const WAITING = '_state/results/waiting/';

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto.close());

let servers: AthenaServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});
const newServer = async (): Promise<AthenaServer> => {
  const server = await startAthena(moto, DATABASE, REGION);
  servers.push(server);
  return server;
};

/** Waits a hundredth of what it is told to. */
const hastyClock = (): Clock => {
  const clock = createSystemClock();
  return { nowMs: () => clock.nowMs(), sleep: (ms, signal) => clock.sleep(ms / 100, signal) };
};

const tableOn = (server: AthenaServer, store: ObjectStore, clock: Clock = hastyClock()): ResultsTable =>
  createAthenaResults({
    settings: {
      kind: 'athena',
      database: DATABASE,
      workgroup: 'primary',
      region: REGION,
      outputLocation: 's3://answers/',
      tableLocation: 's3://bucket/warehouse/',
      endpoint: server.url,
    },
    store,
    clock,
  });

const signal = new AbortController().signal;

resultsTableContract('Athena, rows waiting', async () =>
  tableOn(await newServer(), createMemoryObjectStore()),
);

/** Everything merged is settled, and asked by a program that never saw it waiting. */
const settledTable = async (): Promise<ResultsTable> => {
  const server = await newServer();
  const store = createMemoryObjectStore();
  const writer = tableOn(server, store);
  return {
    merge: async (rows) => {
      await writer.merge(rows);
      await writer.settle?.(signal);
    },
    history: async (query) => {
      const reader = tableOn(server, createMemoryObjectStore());
      return reader.history(query).finally(() => reader.close());
    },
    close: () => writer.close(),
  };
};
resultsTableContract('Athena, rows settled', settledTable);

describe('Athena results', () => {
  let server: AthenaServer;
  let store: ObjectStore;
  let table: ResultsTable;
  beforeEach(async () => {
    server = await newServer();
    store = createMemoryObjectStore();
    table = tableOn(server, store);
  });
  afterEach(() => table.close());
  const merges = (): string[] => server.statements.filter((sql) => sql.startsWith('MERGE'));

  it('brings the rows of many checks in one statement, and keeps none waiting', async () => {
    for (let index = 0; index < 20; index += 1) await table.merge([resultRow({ device_id: `cam-${index}` })]);
    expect(merges()).toEqual([]);
    expect(await table.settle?.(signal)).toBe(20);
    expect(merges()).toHaveLength(1);
    expect(await store.list(WAITING)).toEqual([]);
    expect(await table.settle?.(signal)).toBe(0);
    expect(merges()).toHaveLength(1);
    expect(await table.history({ sinceMs: 0 })).toHaveLength(20);
  });

  it('lets rows that fill no statement wait for others, for a time', async () => {
    const clock = hastyClock();
    let lateMs = 0;
    const patient = tableOn(server, store, { ...clock, nowMs: () => clock.nowMs() + lateMs });
    const capture_positions = Array.from({ length: 13 }, () => ({
      pan: 123.456789,
      tilt: -12.345678,
      zoom: 1,
    }));
    for (let index = 0; index < 700; index += 1)
      await patient.merge([resultRow({ device_id: `cam-${index}`, capture_positions })]);
    const settled = (await patient.settle?.(signal, 600_000)) ?? 0;
    expect(settled).toBeGreaterThan(200);
    expect(await patient.settle?.(signal, 600_000)).toBe(0);
    expect(merges()).toHaveLength(1);
    expect(await store.list(WAITING)).toHaveLength(700 - settled);
    lateMs = 610_000; // rows written within one millisecond are dated one after the other
    expect(await patient.settle?.(signal, 600_000)).toBe(700 - settled);
    expect(merges()).toHaveLength(2);
    await patient.close();
  });

  it('tries a commit conflict and an overload again', async () => {
    await table.merge([resultRow()]);
    server.failures.push(
      { reason: 'ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table' },
      { error: 'TooManyRequestsException' },
    );
    expect(await table.settle?.(signal)).toBe(1);
    expect(merges()).toHaveLength(3);
  });

  it.each([
    ['TABLE_NOT_FOUND: line 1:1: Table does not exist', 'table_missing'],
    ["COLUMN_NOT_FOUND: Column 'kept.mode' cannot be resolved", 'table_differs'],
    ['Insufficient permissions to execute the query. s3:PutObject is not authorized', 'aws_forbidden'],
    ['SOMETHING_ELSE', 'results_failed'],
  ])('keeps the rows when a statement fails with %s, and brings them later', async (reason, code) => {
    await table.merge([resultRow()]);
    server.failures.push({ reason });
    await expect(table.settle?.(signal)).rejects.toMatchObject({ name: 'AppError', code });
    expect(await store.list(WAITING)).toHaveLength(1);
    expect(await tableOn(server, store).settle?.(signal)).toBe(1);
    expect(await store.list(WAITING)).toEqual([]);
  });

  const tended = (): string[] =>
    server.statements.flatMap((sql) => /^(OPTIMIZE|VACUUM) calibration_monitoring/.exec(sql)?.[1] ?? []);

  it('joins files and cleans up, again and again until all is done', async () => {
    const unfinished = 'ICEBERG_VACUUM_MORE_RUNS_NEEDED: Removed 1000 files in this round of vacuum';
    server.failures.push({ reason: 'Query timeout' }, {}, { reason: unfinished }, { reason: unfinished });
    await table.tend?.(signal);
    expect(tended()).toEqual(['OPTIMIZE', 'OPTIMIZE', 'VACUUM', 'VACUUM', 'VACUUM']);
  });

  it('cleans up though files could not be joined, and says why they could not', async () => {
    server.failures.push({ reason: 'NOT_SUPPORTED: a column that is no partition' });
    await expect(table.tend?.(signal)).rejects.toMatchObject({
      code: 'results_failed',
      message: expect.stringContaining('no partition'),
    });
    expect(tended()).toEqual(['OPTIMIZE', 'VACUUM']);
  });

  it('stops a statement that nobody waits for any more', async () => {
    server.failures.push({ endless: true });
    const leaving = new AbortController();
    const clock = hastyClock();
    // The first pause comes after it was seen running.
    const sleep = (ms: number): Promise<void> => {
      leaving.abort(new Error('left'));
      return clock.sleep(ms, leaving.signal);
    };
    const left = tableOn(server, store, { ...clock, sleep });
    await expect(left.tend?.(leaving.signal)).rejects.toThrow('left');
    await left.close();
    expect(server.stopped).toHaveLength(1);
    expect(tended()).toEqual(['OPTIMIZE']);
  });

  it('answers again from what it asked a moment ago, and knows at once what another program wrote', async () => {
    const other = tableOn(server, store);
    await table.history({ sinceMs: 0 });
    await other.merge([resultRow()]);
    expect(await table.history({ sinceMs: 0, deviceId: 'cam-1' })).toEqual([resultRow()]);
    expect(await table.history({ sinceMs: 0 })).toEqual([resultRow()]);
    await other.settle?.(signal);
    expect(await table.history({ sinceMs: 0 })).toEqual([resultRow()]);
    expect(server.statements.filter((sql) => sql.startsWith('SELECT'))).toHaveLength(2);
    await other.close();
  });

  it('tells of an object that holds no rows, after bringing all others', async () => {
    await store.put(`${WAITING}000-x.json`, Buffer.from('half'));
    await table.merge([resultRow()]);
    await expect(table.settle?.(signal)).rejects.toMatchObject({ code: 'results_unreadable' });
    expect(await store.list(WAITING)).toEqual([`${WAITING}000-x.json`]);
    expect(await table.history({ sinceMs: 0 })).toEqual([resultRow()]);
  });
});
