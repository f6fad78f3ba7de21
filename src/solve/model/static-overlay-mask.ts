import type { DecodedFrame } from './frame-features.js';

/** Side of one mask cell, px. */
const CELL_PX = 8;
/** Weakest edge that counts, grey levels over two pixels in x plus y. */
const MIN_GRADIENT = 10;
/** Chance that a stop shows an edge of a given quadrant at a given pixel, in a place full of texture. */
const CHANCE = 0.2;
/** So rare must chance agreement be at one pixel; a frame has about a million. */
const MAX_CHANCE_OF_PIXEL = 3e-7;
/** Shares of the stops that must agree: the first whose mask leaves enough of the frame is taken. */
const SHARES = [0.6, 0.75, 0.9];
const MAX_HIDDEN = 0.25;
const OCTANTS = 8;

/** Cells of the frame that the solver must not look at: burnt-in clock, logo, dirt, housing edges. */
export interface OverlayMask {
  readonly columns: number;
  readonly rows: number;
  /** 1 = hidden. */
  readonly cells: Uint8Array;
  /** False where the scan has too few stops to tell an overlay from the place. */
  readonly learned: boolean;
}

export const emptyMask = (widthPx: number, heightPx: number): OverlayMask => {
  const [columns, rows] = [Math.ceil(widthPx / CELL_PX), Math.ceil(heightPx / CELL_PX)];
  return { columns, rows, cells: new Uint8Array(columns * rows), learned: false };
};

export const isMasked = (mask: OverlayMask, x: number, y: number): boolean =>
  mask.cells[Math.floor(y / CELL_PX) * mask.columns + Math.floor(x / CELL_PX)] === 1;

/** Hides rectangles given as fractions of the frame. */
export const maskRectangles = (
  mask: OverlayMask,
  rectangles: readonly { x: number; y: number; width: number; height: number }[],
): OverlayMask => {
  const cells = Uint8Array.from(mask.cells);
  for (const box of rectangles) {
    const lastRow = Math.min(mask.rows - 1, Math.ceil((box.y + box.height) * mask.rows) - 1);
    const lastColumn = Math.min(mask.columns - 1, Math.ceil((box.x + box.width) * mask.columns) - 1);
    for (let row = Math.floor(box.y * mask.rows); row <= lastRow; row++) {
      cells.fill(
        1,
        row * mask.columns + Math.floor(box.x * mask.columns),
        row * mask.columns + lastColumn + 1,
      );
    }
  }
  return { ...mask, cells };
};

/** Eighths of the circle, 0–7 in turn, by the signs of a gradient and which part of it is larger. */
const OCTANT = Uint8Array.of(0, 3, 7, 4, 1, 2, 6, 5);

/** Which eighth of the circle a gradient points to, 0–7. */
const octantOf = (gx: number, gy: number): number => {
  const steep = (gy < 0 ? -gy : gy) > (gx < 0 ? -gx : gx);
  return OCTANT[(gx < 0 ? 1 : 0) + (gy < 0 ? 2 : 0) + (steep ? 4 : 0)]!;
};

/** How many of `stops` must agree at a pixel so that chance hardly explains it; more than there are when too few. */
const neededStops = (stops: number, share: number): number => {
  let [tail, needed] = [0, stops + 1];
  let term = CHANCE ** stops;
  while (needed > share * stops) {
    tail += term;
    if (tail > MAX_CHANCE_OF_PIXEL) break;
    needed--;
    term *= (needed / (stops - needed + 1)) * ((1 - CHANCE) / CHANCE);
  }
  return needed;
};

/**
 * Learns the static overlay from stops that point elsewhere: edges that lie at the same pixel and point the same way in most
 * stops. What a ring of stops has in common (a horizon) stays below the share that is asked. Frames are added one by one and
 * leave only counts of directions.
 */
export class OverlayLearner {
  private readonly counts: Uint8Array;
  private frames = 0;

  constructor(
    private readonly widthPx: number,
    private readonly heightPx: number,
  ) {
    this.counts = new Uint8Array(widthPx * heightPx * OCTANTS);
  }

  add({ luminance }: DecodedFrame): void {
    if (this.frames === 255) return;
    const w = this.widthPx;
    for (let y = 1; y < this.heightPx - 1; y++) {
      for (let at = y * w + 1; at < y * w + w - 1; at++) {
        const gx = luminance[at + 1]! - luminance[at - 1]!;
        const gy = luminance[at + w]! - luminance[at - w]!;
        if ((gx < 0 ? -gx : gx) + (gy < 0 ? -gy : gy) < MIN_GRADIENT) continue;
        const bin = at * OCTANTS + octantOf(gx, gy);
        this.counts[bin] = this.counts[bin]! + 1;
      }
    }
    this.frames++;
  }

  /** Whether so many stops are enough to tell an overlay from the place. */
  canLearnFrom(stops: number): boolean {
    return neededStops(stops, 0.99) <= stops;
  }

  /** The cells with static edges and their neighbours; nothing when there are too few stops or all looks static. */
  finish(): OverlayMask {
    const empty = emptyMask(this.widthPx, this.heightPx);
    const learned = this.canLearnFrom(this.frames);
    for (const share of SHARES) {
      const mask = grow(empty, this.votes(empty, neededStops(this.frames, share)));
      if (hiddenShare(mask) <= MAX_HIDDEN) return { ...mask, learned };
    }
    return empty;
  }

  private votes(mask: OverlayMask, needed: number): Uint8Array {
    const votes = new Uint8Array(mask.cells.length);
    for (let y = 1; y < this.heightPx - 1; y++) {
      for (let x = 1; x < this.widthPx - 1; x++) {
        if (this.agreement(y * this.widthPx + x) < needed) continue;
        const cell = Math.floor(y / CELL_PX) * mask.columns + Math.floor(x / CELL_PX);
        votes[cell] = Math.min(255, votes[cell]! + 1);
      }
    }
    return votes;
  }

  /** Stops whose edge at a pixel points into the same quarter of the circle. */
  private agreement(pixel: number): number {
    const at = pixel * OCTANTS;
    let most = 0;
    for (let k = 0; k < OCTANTS; k++) {
      const both = this.counts[at + k]! + this.counts[at + ((k + 1) % OCTANTS)]!;
      if (both > most) most = both;
    }
    return most;
  }
}

const hiddenShare = ({ cells }: OverlayMask): number =>
  cells.reduce((sum, cell) => sum + cell, 0) / cells.length;

/** Descriptors reach about two cells beyond their keypoint. */
const REACH_CELLS = 2;
const MIN_STATIC_PX = 3;

const grow = (mask: OverlayMask, votes: Uint8Array): OverlayMask => {
  const cells = new Uint8Array(votes.length);
  for (let row = 0; row < mask.rows; row++) {
    for (let column = 0; column < mask.columns; column++) {
      if (votes[row * mask.columns + column]! < MIN_STATIC_PX) continue;
      for (let r = Math.max(0, row - REACH_CELLS); r <= Math.min(mask.rows - 1, row + REACH_CELLS); r++) {
        const first = Math.max(0, column - REACH_CELLS);
        cells.fill(
          1,
          r * mask.columns + first,
          r * mask.columns + Math.min(mask.columns, column + REACH_CELLS + 1),
        );
      }
    }
  }
  return { ...mask, cells };
};
