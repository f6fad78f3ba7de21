import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';

export type Path = readonly (string | number)[];

/** A place in a file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain values that remember where they stand. */
export interface YamlSource {
  readonly value: unknown;
  /** What the YAML itself has wrong, in the order of the text. */
  readonly faults: readonly (Place & { readonly message: string })[];
  /** True when the faults leave the values readable: keys said twice do. */
  readonly isReadable: boolean;
  /** How many steps of a path lead to something: all of them when there is a value. */
  depthOf(path: Path): number;
  /** Where a value stands, or its key; of what is missing, the section that misses it. */
  placeOf(path: Path, what: 'key' | 'value'): Place;
}

/** More uses of anchors than any real file has, less than a file made to exhaust memory. */
const MAX_ALIASES = 100_000;

interface Step {
  readonly keyOffset: number | null;
  readonly node: Node | null;
}

const startOf = (node: Node | null): number | null => node?.range?.[0] ?? null;

const isEmpty = (node: Node | null): boolean => node === null || node.range?.[0] === node.range?.[1];

const keyText = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : '');

const childOf = (doc: Document.Parsed, parent: Node | null, key: string | number): Step | null => {
  const node = isAlias(parent) ? (parent.resolve(doc) ?? null) : parent;
  if (isMap(node)) {
    const pair = node.items.find((item) => keyText(item) === String(key));
    return pair ? { keyOffset: startOf(pair.key as Node), node: pair.value as Node | null } : null;
  }
  if (!isSeq(node) || typeof key !== 'number') return null;
  const item = node.items[key];
  return item === undefined ? null : { keyOffset: null, node: item as Node };
};

const offsetOf = ({ node, keyOffset }: Step, what: 'key' | 'value'): number | null =>
  keyOffset !== null && (what === 'key' || isEmpty(node)) ? keyOffset : startOf(node);

const MESSAGES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands twice in its section; each is allowed once',
  MULTIPLE_DOCS: 'a second document starts here; only one is allowed',
};

/** Values, or the offsets and messages of the aliases for which there are none. */
const plainValue = (doc: Document.Parsed): { value: unknown } | { unresolved: [number, string][] } => {
  try {
    return { value: doc.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const unresolved: [number, string][] = [];
    visit(doc, {
      Alias: (_, alias) => {
        if (!alias.resolve(doc))
          unresolved.push([startOf(alias) ?? 0, 'no anchor of this name stands before']);
      },
    });
    return { unresolved: unresolved.length > 0 ? unresolved : [[0, 'anchors are used too often']] };
  }
};

export const readYaml = (text: string): YamlSource => {
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...doc.errors, ...doc.warnings].map(({ code, pos, message }) => ({
    ...placeAt(pos[0]),
    message: MESSAGES[code] ?? message,
  }));
  const isSound = [...doc.errors, ...doc.warnings].every(({ code }) => code === 'DUPLICATE_KEY');
  const plain = isSound ? plainValue(doc) : { unresolved: [] };
  if ('unresolved' in plain)
    for (const [offset, message] of plain.unresolved) faults.push({ ...placeAt(offset), message });
  const walk = (path: Path): { step: Step; depth: number } => {
    let step: Step = { keyOffset: null, node: doc.contents };
    for (const [depth, key] of path.entries()) {
      const next = childOf(doc, step.node, key);
      if (next === null) return { step, depth };
      step = next;
    }
    return { step, depth: path.length };
  };
  return {
    value: 'value' in plain ? plain.value : null,
    faults,
    isReadable: 'value' in plain,
    depthOf: (path) => walk(path).depth,
    placeOf: (path, what) => {
      const { step, depth } = walk(path);
      return placeAt(offsetOf(step, depth === path.length ? what : 'value') ?? 0);
    },
  };
};
