import { CreateTableCommand, CreateDatabaseCommand, GlueClient, type Column } from '@aws-sdk/client-glue';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAthenaResults } from '../../src/adapters/aws/athena-results.js';
import { createAthenaSetup } from '../../src/adapters/aws/athena-setup.js';
import { createSchedulerSetup, scheduleExpression } from '../../src/adapters/aws/scheduler-setup.js';
import { createSqsSetup, type SqsSettings } from '../../src/adapters/aws/sqs-setup.js';
import { createSqsWorkQueue } from '../../src/adapters/aws/sqs-work-queue.js';
import { COLUMNS, RETENTION } from '../../src/adapters/aws/athena-sql.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import { parseMessage } from '../../src/monitor/sweeps/sweep-messages.js';
import type { Provision } from '../../src/ports/provision.js';
import { createMemoryObjectStore } from '../../src/adapters/local/memory-object-store.js';
import { startAthena, type AthenaServer } from '../servers/athena.js';
import { startMoto, type Moto } from '../servers/moto.js';
import { resultRow } from '../support/result-row.js';

const REGION = 'eu-central-1';
const signal = new AbortController().signal;

let moto: Moto;
let athena: AthenaServer;
beforeAll(async () => {
  moto = await startMoto();
  athena = await startAthena(moto, 'monitoring', REGION);
});
afterAll(async () => {
  await athena.close();
  await moto.close();
});

const ensureAll = async (provisions: readonly Provision[]): Promise<string[]> => {
  const done: string[] = [];
  for (const { name, ensure } of provisions) done.push(`${name}: ${await ensure(signal)}`);
  return done;
};

const queue = (changes: Partial<SqsSettings> = {}): SqsSettings => ({
  kind: 'sqs',
  name: 'calibration',
  region: REGION,
  endpoint: moto.url,
  scheduleRoleArn: 'arn:aws:iam::123456789012:role/scheduler',
  visibilityS: 120,
  maxAttempts: 5,
  ...changes,
});

