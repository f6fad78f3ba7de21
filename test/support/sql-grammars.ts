import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';

interface Grammar {
  validate(sql: string): readonly { readonly message: string }[];
}

type Loaded = Record<string, unknown>;

const installed = createRequire(import.meta.url);
const folder = path.dirname(installed.resolve('dt-sql-parser/package.json'));
const loaded = new Map<string, Loaded>();
/** What the package itself is built on. */
const below = new Map(
  await Promise.all(
    ['antlr4ng', 'antlr4-c3'].map(async (name): Promise<[string, unknown]> => [name, await import(name)]),
  ),
);

const fileOf = (place: string): string =>
  [place, `${place}.js`, path.join(place, 'index.js')].find(
    (file) => file.endsWith('.js') && existsSync(file),
  ) ?? place;

/** The package's modules import folders, which Node does not: they are loaded as the bundlers that it is made for do. */
const load = (file: string): Loaded => {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const module = { exports: {} as Loaded };
  loaded.set(file, module.exports);
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const requireFrom = (name: string): unknown =>
    name.startsWith('.') ? load(fileOf(path.resolve(path.dirname(file), name))) : below.get(name);
  const run = compileFunction(outputText, ['exports', 'module', 'require'], { filename: file }) as (
    ...args: unknown[]
  ) => void;
  run(module.exports, module, requireFrom);
  return module.exports;
};

const grammar = (language: string, name: string): Grammar => {
  const exported = load(path.join(folder, 'dist/parser', language, 'index.js'));
  return new (exported[name] as new () => Grammar)();
};

/** What the grammar of Trino (Athena's DML) has against a statement. */
export const trinoFaults = (sql: string): string[] =>
  grammar('trino', 'TrinoSQL')
    .validate(sql)
    .map(({ message }) => message);

/** What the grammar of Spark (close to Hive's, Athena's DDL) has against a statement. */
export const sparkFaults = (sql: string): string[] =>
  grammar('spark', 'SparkSQL')
    .validate(sql)
    .map(({ message }) => message);
