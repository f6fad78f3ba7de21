import type { TimeLimit } from '../../async/time-limit.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { FrameSource, GrabbedFrame } from '../../ports/frame-source.js';
import type { PtzController } from '../../ports/ptz-controller.js';
import type { PtzPosition, TelemetrySample, TelemetrySource } from '../../ports/telemetry.js';
import type { CaptureDevice, PairedFrame } from '../spool/paired-frame.js';
import type { PositionJournal } from '../spool/position-journal.js';
import { StillnessTracker, turnBetween } from './stillness.js';

/** What a capture works with. In passive captures `ptz`, where there is one, is only asked, never driven. */
export interface CaptureDeps {
  readonly clock: Clock;
  readonly telemetry: TelemetrySource;
  readonly frames: FrameSource;
  readonly ptz: PtzController | null;
  readonly journal?: PositionJournal;
}

const POLL_MS = 100;
const GRAB_TIMEOUT_MS = 20_000;
/** What is wrong with a stream is told a little before the end, where it would only be that time is up. */
const BEFORE_THE_END_MS = 300;
/** A stream is opened so long before its picture is due: most send a whole picture every two seconds. */
const OPEN_AHEAD_MS = 3_000;
/** A head that has rested so long may rest for longer. */
const BRIEF_REST_MS = 200;
/** Less time than this is none for a picture. */
const MIN_GRAB_MS = 2_000;
const GRAB_TRIES = 3;
const PAUSE_MS = 1_000;
const AFTER_GRAB_MS = 12_000;
/** After this long without telemetry the camera itself is asked, where it can be. */
const ASK_AFTER_MS = 2_500;
const ASK_EVERY_MS = 2_000;
const SILENT_MS = 6_000;
/** A head that has rested for less is on its way. */
const MOVING_MS = 1_500;
/** How exactly heads stop, and cameras tell their own position, differs far more than encoders jitter. */
const ARRIVAL_DEG = 0.5;
/** What may pass: the camera's stream, or the way to it. */
const TRY_AGAIN = new Set([
  ...['rtsp_timeout', 'rtsp_corrupt', 'rtsp_unreachable'],
  ...['pod_restarting', 'port_closed', 'forward_broken', 'idle_cut_off'],
]);

/** Follows one device's telemetry for one capture and answers questions about its rest. */
export class DeviceWatch {
  readonly tracker: StillnessTracker;
  private lastFault: Error | null = null;
  private askedMs = Number.NEGATIVE_INFINITY;
  private waitingFor = 'its telemetry';
  /** The grab under way, and since when the head has rested for it. */
  private grabbing: { readonly sinceMs: number; readonly moved: AbortController } | null = null;

  constructor(
    readonly device: CaptureDevice,
    readonly deps: CaptureDeps,
    private readonly limit: TimeLimit,
  ) {
    this.tracker = new StillnessTracker(device.movementEpsilonDeg);
  }

  /** Subscribes; following ends with the signal. */
  async start(signal: AbortSignal): Promise<void> {
    const onFault = (fault: Error): void => {
      this.lastFault = fault;
      if (fault instanceof AppError && fault.code === 'telemetry_lost') this.tracker.lost();
      this.endGrabOfMoved();
    };
    const onSample = (sample: TelemetrySample): void => {
      this.tracker.sample(sample);
      this.endGrabOfMoved();
    };
    await this.deps.telemetry.follow({ onSample, onFault }, signal);
  }

  /** Says what is waited for from now on, for when time is up. */
  expect(what: string): void {
    this.waitingFor = what;
  }

  /** AppError `capture_timeout` or `no_telemetry`: what a capture comes to whose time is up now. */
  late(): AppError {
    return this.isSilent() ? this.noTelemetry() : this.timedOut();
  }

  /** Waits until the head has provably rested for a time. */
  async untilStill(stillForMs: number, signal: AbortSignal): Promise<TelemetrySample> {
    for (;;) {
      await this.seekProof(signal);
      const state = this.tracker.state();
      if (state.kind === 'known' && state.provenMs - state.stillSinceMs >= stillForMs) return state.sample;
      await this.deps.clock.sleep(POLL_MS, signal);
    }
  }

