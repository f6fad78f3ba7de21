import { GetDatabaseCommand, GetTableCommand, GlueClient, type Column } from '@aws-sdk/client-glue';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { Provision } from '../../ports/provision.js';
import { AthenaQueries, type AthenaSettings } from './athena-queries.js';
import {
  COLUMNS,
  createDatabaseSql,
  createTableSql,
  RETENTION,
  setPropertiesSql,
  TABLE,
} from './athena-sql.js';
import { awsClientOptions } from './aws-client.js';
import { awsFailure, awsNameOf } from './aws-errors.js';

/** Null when there is none. */
const found = async <T>(asked: Promise<T>, action: string, settings: AthenaSettings): Promise<T | null> => {
  try {
    return await asked;
  } catch (fault) {
    if (awsNameOf(fault) === 'EntityNotFoundException') return null;
    const place = `The Glue database ${settings.database}`;
    throw awsFailure(fault, { action, place, region: settings.region });
  }
};

/** Glue also lists the columns that an Iceberg table once had. */
const isCurrent = ({ Parameters }: Column): boolean => Parameters?.['iceberg.field.current'] !== 'false';

/** What keeps rows from being written; added columns and the order of columns do not. */
const faultsOf = (columns: readonly Column[]): string[] => {
  const types = new Map(columns.filter(isCurrent).map(({ Name, Type }) => [Name, Type ?? '']));
  return COLUMNS.flatMap(({ name, ddl }) => {
    const type = types.get(name);
    if (type === undefined) return [`lacks the column ${name} ${ddl}`];
    return type.toLowerCase() === ddl ? [] : [`has the column ${name} as ${type}, not ${ddl}`];
  });
};

const assertColumns = (columns: readonly Column[], { database }: AthenaSettings): void => {
  const faults = faultsOf(columns);
  if (faults.length === 0) return;
  throw new AppError(
    'table_differs',
    `The table ${database}.${TABLE} ${faults.join(', ')}.`,
    'Add or change these columns (ALTER TABLE), or rename the table and run calib setup; pending rows are written once it matches.',
  );
};

const withGlue = async <T>(settings: AthenaSettings, work: (glue: GlueClient) => Promise<T>): Promise<T> => {
  const glue = new GlueClient(awsClientOptions(settings));
  try {
    return await work(glue);
  } finally {
    glue.destroy();
  }
};

/** The table's properties; null when there is no such table. AppError `table_differs` with the columns concerned when it has others. */
export const fittingTable = async (
  settings: AthenaSettings,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | null> => {
  const command = new GetTableCommand({ DatabaseName: settings.database, Name: TABLE });
  const known = await withGlue(settings, (glue) =>
    found(glue.send(command, { abortSignal: signal }), 'glue:GetTable', settings),
  );
  if (known === null) return null;
  assertColumns(known.Table?.StorageDescriptor?.Columns ?? [], settings);
  return known.Table?.Parameters ?? {};
};

/** Database and Iceberg table, made by Athena's own DDL. */
export const createAthenaSetup = (settings: AthenaSettings, clock: Clock): Provision[] => {
  const { database, tableLocation } = settings;
  const run = async (sql: string, signal: AbortSignal): Promise<void> => {
    const queries = new AthenaQueries(settings, clock);
    try {
      await queries.run(sql, [], signal, { isInDatabase: false });
    } finally {
      queries.close();
    }
  };
  return [
    {
      name: `database ${database}`,
      plan: createDatabaseSql(database),
      ensure: async (signal) => {
        const known = await withGlue(settings, (glue) =>
          found(glue.send(new GetDatabaseCommand({ Name: database })), 'glue:GetDatabase', settings),
        );
        if (known !== null) return 'there already';
        await run(createDatabaseSql(database), signal);
        return 'created';
      },
    },
    {
      name: `table ${database}.${TABLE}`,
      plan: createTableSql(database, tableLocation),
      ensure: async (signal) => {
        const properties = await fittingTable(settings, signal);
        if (properties === null) {
          await run(createTableSql(database, tableLocation), signal);
          return 'created';
        }
        const lacking = Object.entries(RETENTION).filter(([name]) => !(name in properties));
        if (lacking.length === 0) return 'there already';
        await run(setPropertiesSql(database, Object.fromEntries(lacking)), signal);
        return 'brought up to date';
      },
    },
  ];
};