describe('setting up queues and schedule', () => {
  const provisions = (settings: SqsSettings, everyMinutes = 60): Provision[] => [
    ...createSqsSetup(settings),
    ...createSchedulerSetup(settings, everyMinutes),
  ];
  const scheduled = async () => {
    const client = new SchedulerClient({ region: REGION, endpoint: moto.url });
    return client.send(new GetScheduleCommand({ Name: 'calibration-sweep' }));
  };

  it('makes what is missing, and nothing twice', async () => {
    expect(await ensureAll(provisions(queue()))).toEqual([
      'queue calibration-dead: created',
      'queue calibration: created',
      'schedule calibration-sweep: created',
    ]);
    expect(await ensureAll(provisions(queue()))).toEqual([
      'queue calibration-dead: there already',
      'queue calibration: there already',
      'schedule calibration-sweep: there already',
    ]);
    const options = { name: 'calibration', deadLetterName: 'calibration-dead', region: REGION };
    const made = createSqsWorkQueue({ ...options, endpoint: moto.url, visibilityMs: 1_000 });
    expect(await made.depth(signal)).toEqual({ waiting: 0, taken: 0, dead: 0 });
    await made.close();
  });

  it('mends what differs, keeping the rest', async () => {
    expect(await ensureAll(provisions(queue({ maxAttempts: 3 }), 30))).toEqual([
      'queue calibration-dead: there already',
      'queue calibration: brought up to date',
      'schedule calibration-sweep: brought up to date',
    ]);
    const { ScheduleExpression, FlexibleTimeWindow, Target } = await scheduled();
    expect({ ScheduleExpression, FlexibleTimeWindow }).toEqual({
      ScheduleExpression: 'cron(0/30 * * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
    // What the schedule sends is a sweep once EventBridge has put its time in.
    const sent = Target?.Input?.replace('<aws.scheduler.scheduled-time>', '2026-01-31T14:00:00Z') ?? '';
    expect(parseMessage(sent)).toEqual({ kind: 'sweep', scheduledAt: '2026-01-31T14:00:00.000Z' });
  });

  it('has no schedule without a role for it', () => {
    expect(createSchedulerSetup(queue({ scheduleRoleArn: null }), 60)).toEqual([]);
    expect([60, 15, 90].map(scheduleExpression)).toEqual([
      'cron(0 * * * ? *)',
      'cron(0/15 * * * ? *)',
      'rate(90 minutes)',
    ]);
  });
});

describe('setting up the table', () => {
  const settingsOf = (database: string) => ({
    ...{ kind: 'athena' as const, database, workgroup: 'primary', region: REGION, endpoint: athena.url },
    ...{ outputLocation: 's3://answers/', tableLocation: 's3://bucket/warehouse/' },
  });
  const provisions = (): Provision[] => createAthenaSetup(settingsOf('monitoring'), createSystemClock());
  const glue = (): GlueClient => new GlueClient({ region: REGION, endpoint: moto.url });
  const makeTable = (
    Columns: Column[],
    DatabaseName: string,
    Parameters: Record<string, string> = RETENTION,
  ) =>
    glue().send(
      new CreateTableCommand({
        DatabaseName,
        TableInput: { Name: 'calibration_monitoring', Parameters, StorageDescriptor: { Columns } },
      }),
    );

  it('runs the DDL that it prints where something is missing', async () => {
    expect(await ensureAll(provisions())).toEqual([
      'database monitoring: created',
      'table monitoring.calibration_monitoring: created',
    ]);
    expect(athena.statements).toEqual(provisions().map(({ plan }) => plan));
    expect(await ensureAll(provisions())).toEqual([
      'database monitoring: there already',
      'table monitoring.calibration_monitoring: there already',
    ]);
  });

  it('bounds what an older table keeps, leaving what somebody chose', async () => {
    await glue().send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'older' } }));
    const columns = COLUMNS.map(({ name, ddl }) => ({ Name: name, Type: ddl }));
    await makeTable(columns, 'older', { vacuum_max_snapshot_age_seconds: '2592000' });
    const older = (): Promise<string[]> =>
      ensureAll(createAthenaSetup(settingsOf('older'), createSystemClock()).slice(1));
    expect(await older()).toEqual(['table older.calibration_monitoring: brought up to date']);
    expect(athena.statements.at(-1)).toBe(
      "ALTER TABLE `older`.calibration_monitoring SET TBLPROPERTIES ('vacuum_min_snapshots_to_keep'='5', 'vacuum_max_metadata_files_to_keep'='20')",
    );
    expect(await older()).toEqual(['table older.calibration_monitoring: there already']);
  });

  it('leaves a table that is there, and refuses one with other columns', async () => {
    await glue().send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'strange' } }));
    await makeTable([{ Name: 'device_id', Type: 'string' }], 'strange');
    const ensuring = ensureAll(createAthenaSetup(settingsOf('strange'), createSystemClock()));
    await expect(ensuring).rejects.toMatchObject({ name: 'AppError', code: 'table_differs' });
    await expect(ensuring).rejects.toThrow(
      /strange.calibration_monitoring lacks the column deployment_name string, lacks the column timestamp/,
    );
  });

  it('names the columns that are missing or of another type, in setup and at the first rows alike', async () => {
    const columns = COLUMNS.filter(({ name }) => name !== 'roll_offset').map(({ name, ddl }) => ({
      Name: name,
      Type: name === 'yaw_offset' ? 'string' : ddl,
    }));
    const gone = { Name: 'roll_offset', Type: 'double', Parameters: { 'iceberg.field.current': 'false' } };
    await glue().send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'drifted' } }));
    await makeTable([...columns, gone], 'drifted');
    const named = {
      code: 'table_differs',
      message:
        'The table drifted.calibration_monitoring has the column yaw_offset as string, not double, lacks the column roll_offset double.',
    };
    const settings = settingsOf('drifted');
    await expect(ensureAll(createAthenaSetup(settings, createSystemClock()))).rejects.toMatchObject(named);
    const store = createMemoryObjectStore();
    const results = createAthenaResults({ settings, store, clock: createSystemClock() });
    await results.merge([resultRow()]);
    athena.failures.push({
      reason: "COLUMN_NOT_FOUND: line 1:9: Column 'kept.roll_offset' cannot be resolved",
    });
    await expect(results.settle?.(signal)).rejects.toMatchObject(named);
    expect(await store.list('_state/results/waiting/')).toHaveLength(1);
    await results.close();
  });

  it('takes a table to which somebody added a column, in whatever order', async () => {
    await glue().send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'grown' } }));
    const columns = COLUMNS.map(({ name, ddl }) => ({ Name: name, Type: ddl }));
    await makeTable([{ Name: 'remark', Type: 'string' }, ...columns.reverse()], 'grown');
    expect(await ensureAll(createAthenaSetup(settingsOf('grown'), createSystemClock()))).toEqual([
      'database grown: there already',
      'table grown.calibration_monitoring: there already',
    ]);
  });

  it('knows its own columns', async () => {
    await glue().send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'other' } }));
    await makeTable(
      COLUMNS.map(({ name, ddl }) => ({ Name: name, Type: ddl })),
      'other',
    );
    const others = createAthenaSetup(settingsOf('other'), createSystemClock());
    expect(await ensureAll(others)).toEqual([
      'database other: there already',
      'table other.calibration_monitoring: there already',
    ]);
  });
});