  /** Waits until the head has rested nearly long enough, and answers when that will be; ms since the epoch. */
  async untilNearlyStill(stillForMs: number, signal: AbortSignal): Promise<number> {
    await this.untilStill(Math.max(Math.min(stillForMs, BRIEF_REST_MS), stillForMs - OPEN_AHEAD_MS), signal);
    return this.restedMs(stillForMs);
  }

  /** When the head will have rested for a time, if it goes on; ms since the epoch. */
  restedMs(restMs: number): number {
    const nowMs = this.deps.clock.nowMs();
    const state = this.tracker.state();
    return Math.max(nowMs, state.kind === 'known' ? state.stillSinceMs + restMs : nowMs);
  }

  /**
   * A frame taken after a moment, which may be to come, with one position from now until after the frame; null when the
   * head moved or telemetry fell silent meanwhile.
   */
  async grabPaired(
    notBeforeMs: number,
    commanded: PtzPosition | null,
    signal: AbortSignal,
  ): Promise<PairedFrame | null> {
    const before = this.tracker.state();
    if (before.kind !== 'known') return null;
    const frame = await this.grabWhileAtRest(before.stillSinceMs, notBeforeMs, signal);
    if (frame === null || frame.capturedAtMs < notBeforeMs) return null;
    const after = await this.provenAfter(frame.capturedAtMs, signal);
    if (after === null || after.stillSinceMs !== before.stillSinceMs) return null;
    return { frame, telemetry: this.withKnownZoom(after.sample, commanded), commanded };
  }

  /** Whether a position is where a target is, as far as heads and their reports are exact; zoom to a tenth. */
  isNear(position: PtzPosition, target: PtzPosition): boolean {
    const reportsZoom = this.device.telemetry.zoom !== null;
    const zoomIsNear = Math.abs(position.zoom - target.zoom) <= 0.1 + 0.1 * target.zoom;
    return turnBetween(position, target) <= ARRIVAL_DEG && (zoomIsNear || !reportsZoom);
  }

  /** Whether the last telemetry shows the head at a target. */
  standsAt(target: PtzPosition): boolean {
    const sample = this.tracker.lastSample();
    return sample !== null && this.isNear(sample, target);
  }

  /** Whether telemetry comes; where it was lost, a while is waited for it. */
  async isHeard(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.deps;
    const untilMs = clock.nowMs() + AFTER_GRAB_MS;
    for (; this.isSilent(); await clock.sleep(POLL_MS, signal)) {
      if (clock.nowMs() >= untilMs) return false;
      await this.seekProof(signal);
    }
    return true;
  }

  /** Whether telemetry shows the head moving now. */
  isMoving(): boolean {
    const state = this.tracker.state();
    return state.kind === 'known' && this.deps.clock.nowMs() - state.stillSinceMs < MOVING_MS;
  }

  isSilent(): boolean {
    return this.tracker.silentForMs(this.deps.clock.nowMs()) > SILENT_MS;
  }

  noTelemetry(): AppError {
    const state = this.tracker.state();
    const missing = state.kind === 'unknown' ? state.waitingFor : 'telemetry, which ceased';
    return new AppError(
      'no_telemetry',
      `${this.device.deviceId}: no usable telemetry came; still waiting for ${missing}.${this.faultTold()}`,
      'Check that the device publishes on its topic and that devices.yaml names its fields.',
      this.lastFault ?? undefined,
    );
  }

  /**
   * A kept message has no age and silence has no meaning: where the camera can be asked, its own word counts as proof
   * that it still stands where telemetry last put it.
   */
  async seekProof(signal: AbortSignal): Promise<void> {
    const { ptz, clock } = this.deps;
    const nowMs = clock.nowMs();
    const last = this.tracker.lastSample();
    if (ptz === null || last === null || nowMs - this.askedMs < ASK_EVERY_MS) return;
    if (!last.retained && this.tracker.silentForMs(nowMs) < ASK_AFTER_MS) return;
    this.askedMs = nowMs;
    try {
      const own = await ptz.position(signal);
      if (own !== null) this.weigh(own, last);
    } catch (fault) {
      signal.throwIfAborted();
      this.lastFault = fault instanceof Error ? fault : new Error(String(fault));
    }
  }

