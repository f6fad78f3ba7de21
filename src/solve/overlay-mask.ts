import type { DecodedFrame } from './features.js';

/** Side of one mask cell, px. */
const CELL_PX = 8;
/** A static edge keeps its direction in nearly all stops; chance agreement of n random edges is about 1/√n. */
const MIN_AGREEMENT = 0.6;
const CHANCE_AGREEMENT = 2.7;
/** Grey levels a stop may count with, so that one stop's strong edge does not speak for all. */
const MAX_GRADIENT = 24;
const MIN_MEAN_GRADIENT = 10;
const MIN_STOPS = 8;

/** Cells of the frame that the solver must not look at: burnt-in clock, logo, dirt, housing edges. */
export interface OverlayMask {
  readonly columns: number;
  readonly rows: number;
  /** 1 = hidden. */
  readonly cells: Uint8Array;
}

export const emptyMask = (widthPx: number, heightPx: number): OverlayMask => {
  const [columns, rows] = [Math.ceil(widthPx / CELL_PX), Math.ceil(heightPx / CELL_PX)];
  return { columns, rows, cells: new Uint8Array(columns * rows) };
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

/**
 * Learns the static overlay from stops that point elsewhere: edges which stay at the same pixel with the same direction
 * while the camera turns. Frames are added one by one, so that no more than one is held.
 */
export class OverlayLearner {
  private readonly gx: Float32Array;
  private readonly gy: Float32Array;
  private readonly magnitude: Float32Array;
  private frames = 0;

  constructor(
    private readonly widthPx: number,
    private readonly heightPx: number,
  ) {
    this.gx = new Float32Array(widthPx * heightPx);
    this.gy = new Float32Array(widthPx * heightPx);
    this.magnitude = new Float32Array(widthPx * heightPx);
  }

  add({ luminance }: DecodedFrame): void {
    const w = this.widthPx;
    for (let y = 1; y < this.heightPx - 1; y++) {
      for (let at = y * w + 1; at < y * w + w - 1; at++) {
        const gx = luminance[at + 1]! - luminance[at - 1]!;
        const gy = luminance[at + w]! - luminance[at - w]!;
        const m = Math.abs(gx) + Math.abs(gy);
        if (m < 4) continue;
        const share = Math.min(1, MAX_GRADIENT / m);
        this.gx[at] = this.gx[at]! + gx * share;
        this.gy[at] = this.gy[at]! + gy * share;
        this.magnitude[at] = this.magnitude[at]! + m * share;
      }
    }
    this.frames++;
  }

  /** The cells with static edges and their neighbours; empty below eight stops, where chance looks static. */
  finish(): OverlayMask {
    const mask = emptyMask(this.widthPx, this.heightPx);
    if (this.frames < MIN_STOPS) return mask;
    const votes = new Uint8Array(mask.cells.length);
    for (let y = 1; y < this.heightPx - 1; y++) {
      for (let x = 1; x < this.widthPx - 1; x++) {
        if (!this.isStatic(y * this.widthPx + x)) continue;
        const cell = Math.floor(y / CELL_PX) * mask.columns + Math.floor(x / CELL_PX);
        votes[cell] = Math.min(255, votes[cell]! + 1);
      }
    }
    return grow(mask, votes);
  }

  private isStatic(at: number): boolean {
    const total = this.magnitude[at]!;
    if (total < MIN_MEAN_GRADIENT * this.frames) return false;
    const needed = Math.max(MIN_AGREEMENT, CHANCE_AGREEMENT / Math.sqrt(this.frames));
    return Math.abs(this.gx[at]!) + Math.abs(this.gy[at]!) > needed * total;
  }
}

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
