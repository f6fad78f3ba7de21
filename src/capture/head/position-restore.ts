import { TimeLimit } from '../../async/time-limit.js';
import { timeoutSignal } from '../../async/timeout-signal.js';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { PtzController } from '../../ports/ptz-controller.js';
import type { PtzPosition, TelemetrySample } from '../../ports/telemetry.js';
import type { JournaledMove, PositionJournal } from '../spool/position-journal.js';
import { type Arrival, untilArrived } from './arrival.js';
import type { DeviceWatch } from './device-watch.js';
import { distanceBetween, turnBetween } from './stillness.js';

const TRIES = 3;
const PAUSE_MS = 2_000;
const CALL_MS = 10_000;
/** For putting a camera back where nothing else limits it, seconds. */
const TOTAL_S = 180;
const ARRIVAL_MS = 60_000;
const POLL_MS = 1_000;
/** Cameras round what they tell; nearer than this, telemetry is the better word. */
const AGREE_DEG = 2;
const NEAR_DEG = 1;
/** Asking again does not help. */
const REFUSALS = new Set(['camera_not_drivable', 'stop_out_of_range', 'onvif_auth']);
/** A head seen at its place this long after a failed command has not been moved. */
const UNMOVED_MS = 2_000;
/** Longest wait for its being seen there, seconds. */
const STAYED_S = 5;
/** Two positions a second apart within this: the head rests. */
const RESTING = 0.05;

/** Where the head stands, in the controller's own coordinates when these disagree with telemetry. */
export const homeOf = async (
  ptz: PtzController,
  seen: TelemetrySample,
  reportsZoom: boolean,
  signal: AbortSignal,
): Promise<PtzPosition> => {
  const own = await ptz.position(signal);
  const { panDeg, tiltDeg } = seen;
  if (own === null) return { panDeg, tiltDeg, zoom: seen.zoom };
  if (turnBetween(own, seen) > AGREE_DEG) return own;
  return { panDeg, tiltDeg, zoom: reportsZoom ? seen.zoom : own.zoom };
};

const notRestored = (home: PtzPosition, cause: Error): AppError =>
  new AppError(
    'camera_not_restored',
    `The camera could not be put back to pan ${home.panDeg}°, tilt ${home.tiltDeg}°, zoom ${home.zoom}: ` +
      `${cause.message.replace(/\.$/, '')}.`,
    'Put it back by hand; the program tries again at its next sweep and at its next start.',
    cause,
  );

class TooLate extends Error {}

const tooLate = (): TooLate => new TooLate('it took no command in the time allowed');

/** Where a camera stood: for the controller, and as telemetry tells it. */
interface Place {
  readonly home: PtzPosition;
  readonly seen: PtzPosition;
}

/** Going back is not ended by the caller's signal, which may be the reason for it. */
const ownSignal = (): AbortSignal => new AbortController().signal;

const asError = (fault: unknown): Error => (fault instanceof Error ? fault : new Error(String(fault)));

/** Calls until the camera accepts, each call with a deadline of its own; what it failed with before says most in the end. */
const sendTo = async (
  ptz: PtzController,
  target: PtzPosition,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  let last: Error | null = null;
  for (let tries = 1; tries <= TRIES && !signal.aborted; tries += 1) {
    try {
      if (last !== null) await clock.sleep(PAUSE_MS, signal);
      return await ptz.moveTo(target, AbortSignal.any([signal, timeoutSignal(CALL_MS)]));
    } catch (fault) {
      if (!signal.aborted) last = asError(fault);
      if (last instanceof AppError && REFUSALS.has(last.code)) break;
    }
  }
  throw notRestored(target, last ?? tooLate());
};

/** Whether the head rests where it was seen, after a command that failed. */
const hasStayed = async (watch: DeviceWatch, seen: PtzPosition, way: TimeLimit): Promise<boolean> => {
  const atMost = new TimeLimit(watch.deps.clock, Math.min(STAYED_S, way.leftMs() / 1000));
  try {
    await atMost.run(ownSignal(), tooLate, (inTime) => watch.untilStill(UNMOVED_MS, inTime));
  } catch (fault) {
    if (fault instanceof TooLate) return false;
    throw fault;
  }
  return watch.standsAt(seen);
};

/** Sends the head home; false when that failed but it turns out never to have left, as when it takes no commands at all. */
const isSentBack = async (
  watch: DeviceWatch,
  ptz: PtzController,
  { home, seen }: Place,
  way: TimeLimit,
): Promise<boolean> => {
  const { clock } = watch.deps;
  // What is left then is for seeing whether it has left at all.
  const toSend = way.endingEarlier(Math.min(UNMOVED_MS + POLL_MS, way.leftMs() / 2));
  try {
    await toSend.run(ownSignal(), tooLate, (inTime) => sendTo(ptz, home, clock, inTime));
    return true;
  } catch (fault) {
    if (await hasStayed(watch, seen, way)) return false;
    throw fault;
  }
};

/** Waits for a head on its way home; beyond the time allowed only while it is seen to move. */
const arrivalAt = async (watch: DeviceWatch, seen: PtzPosition, way: TimeLimit): Promise<Arrival> => {
  const limits = { settleMs: 0, timeoutMs: ARRIVAL_MS };
  try {
    return await way.run(ownSignal(), tooLate, (inTime) => untilArrived(watch, seen, limits, inTime));
  } catch (fault) {
    if (!(fault instanceof TooLate)) throw fault;
    if (!watch.isMoving()) return 'late';
    return untilArrived(watch, seen, limits, timeoutSignal(2 * ARRIVAL_MS));
  }
};

