import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createOpencvSolverPool } from '../src/adapters/opencv-solver-pool.js';
import { CONDITIONS, type Condition, type Place } from './cases.js';
import { HOW_TO_GET, openPeers } from './peers/open-peers.js';
import { openPlaces } from './places.js';
import { CaseRunner, type Outcome } from './run-cases.js';
import { formatMemory, formatTable, isWrong, rowsOf } from './table.js';

const USAGE = `npm run bench -- [options]
  --quick            a few queries of the main conditions at one place
  --peers            Hugin and a plain OpenCV SIFT pipeline beside, on the same pictures (slow: like --quick, 3 queries each)
  --panoramas DIR    equirectangular pictures to render from, besides drawn scenery (default: ../shared/data where it exists)
  --count N          queries a condition and place (default 10, quick 4, with peers 3)
  --only TEXT        conditions whose name contains TEXT (a regular expression), of all, not of the main ones
  --place TEXT       places whose name contains TEXT
  --keep DIR         keep rendered folders there and use them again
  --json FILE        where every outcome and the table are written (default bench.json)

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
    fleet: { type: 'string' },
    workers: { type: 'string', default: '2' },
    visibility: { type: 'string', default: '120' },
    kill: { type: 'boolean', default: false },
  },
});

const isShort = options.quick || options.peers;

const wantedConditions = (): readonly Condition[] => {
  const pattern = new RegExp(options.only ?? '');
  const isMain = ({ quick }: Condition): boolean => quick === true || options.only !== undefined;
  return CONDITIONS.filter((condition) => pattern.test(condition.name) && (!isShort || isMain(condition)));
};

const wantedPlaces = async (): Promise<Place[]> => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const places = await openPlaces(options.panoramas ?? null, path.join(root, '../shared/data'));
  const { place } = options;
  if (place !== undefined) return places.filter(({ name }) => name.includes(place));
  return isShort ? places.slice(-1) : places;
};

const bench = async (workDir: string): Promise<void> => {
  const [places, conditions] = [await wantedPlaces(), wantedConditions()];
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
  report(
    conditions.map(({ name }) => name),
    outcomes,
    runner.buildSeconds,
  );
  if (peers.length < 2) process.stdout.write(`${HOW_TO_GET}\n`);
};

const report = (
  names: readonly string[],
  outcomes: readonly Outcome[],
  built: ReadonlyMap<string, number>,
): void => {
  const rows = rowsOf(names, outcomes);
  process.stdout.write(`${formatTable(rows)}${formatMemory(outcomes)}`);
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
  await bench(workDir).finally(() => {
    if (options.keep === undefined) rmSync(workDir, { recursive: true, force: true });
  });
}
