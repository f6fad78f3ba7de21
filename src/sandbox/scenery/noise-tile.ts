import type { SeededRandom } from './random.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { floor, max, min, round } = Math;

/** A picture of smooth noise that continues over its edges; values about −127..127. */
export interface NoiseTile {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Int8Array;
}

/** One layer of noise: lumps of about `cellPx`, how much of the sum they make. */
interface Octave {
  readonly cellPx: number;
  readonly weight: number;
}

const addOctave = (
  sum: Float32Array,
  random: SeededRandom,
  widthPx: number,
  heightPx: number,
  { cellPx, weight }: Octave,
): void => {
  const columns = max(2, round(widthPx / cellPx));
  const rows = max(2, round(heightPx / cellPx));
  const lattice = Float32Array.from({ length: columns * rows }, () => random.between(-weight, weight));
  const left = new Int32Array(widthPx);
  const share = new Float32Array(widthPx);
  for (let x = 0; x < widthPx; x++) {
    const at = (x * columns) / widthPx;
    left[x] = floor(at);
    share[x] = at - floor(at);
  }
  for (let y = 0; y < heightPx; y++) {
    const at = (y * rows) / heightPx;
    const top = floor(at) * columns;
    const bottom = ((floor(at) + 1) % rows) * columns;
    const down = at - floor(at);
    for (let x = 0; x < widthPx; x++) {
      const a = left[x]!;
      const b = a + 1 === columns ? 0 : a + 1;
      const right = share[x]!;
      const above = lattice[top + a]! + (lattice[top + b]! - lattice[top + a]!) * right;
      const below = lattice[bottom + a]! + (lattice[bottom + b]! - lattice[bottom + a]!) * right;
      sum[y * widthPx + x]! += above + (below - above) * down;
    }
  }
};

/** Sums the octaves; weights should add up to about 1. */
export const noiseTile = (
  random: SeededRandom,
  widthPx: number,
  heightPx: number,
  octaves: readonly Octave[],
): NoiseTile => {
  const sum = new Float32Array(widthPx * heightPx);
  for (const octave of octaves) addOctave(sum, random, widthPx, heightPx, octave);
  const values = new Int8Array(sum.length);
  for (let i = 0; i < sum.length; i++) values[i] = max(-127, min(127, sum[i]! * 160));
  return { widthPx, heightPx, values };
};
