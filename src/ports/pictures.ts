import type { ResultRow } from './results-table.js';

/** Where the scene of the reference lies in the picture taken now, seen from the middle of the frame. */
export interface PictureShift {
  /** Pixels of the full-size query frame; right and down positive. */
  readonly dx: number;
  readonly dy: number;
  /** The scene's turn about the picture's middle; clockwise positive. */
  readonly rollDeg: number;
}

/** Where a picture looks, and through which lens. */
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

/** What the frames of a reference would show in the wanted view; what none of them shows is grey. */
export interface ExpectedView {
  readonly frames: readonly (PictureView & { readonly jpeg: Buffer })[];
  /** Through the lens of the picture taken now, at its full size. */
  readonly wanted: PictureView;
}

/** A check with its standard errors, degrees; null where they are not known. */
export interface PlottedRow extends ResultRow {
  readonly sigma?: { readonly yaw: number; readonly pitch: number; readonly roll: number } | null;
}

/** One stop of a scan. */
export interface CoverageStop extends PictureView {
  /** What telemetry said, degrees. */
  readonly panDeg: number;
  readonly tiltDeg: number;
  /** Short: it stands in the middle of the stop. */
  readonly label: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Points that it shares with other stops; null where there are no others. */
  readonly ties: number | null;
  /** Why it carries little or nothing; null for a sound one. */
  readonly weakness: string | null;
}

/** Draws the pictures that people look at. */
export interface Pictures {
  /** A JPEG: the reference beside the picture taken now, both with the same grid, and the shift as an arrow. */
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
  /** A PNG: where the stops of a scan look, how well each is tied to others, and where a passive check is answered from. */
  coverageMap(request: {
    readonly title: string;
    /** May have several lines. */
    readonly subtitle: string;
    readonly stops: readonly CoverageStop[];
    /** Rows of the same height from the zenith down, a letter for every step of pan from −180°; `#` where a check is answered. */
    readonly answered: readonly string[];
    /** By the same fields, the standard error to be expected of an answer, degrees; null where there is none. */
    readonly sigmaDeg: readonly (readonly (number | null)[])[];
  }): Promise<Buffer>;
  /** Ends what draws. */
  close(): Promise<void>;
}