/** The camera's own word; null also where it does not come in time. */
const ownPosition = async (ptz: PtzController, way: TimeLimit): Promise<PtzPosition | null> => {
  try {
    return await way.run(ownSignal(), tooLate, (signal) =>
      ptz.position(AbortSignal.any([signal, timeoutSignal(CALL_MS)])),
    );
  } catch (fault) {
    if (fault instanceof Error) return null;
    throw fault;
  }
};

/**
 * Puts the camera back, under deadlines of its own because the caller's signal may be the reason for going back.
 * Somebody who takes over on the way home keeps the camera.
 */
const putBack = async (watch: DeviceWatch, ptz: PtzController, place: Place, way: TimeLimit) => {
  const { home, seen } = place;
  for (let tries = 1; ; tries += 1) {
    watch.tracker.commanded(watch.deps.clock.nowMs());
    if (!(await isSentBack(watch, ptz, place, way))) return;
    const outcome = await arrivalAt(watch, seen, way);
    if (outcome === 'arrived' || outcome === 'left' || outcome === 'elsewhere') return;
    // Telemetry does not show it; the camera's own word, or its having accepted the command, has to do.
    const own = await ownPosition(ptz, way);
    if (own === null ? watch.isSilent() : turnBetween(own, home) <= NEAR_DEG) return;
    if (tries === TRIES || way.leftMs() === 0)
      throw notRestored(home, new Error('it took the command but did not arrive.'));
  }
};

/** Runs `work`, then puts the head back whatever happened, save when an operator has taken over: then it is theirs. */
export const withPositionRestored = async <T>(
  watch: DeviceWatch,
  ptz: PtzController,
  place: Place,
  limit: TimeLimit,
  work: () => Promise<T>,
): Promise<T> => {
  let outcome: { value: T } | { fault: unknown };
  try {
    outcome = { value: await work() };
  } catch (fault) {
    outcome = { fault };
  }
  const fault = 'fault' in outcome ? outcome.fault : null;
  const isTaken = fault instanceof AppError && fault.code === 'interference';
  try {
    const way = new TimeLimit(watch.deps.clock, Math.min(TOTAL_S, limit.leftMs() / 1000));
    if (!isTaken) await putBack(watch, ptz, place, way);
    await watch.deps.journal?.clear();
  } catch (restoreFault) {
    if (fault === null || !(restoreFault instanceof AppError)) throw restoreFault;
    const why = fault instanceof Error ? fault.message : 'no reason told.';
    throw new AppError(
      restoreFault.code,
      `${restoreFault.message} The capture had failed before: ${why}`,
      restoreFault.remedy,
      new AggregateError([fault, restoreFault]),
    );
  }
  if ('fault' in outcome) throw outcome.fault;
  return outcome.value;
};

/** What became of a camera that a killed process left somewhere. */
export type RestoreOutcome = 'restored' | 'already_there' | 'taken_over';

/**
 * At start: puts back a camera that an earlier process had driven away and could not put back. A camera that is neither
 * where it was sent nor where it came from has been taken over since, and is left alone.
 */
export const restoreJournaled = async (
  move: JournaledMove,
  deps: { ptz: PtzController; clock: Clock; journal: PositionJournal },
  signal: AbortSignal,
): Promise<RestoreOutcome> => {
  const { ptz, clock, journal } = deps;
  const outcome = await new TimeLimit(clock, TOTAL_S).run(signal, tooLate, (inTime) =>
    restoreIfOurs(move, ptz, clock, inTime),
  );
  await journal.clear();
  return outcome;
};

/** Where the head rests; null where the camera does not say, `moving` when it comes to no rest in time. */
const restingPosition = async (
  ptz: PtzController,
  clock: Clock,
  signal: AbortSignal,
): Promise<PtzPosition | null | 'moving'> => {
  const untilMs = clock.nowMs() + ARRIVAL_MS;
  let before: PtzPosition | null = null;
  while (clock.nowMs() < untilMs) {
    const now = await ptz.position(signal);
    if (now === null) return null;
    if (before !== null && distanceBetween(now, before) <= RESTING) return now;
    before = now;
    await clock.sleep(POLL_MS, signal);
  }
  return 'moving';
};

const isAt = (position: PtzPosition, place: PtzPosition): boolean => turnBetween(position, place) <= NEAR_DEG;

/** The head may still be on its way to where the killed process had sent it, so its rest is waited for. */
const restoreIfOurs = async (
  { home, sentTo, sentFrom }: JournaledMove,
  ptz: PtzController,
  clock: Clock,
  signal: AbortSignal,
): Promise<RestoreOutcome> => {
  const own = await restingPosition(ptz, clock, signal);
  if (own === 'moving') return 'taken_over';
  if (own !== null && isAt(own, home) && !isAt(own, sentTo)) return 'already_there';
  if (own !== null && !isAt(own, sentTo) && !isAt(own, sentFrom)) return 'taken_over';
  await sendTo(ptz, home, clock, signal);
  if (own === null) return 'restored';
  const arrived = await restingPosition(ptz, clock, signal);
  if (arrived === null || (arrived !== 'moving' && isAt(arrived, home))) return 'restored';
  throw notRestored(home, new Error('it took the command but did not arrive.'));
};
