import { seededRandom } from '../../geometry/random.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { imul, floor } = Math;

/** Numbers that look random and are the same for the same seed. */
export interface SeededRandom {
  /** In [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  /** Whole number, both ends included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Mean 0, deviation 1. */
  gauss(): number;
}

/** 32 well mixed bits from any number of whole numbers. */
export const hashOf = (...parts: readonly number[]): number => {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = imul(hash ^ (part | 0), 0x85ebca6b);
    hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
};

/** The house's generator with the draws that a scene needs. */
export const createRandom = (seed: number): SeededRandom => {
  const next = seededRandom(hashOf(seed));
  const between = (low: number, high: number): number => low + (high - low) * next();
  return {
    next,
    between,
    whole: (low, high) => low + floor((high - low + 1) * next()),
    chance: (probability) => next() < probability,
    pick: (choices) => choices[floor(choices.length * next())]!,
    gauss: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
};
