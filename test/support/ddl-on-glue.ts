import {
  CreateDatabaseCommand,
  CreateTableCommand,
  GetTableCommand,
  GlueClient,
  UpdateTableCommand,
  type TableInput,
} from '@aws-sdk/client-glue';

/** The product's DDL, executed in the catalogue: what it makes is found there afterwards. */
export interface DdlOnGlue {
  run(sql: string): Promise<void>;
  close(): void;
}

const TABLE = /`(?<database>[^`]+)`\.(?<table>\w+)/;
const COLUMN = /^ {2}`?(\w+)`? ([^\s,]+(?:,[^\s,]+)*)/gm;
const PROPERTY = /'([^']+)'='([^']+)'/g;

const pairs = (sql: string, pattern: RegExp): [string, string][] =>
  [...sql.matchAll(pattern)].map(([, name = '', value = '']) => [name, value]);

export const createDdlOnGlue = (endpoint: string, region: string): DdlOnGlue => {
  const glue = new GlueClient({ endpoint, region });
  const createTable = async (sql: string): Promise<void> => {
    const { database: DatabaseName, table: Name } = TABLE.exec(sql)?.groups ?? {};
    const Columns = pairs(sql, COLUMN).map(([column, Type]) => ({ Name: column, Type }));
    const Parameters = Object.fromEntries(pairs(sql, PROPERTY));
    const TableInput: TableInput = { Name, Parameters, StorageDescriptor: { Columns } };
    await glue.send(new CreateTableCommand({ DatabaseName, TableInput }));
  };
  const setProperties = async (sql: string): Promise<void> => {
    const { database: DatabaseName, table: Name } = TABLE.exec(sql)?.groups ?? {};
    const { Table } = await glue.send(new GetTableCommand({ DatabaseName, Name }));
    const Parameters = { ...Table?.Parameters, ...Object.fromEntries(pairs(sql, PROPERTY)) };
    const TableInput: TableInput = { Name, Parameters, StorageDescriptor: Table?.StorageDescriptor };
    await glue.send(new UpdateTableCommand({ DatabaseName, TableInput }));
  };
  return {
    run: async (sql) => {
      if (sql.startsWith('CREATE TABLE')) return createTable(sql);
      if (sql.startsWith('ALTER TABLE')) return setProperties(sql);
      const Name = /^CREATE DATABASE IF NOT EXISTS `([^`]+)`$/.exec(sql)?.[1];
      if (Name === undefined) throw new Error(`no DDL: ${sql}`);
      await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name } }));
    },
    close: () => glue.destroy(),
  };
};
