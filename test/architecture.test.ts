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

/** Longest file allowed, in lines. Lower it when it can be; never raise it. */
const MAX_LINES = 320;

const filesBelow = (dir: string): string[] =>
  readdirSync(path.join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));

const sources = filesBelow('src').map((file) => ({
  file,
  text: readFileSync(path.join(root, file), 'utf8'),
}));

const roomOf = (file: string): string | null => /^src\/([^/]+)\//.exec(file)?.[1] ?? null;

const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map((match) =>
    path.normalize(path.join(path.dirname(file), match[1] ?? '')),
  );

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

  it('keeps files short enough to read', () => {
    const long = sources
      .map(({ file, text }) => ({ file, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });
});
