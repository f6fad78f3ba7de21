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
  has(path: Path): boolean;
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

const messageOf = (error: { code: string; message: string }): string =>
  error.code === 'DUPLICATE_KEY'
    ? 'this key stands twice in its section; each is allowed once'
    : error.message;

const plainValue = (doc: Document.Parsed): { value: unknown; tooMany: boolean } => {
  try {
    return { value: doc.toJS({ maxAliasCount: MAX_ALIASES }), tooMany: false };
  } catch (error) {
    if (error instanceof ReferenceError) return { value: null, tooMany: true };
    throw error;
  }
};

export const readYaml = (text: string): YamlSource => {
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = [...doc.errors, ...doc.warnings];
  const faults = problems.map((error) => ({ ...placeAt(error.pos[0]), message: messageOf(error) }));
  const isReadable = problems.every(({ code }) => code === 'DUPLICATE_KEY');
  const { value, tooMany } = isReadable ? plainValue(doc) : { value: null, tooMany: false };
  if (tooMany)
    faults.push({ line: 1, column: 1, message: 'anchors are used too often or before they stand' });
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
    value,
    faults,
    isReadable: isReadable && !tooMany,
    has: (path) => walk(path).depth === path.length,
    placeOf: (path, what) => {
      const { step, depth } = walk(path);
      return placeAt(offsetOf(step, depth === path.length ? what : 'value') ?? 0);
    },
  };
};
