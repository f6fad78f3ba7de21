import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../src/geometry/random.js';
import { DescriptorIndex } from '../../../src/solve/matching/descriptor-lsh.js';
import { DESCRIPTOR_WORDS } from '../../../src/solve/model/hamming.js';

const LOOKS = 5000;
const BITS = 486;
const random = seededRandom(3);
const words = (count: number): Uint32Array =>
  Uint32Array.from({ length: count * DESCRIPTOR_WORDS }, () => random() * 2 ** 32);
const descriptors = words(LOOKS);
const index = new DescriptorIndex(descriptors);

const candidatesFor = (asked: Uint32Array, at: number): number[] => [
  ...index.found.subarray(0, index.collectLike(asked, at)),
];

describe('an index of descriptors', () => {
  it('finds nine in ten of those that differ in every tenth bit', () => {
    const changed = Uint32Array.from(descriptors);
    for (let look = 0; look < LOOKS; look++) {
      for (let bit = 0; bit < BITS; bit++)
        if (random() < 0.1) changed[look * DESCRIPTOR_WORDS + (bit >> 5)]! ^= 1 << (bit & 31);
    }
    const asked = Array.from({ length: 500 }, (_, i) => i * 10);
    const found = asked.filter((look) => candidatesFor(changed, look * DESCRIPTOR_WORDS).includes(look));
    expect(found.length).toBeGreaterThan(450);
  });

  it('leaves out nearly all others, and tells each once', () => {
    const strangers = words(200);
    const lists = Array.from({ length: 200 }, (_, i) => candidatesFor(strangers, i * DESCRIPTOR_WORDS));
    expect(lists.flat().length / 200).toBeLessThan(LOOKS / 200);
    expect(lists.every((list) => new Set(list).size === list.length)).toBe(true);
  });
});
