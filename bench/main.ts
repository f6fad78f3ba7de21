import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createOpencvSolverPool } from '../src/adapters/opencv-solver-pool.js';
import { CONDITIONS } from './cases.js';
import { openPlaces } from './places.js';
import { CaseRunner, type Outcome } from './run-cases.js';
import { formatTable, isWrong, rowOf } from './table.js';

const USAGE = `npm run bench -- [options]
  --quick            a few queries of the main conditions at one place
  --panorama DIR     equirectangular pictures to render from (default: drawn scenery and ../shared/data where it exists)
  --count N          queries a condition and place (default 10, quick 4)
  --only TEXT        conditions whose name contains TEXT (a regular expression)
  --place TEXT       places whose name contains TEXT
  --keep DIR         keep rendered folders there and use them again
  --json FILE        where every outcome and the table are written (default bench.json)
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    panorama: { type: 'string' },
    count: { type: 'string' },
    only: { type: 'string', default: '' },
    place: { type: 'string', default: '' },
    keep: { type: 'string' },
    json: { type: 'string', default: 'bench.json' },
  },
});

const bench = async (workDir: string): Promise<void> => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const places = await openPlaces(options.panorama ?? null, path.join(root, '../shared/data'), options.quick);
  const pattern = new RegExp(options.only);
  const conditions = CONDITIONS.filter(
    ({ name, quick }) => pattern.test(name) && (!options.quick || quick === true),
  );
  const count = Number(options.count ?? (options.quick ? 4 : 10));
  const solver = createOpencvSolverPool({ workers: 1 });
  const runner = new CaseRunner(solver, workDir, new AbortController().signal);
  const outcomes: Outcome[] = [];
  for (const place of places.filter(({ name }) => name.includes(options.place))) {
    for (const condition of conditions) {
      for (let index = 0; index < count; index++) outcomes.push(await runner.run(place, condition, index));
      process.stderr.write(`${place.name}: ${condition.name}\n`);
    }
  }
  await solver.close();
  report(
    conditions.map(({ name }) => name),
    outcomes,
    runner.buildSeconds,
  );
};

const report = (
  names: readonly string[],
  outcomes: readonly Outcome[],
  built: ReadonlyMap<string, number>,
): void => {
  const rows = names.map((name) =>
    rowOf(
      name,
      outcomes.filter(({ condition }) => condition === name),
    ),
  );
  const all = rowOf(
    'all',
    outcomes.filter(({ mustRefuse }) => !mustRefuse),
  );
  process.stdout.write(formatTable([...rows, all]));
  for (const [scan, seconds] of built) process.stdout.write(`reference ${scan}: ${seconds.toFixed(1)} s\n`);
  for (const outcome of outcomes.filter(isWrong))
    process.stdout.write(`wrong: ${outcome.dir} ${JSON.stringify(outcome.errorDeg)}\n`);
  writeFileSync(options.json, JSON.stringify({ rows, built: [...built], outcomes }, null, 1));
};

if (options.help) process.stdout.write(USAGE);
else {
  const workDir = options.keep ?? mkdtempSync(path.join(tmpdir(), 'bench-'));
  mkdirSync(workDir, { recursive: true });
  await bench(workDir).finally(() => {
    if (options.keep === undefined) rmSync(workDir, { recursive: true, force: true });
  });
}
