import type { FrameFeatures } from '../model/frame-features.js';
import { DESCRIPTOR_WORDS, hammingDistance, mayMatch } from '../model/hamming.js';

/** Index pairs of features that match, best descriptor distance first in neither order. */
interface PairMatches {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** Above this many differing bits (of 486) two descriptors have nothing in common. */
export const MAX_DISTANCE = 170;
const RATIO = 0.9;

interface Best {
  readonly index: Int32Array;
  readonly distance: Int32Array;
}

/** Candidates of one feature of `a` among those of `b`. */
type Candidates = (indexA: number, visit: (indexB: number) => void) => void;

/** Best candidate of every feature that passes the ratio test; −1 where there is none. */
const bestMatches = (a: FrameFeatures, b: FrameFeatures, candidates: Candidates, ratio: number): Best => {
  const index = new Int32Array(a.count).fill(-1);
  const distance = new Int32Array(a.count).fill(MAX_DISTANCE);
  for (let i = 0; i < a.count; i++) {
    let [best, second, chosen] = [MAX_DISTANCE, MAX_DISTANCE, -1];
    candidates(i, (j) => {
      const d = hammingDistance(
        a.descriptors,
        i * DESCRIPTOR_WORDS,
        b.descriptors,
        j * DESCRIPTOR_WORDS,
        second,
      );
      if (d < best) {
        second = best;
        best = d;
        chosen = j;
      } else if (d < second) second = d;
    });
    if (chosen >= 0 && best < ratio * second) {
      index[i] = chosen;
      distance[i] = best;
    }
  }
  return { index, distance };
};

/** Keeps, for every feature of `b`, the nearest of `a` alone. */
const mutual = (best: Best, countB: number): PairMatches => {
  const owner = new Int32Array(countB).fill(-1);
  best.index.forEach((j, i) => {
    if (j < 0) return;
    const rival = owner[j]!;
    if (rival < 0 || best.distance[i]! < best.distance[rival]!) owner[j] = i;
  });
  const chosen = [...owner.keys()].filter((j) => owner[j]! >= 0);
  return { a: Int32Array.from(chosen, (j) => owner[j]!), b: Int32Array.from(chosen) };
};

/** Every feature against every other: for pairs whose geometry is not known yet. */
export const matchUnguided = (a: FrameFeatures, b: FrameFeatures): PairMatches => {
  const all: Candidates = (i, visit) => {
    for (let j = 0; j < b.count; j++) {
      if (mayMatch(a.descriptors, i * DESCRIPTOR_WORDS, b.descriptors, j * DESCRIPTOR_WORDS)) visit(j);
    }
  };
  return mutual(bestMatches(a, b, all, 0.85), b.count);
};

/** Features of one frame by pixel cell. */
export class PixelGrid {
  private readonly columns: number;
  private readonly rows: number;
  private readonly cells: number[][];

  constructor(
    private readonly features: FrameFeatures,
    private readonly cellPx: number,
  ) {
    this.columns = Math.ceil(features.widthPx / cellPx);
    this.rows = Math.ceil(features.heightPx / cellPx);
    this.cells = Array.from({ length: this.columns * this.rows }, () => []);
    for (let i = 0; i < features.count; i++) {
      const column = Math.min(this.columns - 1, Math.max(0, Math.floor(features.x[i]! / cellPx)));
      const row = Math.min(this.rows - 1, Math.max(0, Math.floor(features.y[i]! / cellPx)));
      this.cells[row * this.columns + column]!.push(i);
    }
  }

  forEachNear(x: number, y: number, radiusPx: number, visit: (index: number) => void): void {
    const { features, cellPx } = this;
    const lastRow = Math.min(this.rows - 1, Math.floor((y + radiusPx) / cellPx));
    const lastColumn = Math.min(this.columns - 1, Math.floor((x + radiusPx) / cellPx));
    for (let row = Math.max(0, Math.floor((y - radiusPx) / cellPx)); row <= lastRow; row++) {
      for (let column = Math.max(0, Math.floor((x - radiusPx) / cellPx)); column <= lastColumn; column++) {
        for (const i of this.cells[row * this.columns + column]!) {
          const [dx, dy] = [features.x[i]! - x, features.y[i]! - y];
          if (dx * dx + dy * dy <= radiusPx * radiusPx) visit(i);
        }
      }
    }
  }
}

/**
 * Features of `a` against those features of `b` that lie within `radiusPx` of where `predict` expects them (null: outside).
 * `sizeRatio`: how much larger a neighbourhood appears in `b`.
 */
export const matchGuided = (
  a: FrameFeatures,
  b: FrameFeatures,
  gridB: PixelGrid,
  predict: (indexA: number) => readonly [number, number] | null,
  radiusPx: number,
  sizeRatio: number,
): PairMatches => {
  const near: Candidates = (i, visit) => {
    const at = predict(i);
    if (at === null) return;
    const expected = a.size[i]! * sizeRatio;
    gridB.forEachNear(at[0], at[1], radiusPx, (j) => {
      const ratio = b.size[j]! / expected;
      if (ratio > 0.5 && ratio < 2) visit(j);
    });
  };
  return mutual(bestMatches(a, b, near, RATIO), b.count);
};
