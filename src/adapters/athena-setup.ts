import { GetDatabaseCommand, GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { Provision } from '../ports/provision.js';
import { AthenaQueries, type AthenaSettings } from './athena-queries.js';
import { COLUMNS, createDatabaseSql, createTableSql, TABLE } from './athena-sql.js';
import { awsClientOptions } from './aws-client.js';
import { awsFailure, awsNameOf } from './aws-failures.js';

type Named = { readonly Name?: string | undefined; readonly Type?: string | undefined };

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

const columnsOf = (columns: readonly Named[]): string =>
  columns.map(({ Name = '', Type = '' }) => `${Name} ${Type}`).join(', ');

const assertColumns = (columns: readonly Named[]): void => {
  const wanted = columnsOf(COLUMNS.map(({ name, ddl }) => ({ Name: name, Type: ddl })));
  const present = columnsOf(columns);
  if (present === wanted) return;
  throw new AppError(
    'table_differs',
    `The table ${TABLE} has the columns ${present}; they must be ${wanted}.`,
    'Rename the table that is there, or give another database in devices.yaml, then run calib setup again.',
  );
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
  const withGlue = async <T>(work: (glue: GlueClient) => Promise<T>): Promise<T> => {
    const glue = new GlueClient(awsClientOptions(settings));
    try {
      return await work(glue);
    } finally {
      glue.destroy();
    }
  };
  return [
    {
      name: `database ${database}`,
      plan: createDatabaseSql(database),
      ensure: async (signal) => {
        const known = await withGlue((glue) =>
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
        const command = new GetTableCommand({ DatabaseName: database, Name: TABLE });
        const known = await withGlue((glue) => found(glue.send(command), 'glue:GetTable', settings));
        if (known !== null) {
          assertColumns(known.Table?.StorageDescriptor?.Columns ?? []);
          return 'there already';
        }
        await run(createTableSql(database, tableLocation), signal);
        return 'created';
      },
    },
  ];
};
