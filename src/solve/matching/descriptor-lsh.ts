import { seededRandom } from '../../geometry/random.js';
import { DESCRIPTOR_WORDS } from '../model/hamming.js';
import type { Landmarks } from '../model/reference.js';

/** Bits of an AKAZE descriptor that are used; the rest of the words is padding. */
const DESCRIPTOR_BITS = 486;
const KEY_BITS = 16;
const TABLES = 32;
const SEED = 486_16;

/** The looks of one table by key: those of key k stand at `starts[k]` … `starts[k + 1]` of `looks`. */
interface Table {
  /** Word and bit of the descriptor that every bit of the key is taken from, in turn. */
  readonly words: Uint8Array;
  readonly bits: Uint8Array;
  readonly starts: Int32Array;
  readonly looks: Int32Array;
}

const keyOf = (
  { words, bits }: Pick<Table, 'words' | 'bits'>,
  descriptors: Uint32Array,
  at: number,
): number => {
  let key = 0;
  for (let k = 0; k < KEY_BITS; k++) key = (key << 1) | ((descriptors[at + words[k]!]! >>> bits[k]!) & 1);
  return key;
};

const makeTable = (descriptors: Uint32Array, random: () => number): Table => {
  const places = new Set<number>();
  while (places.size < KEY_BITS) places.add(Math.floor(random() * DESCRIPTOR_BITS));
  const words = Uint8Array.from(places, (place) => place >> 5);
  const bits = Uint8Array.from(places, (place) => place & 31);
  const count = descriptors.length / DESCRIPTOR_WORDS;
  const keys = new Uint16Array(count);
  const starts = new Int32Array((1 << KEY_BITS) + 1);
  for (let look = 0; look < count; look++) {
    const key = keyOf({ words, bits }, descriptors, look * DESCRIPTOR_WORDS);
    keys[look] = key;
    starts[key + 1] = starts[key + 1]! + 1;
  }
  for (let key = 0; key < 1 << KEY_BITS; key++) starts[key + 1] = starts[key + 1]! + starts[key]!;
  const next = Int32Array.from(starts);
  const looks = new Int32Array(count);
  for (let look = 0; look < count; look++) {
    const key = keys[look]!;
    looks[next[key]!] = look;
    next[key] = next[key]! + 1;
  }
  return { words, bits, starts, looks };
};

/**
 * Finds looks whose descriptors resemble one, wherever they lie: locality-sensitive hashing by random bits (Indyk & Motwani
 * 1998). A look is a candidate when all 16 bits of one of 32 keys agree; of true pairs that differ in every tenth bit nine in
 * ten are found, among some 250 of 100,000 looks.
 */
export class DescriptorIndex {
  private readonly tables: readonly Table[];
  private readonly lastAsked: Int32Array;
  private asked = 0;
  /** What {@link collectLike} found last. */
  readonly found: Int32Array;

  constructor(descriptors: Uint32Array) {
    const random = seededRandom(SEED);
    this.tables = Array.from({ length: TABLES }, () => makeTable(descriptors, random));
    this.found = new Int32Array(descriptors.length / DESCRIPTOR_WORDS);
    this.lastAsked = new Int32Array(this.found.length);
  }

  /** Collects the candidates for the descriptor at `at`, each once, and answers how many; they stand in {@link found}. */
  collectLike(descriptors: Uint32Array, at: number): number {
    const { lastAsked, found } = this;
    const asked = ++this.asked;
    let count = 0;
    for (const table of this.tables) {
      const key = keyOf(table, descriptors, at);
      for (let k = table.starts[key]!; k < table.starts[key + 1]!; k++) {
        const look = table.looks[k]!;
        if (lastAsked[look] === asked) continue;
        lastAsked[look] = asked;
        found[count++] = look;
      }
    }
    return count;
  }
}

const indexes = new WeakMap<Landmarks, DescriptorIndex>();

/** The index of a scan's looks: made when first asked for, since most queries never need it, and kept as long as the scan. */
export const descriptorIndexOf = (landmarks: Landmarks): DescriptorIndex => {
  const index = indexes.get(landmarks) ?? new DescriptorIndex(landmarks.descriptors);
  indexes.set(landmarks, index);
  return index;
};
