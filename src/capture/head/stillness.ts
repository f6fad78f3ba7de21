import { wrapDeg } from '../../geometry/angles.js';
import type { PtzPosition, TelemetrySample } from '../../ports/telemetry.js';

/** What the telemetry allows to say about the head now. */
type Stillness =
  | { readonly kind: 'unknown'; readonly waitingFor: string }
  | {
      readonly kind: 'known';
      readonly sample: TelemetrySample;
      /** Since when the head has been where it is. */
      readonly stillSinceMs: number;
      /** Until when that is proven: the last live message, or the last time the camera itself confirmed it. */
      readonly provenMs: number;
    };

const ROUNDING = 1e-9;

/** The largest of the three axes' differences; pan the short way round, zoom in magnification. */
export const distanceBetween = (a: PtzPosition, b: PtzPosition): number =>
  Math.max(
    Math.abs(wrapDeg(a.panDeg - b.panDeg)),
    Math.abs(a.tiltDeg - b.tiltDeg),
    Math.abs(a.zoom - b.zoom),
  );

/** The larger of the pan and tilt differences, degrees. */
export const turnBetween = (a: PtzPosition, b: PtzPosition): number =>
  Math.max(Math.abs(wrapDeg(a.panDeg - b.panDeg)), Math.abs(a.tiltDeg - b.tiltDeg));

/**
 * Decides from telemetry alone since when a head rests. A change counts against the place where the rest began, so that
 * a slow creep is movement and a jitter of the last digit is not. Silence proves nothing: rest reaches only as far as the
 * last live message, or as far as the camera itself confirmed it.
 */
export class StillnessTracker {
  private anchor: PtzPosition | null = null;
  private last: TelemetrySample | null = null;
  private stillSinceMs = 0;
  private provenMs: number | null = null;

  constructor(private readonly epsilonDeg: number) {}

  sample(sample: TelemetrySample): void {
    // A kept message after others is an old one told again, as brokers do when somebody subscribes anew.
    if (sample.retained && this.last !== null) return;
    const moved = this.anchor === null || distanceBetween(this.anchor, sample) > this.epsilonDeg + ROUNDING;
    if (moved || this.provenMs === null) {
      this.anchor = sample;
      this.stillSinceMs = sample.receivedAtMs;
    }
    this.last = sample;
    if (!sample.retained) this.provenMs = sample.receivedAtMs;
  }

  /** The camera itself says that it stands where the last message put it. */
  confirm(nowMs: number): void {
    if (this.last === null) return;
    if (this.provenMs === null) this.stillSinceMs = nowMs;
    this.provenMs = nowMs;
  }

  /** A command may have started a movement that telemetry does not show yet. */
  commanded(nowMs: number): void {
    this.stillSinceMs = Math.max(this.stillSinceMs, nowMs);
  }

  /** The connection broke: what happens until the next message is not seen. */
  lost(): void {
    this.anchor = null;
    this.last = null;
    this.provenMs = null;
  }

  /** The last message, proven or not. */
  lastSample(): TelemetrySample | null {
    return this.last;
  }

  /** For how long nothing has shown where the head is. */
  silentForMs(nowMs: number): number {
    return this.provenMs === null ? Number.POSITIVE_INFINITY : nowMs - this.provenMs;
  }

  state(): Stillness {
    if (this.last === null) return { kind: 'unknown', waitingFor: 'a first telemetry message' };
    if (this.provenMs === null)
      return { kind: 'unknown', waitingFor: 'a sign of life after the message kept by the broker' };
    const { last: sample, stillSinceMs, provenMs } = this;
    return { kind: 'known', sample, stillSinceMs, provenMs };
  }
}
