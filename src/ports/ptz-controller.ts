import type { PtzPosition } from './telemetry.js';

/** How far a head reaches, product units and signs; null where the camera does not say. */
export interface PtzReach {
  readonly panDeg: readonly [number, number] | null;
  readonly tiltDeg: readonly [number, number] | null;
  readonly zoom: readonly [number, number] | null;
}

/** Drives one camera's head. Positions are in product units and signs; the adapter converts. */
export interface PtzController {
  /** The position the camera itself reports; null where it reports none (absence is never zero). */
  position(signal: AbortSignal): Promise<PtzPosition | null>;
  /** Sends the camera to a position; resolves when the command is accepted, not when the camera has arrived. */
  moveTo(target: PtzPosition, signal: AbortSignal): Promise<void>;
  /** What the head can reach, so that a stop outside is refused before anything moves. */
  reach?(signal: AbortSignal): Promise<PtzReach>;
  /** Releases connections. */
  close(): Promise<void>;
}