  private weigh(own: PtzPosition, last: TelemetrySample): void {
    // A message that came meanwhile is better proof than the answer.
    if (this.tracker.lastSample() !== last) return;
    if (turnBetween(own, last) <= ARRIVAL_DEG) this.tracker.confirm(this.deps.clock.nowMs());
    else
      this.lastFault = new Error(
        `Telemetry last said pan ${last.panDeg}°, tilt ${last.tiltDeg}°, ` +
          `but the camera itself says pan ${own.panDeg.toFixed(2)}°, tilt ${own.tiltDeg.toFixed(2)}°.`,
      );
  }

  /** Null as soon as the head moves: its picture is of no use then. */
  private async grabWhileAtRest(
    sinceMs: number,
    notBeforeMs: number,
    signal: AbortSignal,
  ): Promise<GrabbedFrame | null> {
    const moved = new AbortController();
    this.grabbing = { sinceMs, moved };
    try {
      return await this.grab(notBeforeMs, AbortSignal.any([signal, moved.signal]));
    } catch (fault) {
      signal.throwIfAborted();
      if (moved.signal.aborted) return null;
      throw fault;
    } finally {
      this.grabbing = null;
    }
  }

  private endGrabOfMoved(): void {
    if (this.grabbing === null) return;
    const state = this.tracker.state();
    const isAtRest = state.kind === 'known' && state.stillSinceMs === this.grabbing.sinceMs;
    if (!isAtRest) this.grabbing.moved.abort(new Error('the head moved'));
  }

  private async grab(notBeforeMs: number, signal: AbortSignal): Promise<GrabbedFrame> {
    const { frames, clock } = this.deps;
    const waitMs = Math.max(0, notBeforeMs - clock.nowMs());
    for (let tries = 1; ; tries += 1) {
      const timeoutMs = this.limit.within(waitMs + GRAB_TIMEOUT_MS + BEFORE_THE_END_MS) - BEFORE_THE_END_MS;
      try {
        return await frames.grab({ notBeforeMs, timeoutMs: Math.max(1, timeoutMs) }, signal);
      } catch (fault) {
        signal.throwIfAborted();
        const mayRecover = fault instanceof AppError && TRY_AGAIN.has(fault.code);
        // Without time for another try, what is wrong with the stream says more than that time is up.
        const isLast = tries === GRAB_TRIES || this.limit.leftMs() <= PAUSE_MS + MIN_GRAB_MS;
        if (isLast || !mayRecover) throw fault;
        this.lastFault = fault;
        await clock.sleep(PAUSE_MS, signal);
      }
    }
  }

  /** Telemetry lags behind video: a movement during the grab may be told only by a message after it. */
  private async provenAfter(timeMs: number, signal: AbortSignal) {
    const { clock } = this.deps;
    const untilMs = clock.nowMs() + AFTER_GRAB_MS;
    for (;;) {
      await this.seekProof(signal);
      const state = this.tracker.state();
      if (state.kind === 'known' && state.provenMs >= timeMs) return state;
      if (clock.nowMs() >= untilMs) return null;
      await clock.sleep(POLL_MS, signal);
    }
  }

  /** Where telemetry says nothing of the zoom, what was commanded is the best that is known. */
  private withKnownZoom(sample: TelemetrySample, commanded: PtzPosition | null): TelemetrySample {
    if (this.device.telemetry.zoom !== null || commanded === null) return sample;
    return { ...sample, zoom: commanded.zoom };
  }

  private timedOut(): AppError {
    return new AppError(
      'capture_timeout',
      `${this.device.deviceId}: the time allowed passed while waiting for ${this.waitingFor}.${this.faultTold()}`,
      'Try again when nobody drives the camera, or allow more time.',
      this.lastFault ?? undefined,
    );
  }

  private faultTold(): string {
    return this.lastFault === null ? '' : ` Last fault: ${this.lastFault.message}`;
  }
}
