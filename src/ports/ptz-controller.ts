import type { PtzPosition } from './telemetry.js';

/** Drives one camera's head. Positions are in product units and signs; the adapter converts. */
export interface PtzController {
  /** The position the camera itself reports; null where it reports none (absence is never zero). */
  position(signal: AbortSignal): Promise<PtzPosition | null>;
  /** Sends the camera to a position; resolves when the command is accepted, not when the camera has arrived. */
  moveTo(target: PtzPosition, signal: AbortSignal): Promise<void>;
  /** Releases connections. */
  close(): Promise<void>;
}
