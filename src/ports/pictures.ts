import type { ResultRow } from './results-table.js';

/** Where the reference scene lies in the current picture, relative to the centre of the frame. */
export interface PictureShift {
  /** Pixels of the full-size query frame; right and down positive. */
  readonly dx: number;
  readonly dy: number;
  /** The scene's rotation about the picture centre; clockwise positive. */
  readonly rollDeg: number;
}

/** Attitude and lens of a picture. */
export interface PictureView {
  /** Attitude of the camera's body in the mount frame, row by row. */
  readonly mountFromBody: readonly number[];
  readonly focalPx: number;
  readonly k1: number;
  readonly k2: number;
  /** Principal point, px. */
  readonly centreX: number;
  readonly centreY: number;
}

/** What the frames of a reference would show in the wanted view; grey where none covers it. */
export interface ExpectedView {
  readonly frames: readonly (PictureView & { readonly jpeg: Buffer })[];
  /** Through the lens of the current picture, at full size. */
  readonly wanted: PictureView;
}

/** A check with its standard errors, degrees; null where they are not known. */
export interface PlottedRow extends ResultRow {
  readonly sigma?: { readonly yaw: number; readonly pitch: number; readonly roll: number } | null;
}

/** One stop of a scan. */
export interface CoverageStop extends PictureView {
  /** As reported by telemetry, degrees. */
  readonly panDeg: number;
  readonly tiltDeg: number;
  /** Short: drawn at the centre of the stop. */
  readonly label: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Tie points shared with other stops; null for a single stop. */
  readonly ties: number | null;
  /** Why it contributes little or nothing; null for a good one. */
  readonly weakness: string | null;
}

/** Draws the pictures for people. */
export interface Pictures {
  /** A JPEG: the reference beside the current picture, both with the same grid, and the shift as an arrow. */
  overlay(request: {
    readonly expected: ExpectedView;
    readonly queryJpeg: Buffer;
    readonly shiftPx?: PictureShift;
    readonly title: string;
    /** May have several lines. */
    readonly subtitle: string;
  }): Promise<Buffer>;
  /**
   * A PNG: yaw, pitch and roll over time with a bar of one standard error to either side, the band within the threshold,
   * the checks without an answer, and where the reference changed.
   */
  historyPlot(request: {
    readonly rows: readonly PlottedRow[];
    /** When checks started to use another reference: when it was scanned, or, if restored, at the first of them. */
    readonly references?: readonly string[];
    readonly thresholdDeg: number;
    readonly title: string;
  }): Promise<Buffer>;
  /** A PNG: where the stops of a scan point, how well each is tied to others, and where passive checks work. */
  coverageMap(request: {
    readonly title: string;
    /** May have several lines. */
    readonly subtitle: string;
    readonly stops: readonly CoverageStop[];
    /**
     * Rows of equal height from the zenith down, a character for each step of pan from −180°; `#` where a check can be
     * answered.
     */
    readonly answered: readonly string[];
    /** For the same cells, the expected standard error, degrees; null where there is none. */
    readonly sigmaDeg: readonly (readonly (number | null)[])[];
  }): Promise<Buffer>;
  /** Stops the drawing processes. */
  close(): Promise<void>;
}
