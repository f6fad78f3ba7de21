// Taken out of the global once: a look-up in a test's own global is slow.
const { imul } = Math;

/** 32-bit words of one binary descriptor (AKAZE MLDB: 61 bytes, padded with zeros). */
export const DESCRIPTOR_WORDS = 16;

/** Bits of a word, counted within each of its nibbles. */
const nibblesOf = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x55555555);
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
};

/** Bits that differ in four words. A nibble holds the counts of three words, a byte those of all four. */
const blockDistance = (a: Uint32Array, i: number, b: Uint32Array, j: number): number => {
  const three =
    nibblesOf(a[i]! ^ b[j]!) + nibblesOf(a[i + 1]! ^ b[j + 1]!) + nibblesOf(a[i + 2]! ^ b[j + 2]!);
  const one = nibblesOf(a[i + 3]! ^ b[j + 3]!);
  const bytes =
    (three & 0x0f0f0f0f) + ((three >>> 4) & 0x0f0f0f0f) + (one & 0x0f0f0f0f) + ((one >>> 4) & 0x0f0f0f0f);
  return imul(bytes, 0x01010101) >>> 24;
};

/** Of the leading 128 bits chance alone makes about 60 differ. */
const MAX_LEADING = 46;

/** Whether two descriptors may have something in common, by their leading bits; to thin out many candidates. */
export const mayMatch = (a: Uint32Array, aOffset: number, b: Uint32Array, bOffset: number): boolean =>
  blockDistance(a, aOffset, b, bOffset) <= MAX_LEADING;

/** Bits that differ, given up (any value ≥ `limit`) as soon as `limit` is reached. */
export const hammingDistance = (
  a: Uint32Array,
  aOffset: number,
  b: Uint32Array,
  bOffset: number,
  limit: number,
): number => {
  let sum = 0;
  for (let word = 0; word < DESCRIPTOR_WORDS; word += 4) {
    sum += blockDistance(a, aOffset + word, b, bOffset + word);
    if (sum >= limit) return sum;
  }
  return sum;
};
