/** One decoded still of a live stream. */
export interface GrabbedFrame {
  /** Baseline JPEG, as written to the spool. */
  readonly jpeg: Buffer;
  readonly widthPx: number;
  readonly heightPx: number;
  /** When the frame was taken from the live stream, ms since the epoch. */
  readonly capturedAtMs: number;
}

/** Takes fresh stills from one camera's stream. */
export interface FrameSource {
  /** A whole frame captured after `notBeforeMs`; AppError when none arrives before `timeoutMs` is over. */
  grab(options: { notBeforeMs: number; timeoutMs: number }, signal: AbortSignal): Promise<GrabbedFrame>;
}
