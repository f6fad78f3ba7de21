import type { Mat3 } from '../../src/geometry/rotation.js';

/** A picture, where telemetry says it looks, and the true lens it was taken through. */
export interface PeerFrame {
  /** Absolute. */
  readonly file: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly panDeg: number;
  readonly tiltDeg: number;
  readonly focalPx: number;
  readonly k1: number;
  readonly k2: number;
}

/** One query beside the stops of the reference, those first that look most nearly the same way. */
export interface PeerCase {
  readonly query: PeerFrame;
  readonly stops: readonly PeerFrame[];
}

export interface PeerAnswer {
  /** Where the query looks in the frame of the stops; null where the peer finds nothing. */
  readonly mountFromBody: Mat3 | null;
  /** Points that agree. */
  readonly inliers: number;
  /** Without what is done once for a reference. */
  readonly solveMs: number;
}

/** Other software that can be asked the bench's question, though it was made for another one. */
export interface Peer {
  readonly name: string;
  solve(request: PeerCase): Promise<PeerAnswer>;
  close(): Promise<void>;
}
