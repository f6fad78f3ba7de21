import type { ResultRow } from './results-table.js';

/** Where the scene of the reference lies in the picture taken now, seen from the middle of the frame. */
export interface PictureShift {
  /** Pixels of the full-size query frame; right and down positive. */
  readonly dx: number;
  readonly dy: number;
  /** The scene's turn about the picture's middle; clockwise positive. */
  readonly rollDeg: number;
}

/** Draws the pictures that people look at. */
export interface Pictures {
  /** A JPEG: the reference beside the picture taken now, both with the same grid, and the shift as an arrow. */
  overlay(request: {
    readonly referenceJpeg: Buffer;
    readonly queryJpeg: Buffer;
    readonly shiftPx?: PictureShift;
    readonly title: string;
    readonly subtitle: string;
  }): Promise<Buffer>;
  /** A PNG: yaw, pitch and roll over time, the band within the threshold, and the checks without an answer. */
  historyPlot(request: {
    readonly rows: readonly ResultRow[];
    readonly thresholdDeg: number;
    readonly title: string;
  }): Promise<Buffer>;
}
