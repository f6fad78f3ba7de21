import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Which rooms each room may import from, besides itself. Files directly in src (main, compose) see all. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  geometry: [],
  solve: ['geometry'],
  ports: ['solve'],
  async: ['ports'],
  config: ['async', 'ports', 'geometry'],
  capture: ['async', 'ports', 'config', 'geometry'],
  state: ['async', 'ports', 'capture'],
  monitor: ['state', 'async', 'ports', 'config', 'capture', 'solve', 'geometry'],
  adapters: ['async', 'ports', 'config', 'capture', 'solve', 'geometry'],
  slack: ['monitor', 'state', 'async', 'ports', 'config', 'capture', 'solve'],
  cli: ['monitor', 'state', 'async', 'ports', 'config', 'capture', 'solve'],
  sandbox: ['geometry', 'async', 'ports'],
};

/** The demo plays both sides: it starts virtual sites, then runs the product on them over the network. */
const EXCEPTIONS = new Set(['src/sandbox/demo', 'src/cli']);

const BANNED: readonly { pattern: RegExp; why: string; allowed: readonly string[] }[] = [
  { pattern: /\bas any\b|: any\b|<any>/, why: 'any leaks', allowed: [] },
  { pattern: /as unknown as/, why: 'a cast that hides a fault', allowed: [] },
  { pattern: /@ts-(ignore|nocheck)/, why: 'a silenced fault', allowed: [] },
  { pattern: /catch *(\([^)]*\))? *\{ *\}/, why: 'a swallowed fault', allowed: [] },
  {
    pattern: /\bDate\.now\(|new Date\(\)/,
    why: 'time comes through the Clock',
    allowed: ['src/adapters/', 'src/sandbox/'],
  },
  {
    pattern: /\bAbortSignal\.timeout\(/,
    why: 'it may be collected before its time: use timeoutSignal',
    allowed: [],
  },
  {
    pattern: /\bMath\.random\(/,
    why: 'randomness comes from a seed',
    allowed: ['src/adapters/', 'src/sandbox/'],
  },
];

/** Longest file allowed, in lines: exactly the longest there is, so that it only ever falls. */
const MAX_LINES = 282;

/** Files a folder: fewer are no room, more are a crowd. */
const [MIN_FILES, MAX_FILES] = [4, 16];
/** Rooms whose behaviour lies in their sub-folders; these files tie them together. */
const SMALL_ROOMS = new Set(['src', 'src/cli', 'src/install', 'src/slack', 'src/solve', 'src/state']);

/** Programs of their own: nobody imports them. */
const ENTRIES = /^src\/(main|.*worker|.*site-process|config\/write-json-schema)\.ts$/;

const filesBelow = (dir: string): string[] =>
  readdirSync(path.join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));

const sources = filesBelow('src').map((file) => ({
  file,
  text: readFileSync(path.join(root, file), 'utf8'),
}));

/** Who else could use what a file exports. */
const readers = ['src', 'test', 'bench'].flatMap(filesBelow).map((file) => ({
  file,
  names: new Set(readFileSync(path.join(root, file), 'utf8').match(/[A-Za-z_$][\w$]*/g)),
}));

const EXPORTED =
  /^export (?:async )?(?:const|function\*?|class|abstract class|interface|type|enum) ([\w$]+)/gm;

const roomOf = (file: string): string | null => /^src\/([^/]+)\//.exec(file)?.[1] ?? null;

const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map((match) =>
    path.normalize(path.join(path.dirname(file), match[1] ?? '')),
  );

const imported = new Map(
  sources.map(({ file, text }) => [
    file,
    importsOf(file, text).map((target) => target.replace(/\.js$/, '.ts')),
  ]),
);

/** The way back to a file that is being looked into, if its imports lead there; files done before are skipped. */
const circleFrom = (file: string, way: readonly string[], done: Set<string>): readonly string[] | null => {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
  if (done.has(file)) return null;
  for (const target of imported.get(file) ?? []) {
    const circle = circleFrom(target, [...way, file], done);
    if (circle !== null) return circle;
  }
  done.add(file);
  return null;
};

const wrongImports = (file: string, text: string): string[] => {
  const room = roomOf(file);
  if (room === null || [...EXCEPTIONS].some((place) => file.startsWith(place))) return [];
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined) return [`${file}: room ${room} is not in the plan`];
  return importsOf(file, text)
    .filter((target) => {
      const targetRoom = roomOf(target);
      return targetRoom !== room && (targetRoom === null || !allowed.includes(targetRoom));
    })
    .map((target) => `${file} imports ${target}`);
};

describe('the house', () => {
  it('finds its sources', () => {
    expect(sources.length).toBeGreaterThan(10);
  });

  it('imports one way', () => {
    expect(sources.flatMap(({ file, text }) => wrongImports(file, text))).toEqual([]);
  });

  it('keeps out what hides faults', () => {
    const found = sources.flatMap(({ file, text }) =>
      BANNED.filter(
        (rule) => rule.pattern.test(text) && !rule.allowed.some((place) => file.startsWith(place)),
      ).map((rule) => `${file}: ${rule.why}`),
    );
    expect(found).toEqual([]);
  });

  it('keeps files short enough to read, and the limit as low as it can be', () => {
    const lines = sources.map(({ file, text }) => ({ file, lines: text.split('\n').length }));
    expect(lines.filter((one) => one.lines > MAX_LINES)).toEqual([]);
    expect(Math.max(...lines.map((one) => one.lines))).toBe(MAX_LINES);
  });

  it('imports in no circle', () => {
    const done = new Set<string>();
    const circles = sources.flatMap(({ file }) => {
      const circle = circleFrom(file, [], done);
      return circle === null ? [] : [circle.join(' → ')];
    });
    expect(circles).toEqual([]);
  });

  it('divides its rooms into folders of a size that one finds one’s way in', () => {
    const counts = new Map<string, number>();
    for (const { file } of sources) counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
    const wrong = [...counts].filter(
      ([dir, count]) => count > MAX_FILES || (count < MIN_FILES && !SMALL_ROOMS.has(dir)),
    );
    expect(wrong).toEqual([]);
  });

  it('exports nothing that only its own file uses', () => {
    const unused = sources.flatMap(({ file, text }) =>
      [...text.matchAll(EXPORTED)]
        .map(([, name]) => name!)
        .filter((name) => !readers.some((reader) => reader.file !== file && reader.names.has(name)))
        .map((name) => `${file}: ${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('has no file that nothing imports', () => {
    const used = new Set([...imported.values()].flat());
    const dead = sources.map(({ file }) => file).filter((file) => !used.has(file) && !ENTRIES.test(file));
    expect(dead).toEqual([]);
  });
});
