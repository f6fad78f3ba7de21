import type { TimeLimit } from '../async/time-limit.js';
import { AppError } from '../ports/app-error.js';
import type { PtzController } from '../ports/ptz-controller.js';
import type { PtzPosition } from '../ports/telemetry.js';
import { type Arrival, untilArrived } from './head/arrival.js';
import type { DeviceWatch } from './head/device-watch.js';
import { homeOf, withPositionRestored } from './head/position-restore.js';
import { assertReachable, placeText } from './head/ptz-reach.js';
import type { PairedFrame } from './spool/paired-frame.js';

const MOVE_MS = 90_000;
const GRAB_TRIES = 4;
/** A head at its stop that has rested so long is about to rest for good: the stream is opened. */
const BRIEF_REST_MS = 200;
/** A head that swings at its stop for longer does not hold still. */
const UNSTEADY_MS = 180_000;

const interference = (): AppError =>
  new AppError(
    'interference',
    'Somebody else moved the camera during the capture, so the capture gave way.',
    'Try again when nobody drives the camera.',
  );

const notMoving = (stop: PtzPosition): AppError =>
  new AppError(
    'camera_not_moving',
    `The camera accepted the command to ${placeText(stop)}, but telemetry shows no movement.`,
    'Check the head, and that the telemetry topic is the one of this camera.',
  );

const mismatch = (stop: PtzPosition): AppError =>
  new AppError(
    'telemetry_mismatch',
    `The camera says it stands at ${placeText(stop)}, but its telemetry says it stands elsewhere.`,
    'Check signs, units and ranges of telemetry and ptz in devices.yaml.',
  );

/** AppError for a head that did not come to rest at its stop; the camera's own word tells misreading from interference. */
const failedArrival = async (
  watch: DeviceWatch,
  ptz: PtzController,
  stop: PtzPosition,
  arrival: Arrival,
  signal: AbortSignal,
): Promise<AppError> => {
  if (watch.isSilent()) return watch.noTelemetry();
  if (arrival === 'unmoved') return notMoving(stop);
  if (arrival === 'left') return interference();
  const own = await ptz.position(signal);
  return own !== null && watch.isNear(own, stop) ? mismatch(stop) : interference();
};

/** Drives to one stop and takes a frame there; AppError `interference` when somebody else takes over. */
const captureStop = async (
  watch: DeviceWatch,
  ptz: PtzController,
  stop: PtzPosition,
  settleMs: number,
  signal: AbortSignal,
): Promise<PairedFrame> => {
  const { clock } = watch.deps;
  watch.tracker.commanded(clock.nowMs());
  watch.expect(`the camera to take the command to ${placeText(stop)}`);
  await ptz.moveTo(stop, signal);
  watch.tracker.commanded(clock.nowMs());
  watch.expect(`the camera to come to rest at ${placeText(stop)}`);
  const untilMs = clock.nowMs() + UNSTEADY_MS;
  for (let tries = 0; tries < GRAB_TRIES && clock.nowMs() < untilMs;) {
    const briefly = { settleMs: Math.min(settleMs, BRIEF_REST_MS), timeoutMs: MOVE_MS };
    const arrival = await untilArrived(watch, stop, briefly, signal);
    if (arrival !== 'arrived') throw await failedArrival(watch, ptz, stop, arrival, signal);
    const settledMs = watch.restedMs(settleMs);
    const paired = await watch.grabPaired(settledMs, stop, signal);
    if (paired !== null) return paired;
    if (!(await watch.isHeard(signal))) throw watch.noTelemetry();
    // Not at rest yet after all: the last swing of the head.
    if (clock.nowMs() < settledMs && watch.standsAt(stop)) continue;
    // Having arrived and rested, a head that now stands elsewhere was moved by somebody.
    if (!watch.standsAt(stop)) throw interference();
    tries += 1;
  }
  throw new AppError(
    'camera_unsteady',
    `The camera did not hold still at ${placeText(stop)}.`,
    'Check the head, and raise movement_epsilon_deg if its encoders jitter more.',
  );
};

interface DriveOptions {
  readonly stillForMs: number;
  readonly settleMs: number;
  /** For everything, the way back included. */
  readonly limit: TimeLimit;
}

/** Called with each frame before the head moves on. */
type OnFrame = (paired: PairedFrame, index: number) => Promise<void>;

/** A camera that is being driven. */
export interface Drive {
  /** Where it stood, and is put back to. */
  readonly home: PtzPosition;
  /** Takes a frame at each stop; AppError `stop_out_of_range` before anything moves when one cannot be reached. */
  visit(stops: readonly PtzPosition[], onFrame: OnFrame): Promise<void>;
}

/**
 * Waits until a camera stands still, hands it over to be driven, and puts it back whatever happened. Stops that are known before
 * are refused before the wait when they cannot be reached.
 */
export const withDrive = async <T>(
  watch: DeviceWatch,
  known: readonly PtzPosition[],
  options: DriveOptions,
  signal: AbortSignal,
  work: (drive: Drive) => Promise<T>,
): Promise<T> => {
  const { ptz, journal } = watch.deps;
  if (ptz === null)
    throw new AppError(
      'camera_not_drivable',
      `${watch.device.deviceId} has no ONVIF endpoint, so it cannot be driven to stops.`,
      'Add the onvif section to the device in devices.yaml, or check it passively.',
    );
  watch.expect('the camera to tell what it can reach');
  const reach = (await ptz.reach?.(signal)) ?? { panDeg: null, tiltDeg: null, zoom: null };
  assertReachable(known, reach);
  watch.expect(`the camera to hold still for ${options.stillForMs / 1000} s`);
  const seen = await watch.untilStill(options.stillForMs, signal);
  const home = await homeOf(ptz, seen, watch.device.telemetry.zoom !== null, signal);
  // Where it could not be put back to it must not be driven away from.
  assertReachable([home], reach, 'The place where the camera stands,');
  let sentFrom = home;
  const visit: Drive['visit'] = async (stops, onFrame) => {
    assertReachable(stops, reach);
    for (const [index, stop] of stops.entries()) {
      await journal?.save({ home, sentTo: stop, sentFrom });
      sentFrom = stop;
      await onFrame(await captureStop(watch, ptz, stop, options.settleMs, signal), index);
    }
  };
  return withPositionRestored(watch, ptz, { home, seen }, options.limit, () => work({ home, visit }));
};

/** Drives all stops from stillness and back to where the camera stood. */
export const captureStops = (
  watch: DeviceWatch,
  stops: readonly PtzPosition[],
  options: DriveOptions & { readonly onFrame: OnFrame },
  signal: AbortSignal,
): Promise<void> => withDrive(watch, stops, options, signal, ({ visit }) => visit(stops, options.onFrame));
