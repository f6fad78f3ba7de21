import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createOpencvSolverPool } from '../src/adapters/solver/solver-pool.js';
import { AppError } from '../src/ports/app-error.js';
import { CONDITIONS } from './cases.js';
import { formatCauses, tryCauses } from './causes.js';
import type { Condition } from './condition.js';
import { isOfHeads } from './head-cases.js';
import { formatTerms } from './head-terms.js';
import { HOW_TO_GET, openPeers } from './peers/open-peers.js';
import { namedPlaces, openPlaces, type Place } from './places.js';
import { CaseRunner, OURS, type Outcome } from './run-cases.js';
import { formatMemory, formatSigmas, formatTable, isWrong, rowsOf } from './table.js';

const USAGE = `npm run bench -- [options]
  --quick            a few queries of the main conditions at one place
  --peers            Hugin and a plain OpenCV SIFT pipeline beside, on the same pictures (slow: like --quick, 3 queries each)
  --panoramas DIR    equirectangular pictures to render from, besides drawn places (default: ../shared/data where it exists)
  --count N          queries a condition and place (default 10, quick 4, with peers 3)
  --only TEXT        conditions whose name contains TEXT (a regular expression), of all, not of the main ones
  --place TEXT       places whose name contains TEXT
  --keep DIR         keep rendered folders there and use them again
  --json FILE        where every outcome and the table are written (default bench.json)

npm run bench -- --causes [options]       what is named as the cause, of slips, leans, crooked bodies and other lenses (default 200 cases in all)
  --panoramas, --place, --count, --keep and --json as above

npm run bench -- --fleet N [options]      a sweep of N cameras through SQS and S3 instead (after npm run test:cloud)
  --workers N        programs that share it (default 2)
  --visibility N     seconds after which the work of a dead program is taken by another (default 120)
  --kill             kill one of the workers with -9 when a third is done, and start another
  --keep DIR         keep the cameras' pictures there and use them again
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    panoramas: { type: 'string' },
    count: { type: 'string' },
    only: { type: 'string' },
    place: { type: 'string' },
    keep: { type: 'string' },
    json: { type: 'string', default: 'bench.json' },
    causes: { type: 'boolean', default: false },
    fleet: { type: 'string' },
    workers: { type: 'string', default: '2' },
    visibility: { type: 'string', default: '120' },
    kill: { type: 'boolean', default: false },
  },
});

const isShort = options.quick || options.peers;

/** Those wanted; ends with one line where there are none. */
const someOf = <T extends { readonly name: string }>(
  all: readonly T[],
  isWanted: (name: string) => boolean,
  option: string,
): readonly T[] => {
  const some = all.filter(({ name }) => isWanted(name));
  if (some.length > 0) return some;
  throw new AppError(
    'bench_option',
    `${option} matches none of: ${all.map(({ name }) => name).join('; ')}.`,
    'Give a part of one of these names.',
  );
};

const wantedConditions = (): readonly Condition[] => {
  const { only } = options;
  const main = isShort && only === undefined ? CONDITIONS.filter(({ quick }) => quick === true) : CONDITIONS;
  const pattern = new RegExp(only ?? '');
  return someOf(main, (name) => pattern.test(name), '--only');
};

const wantedPlaces = async (): Promise<Place[]> => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const all = namedPlaces(options.panoramas ?? null, path.join(root, '../shared/data'));
  const { place } = options;
  const some = place === undefined ? all : someOf(all, (name) => name.includes(place), '--place');
  return openPlaces(all, isShort && place === undefined ? some.slice(-1) : some);
};

const bench = async (workDir: string): Promise<void> => {
  const conditions = wantedConditions();
  const places = await wantedPlaces();
  const count = Number(options.count ?? (options.peers ? 3 : options.quick ? 4 : 10));
  const solver = createOpencvSolverPool({ workers: 1 });
  const peers = options.peers ? await openPeers() : [];
  const runner = new CaseRunner(solver, peers, workDir, new AbortController().signal);
  const outcomes: Outcome[] = [];
  for (const place of places) {
    for (const condition of conditions) {
      for (let index = 0; index < count; index++)
        outcomes.push(...(await runner.run(place, condition, index)));
      process.stderr.write(`${place.name}: ${condition.name}\n`);
    }
  }
  for (const closing of [solver, ...peers]) await closing.close();
  report(conditions, outcomes, runner.buildSeconds);
  if (peers.length < 2) process.stdout.write(`${HOW_TO_GET}\n`);
};

const benchCauses = async (workDir: string): Promise<void> => {
  const solver = createOpencvSolverPool({ workers: 1 });
  const count = options.count === undefined ? null : Number(options.count);
  const signal = new AbortController().signal;
  const outcomes = await tryCauses(solver, await wantedPlaces(), count, workDir, signal);
  await solver.close();
  process.stdout.write(formatCauses(outcomes));
  writeFileSync(options.json, JSON.stringify({ outcomes }, null, 1));
};

const report = (
  conditions: readonly Condition[],
  outcomes: readonly Outcome[],
  built: ReadonlyMap<string, number>,
): void => {
  const namesOf = (some: readonly Condition[]): string[] => some.map(({ name }) => name);
  const rows = rowsOf(namesOf(conditions), outcomes);
  process.stdout.write(`${formatTable(rows)}${formatMemory(outcomes)}`);
  const inRegions = conditions.filter(({ region }) => region !== undefined);
  if (inRegions.length > 0) process.stdout.write(formatSigmas(namesOf(inRegions), outcomes));
  const ofHeads = outcomes.filter(({ solver, condition }) => solver === OURS && isOfHeads(condition));
  if (ofHeads.length > 0) process.stdout.write(formatTerms(ofHeads));
  for (const [scan, seconds] of built) process.stdout.write(`reference ${scan}: ${seconds.toFixed(1)} s\n`);
  for (const { solver, dir, errorDeg } of outcomes.filter(isWrong))
    process.stdout.write(`wrong: ${solver}, ${dir} ${JSON.stringify(errorDeg)}\n`);
  writeFileSync(options.json, JSON.stringify({ rows, built: [...built], outcomes }, null, 1));
};

if (options.help) process.stdout.write(USAGE);
else if (options.fleet !== undefined) {
  const { runFleet } = await import('./fleet.js');
  await runFleet({
    ...{ cameras: Number(options.fleet), workers: Number(options.workers), kill: options.kill },
    ...{ visibilityS: Number(options.visibility), keepDir: options.keep ?? null },
  });
} else {
  const workDir = options.keep ?? mkdtempSync(path.join(tmpdir(), 'bench-'));
  mkdirSync(workDir, { recursive: true });
  try {
    await (options.causes ? benchCauses : bench)(workDir);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message} ${error.remedy}\n`);
    process.exitCode = 2;
  } finally {
    if (options.keep === undefined) rmSync(workDir, { recursive: true, force: true });
  }
}
