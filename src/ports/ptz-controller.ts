import type { PtzPosition } from './telemetry.js';

/** The range of a head, product units and signs; null where the camera does not report it. */
export interface PtzReach {
  readonly panDeg: readonly [number, number] | null;
  readonly tiltDeg: readonly [number, number] | null;
  readonly zoom: readonly [number, number] | null;
}

/** Drives one camera's head. Positions are in product units and signs; the adapter converts. */
export interface PtzController {
  /** The position reported by the camera; null when it reports none (absence is never zero). */
  position(signal: AbortSignal): Promise<PtzPosition | null>;
  /** Sends the camera to a position; resolves when the command is accepted, not when the camera has arrived. */
  moveTo(target: PtzPosition, signal: AbortSignal): Promise<void>;
  /** The range of the head, so that a stop outside it is refused before anything moves. */
  reach?(signal: AbortSignal): Promise<PtzReach>;
  /** Releases connections. */
  close(): Promise<void>;
}
