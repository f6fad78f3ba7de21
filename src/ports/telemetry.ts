/** Where the camera says it points: degrees (right and up positive) and optical magnification (1 = widest). */
export interface PtzPosition {
  readonly panDeg: number;
  readonly tiltDeg: number;
  readonly zoom: number;
}

/** One telemetry message of one device, in product units and signs. */
export interface TelemetrySample extends PtzPosition {
  /** Body attitude in degrees where the device reports it, else null. */
  readonly yawDeg: number | null;
  readonly pitchDeg: number | null;
  readonly rollDeg: number | null;
  /** When the message arrived here, ms since the epoch. */
  readonly receivedAtMs: number;
  /** True for a retained message: its age is unknown. */
  readonly retained: boolean;
}

/** Telemetry of one device. One connection per broker may serve many of these. */
export interface TelemetrySource {
  /**
   * Follows the device until `signal` aborts. `onSample` gets every well-formed sample; `onFault` gets what could not be
   * used (malformed payload, connection lost) as an {@link AppError}-like message; following goes on after a fault.
   * Resolves when subscribed; rejects with an AppError when the broker cannot be reached or refuses.
   */
  follow(
    handlers: { onSample(sample: TelemetrySample): void; onFault(fault: Error): void },
    signal: AbortSignal,
  ): Promise<void>;
}
