// Taken out of the global once: a look-up in a test's own global is slow.
const { imul } = Math;

/** Uniform numbers in [0, 1) from a seed (mulberry32): one seed reproduces everything. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = imul(t ^ (t >>> 15), t | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};
