import { AppError } from '../ports/app-error.js';
import type { Clock } from '../ports/clock.js';
import type { PtzController } from '../ports/ptz-controller.js';
import type { PtzPosition, TelemetrySample } from '../ports/telemetry.js';
import type { DeviceWatch } from './device-watch.js';
import { distanceBetween, turnBetween } from './stillness.js';
import { untilArrived } from './stop-drive.js';
import { timeoutSignal } from '../ports/timeout-signal.js';

/** Where a camera is to be put back to, and where the product last sent it. */
export interface JournaledMove {
  readonly home: PtzPosition;
  readonly sentTo: PtzPosition;
  /** Where it stood before: a kill may come between the journal and the command. */
  readonly sentFrom: PtzPosition;
}

/** Remembers a driven camera's position outside the process, so that even a restart after a kill can put it back. */
export interface PositionJournal {
  save(move: JournaledMove): Promise<void>;
  clear(): Promise<void>;
}

const TRIES = 3;
const PAUSE_MS = 2_000;
const CALL_MS = 10_000;
const TOTAL_MS = 180_000;
const ARRIVAL_MS = 60_000;
const POLL_MS = 1_000;
/** Cameras round what they tell; nearer than this, telemetry is the better word. */
const AGREE_DEG = 2;
const NEAR_DEG = 1;
/** Asking again does not help. */
const REFUSALS = new Set(['camera_not_drivable', 'stop_out_of_range', 'onvif_auth']);
/** A head seen at its place this long after a failed command has not been moved. */
const UNMOVED_MS = 2_000;
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

const notRestored = (home: PtzPosition, cause: unknown): AppError =>
  new AppError(
    'camera_not_restored',
    `The camera could not be put back to pan ${home.panDeg}°, tilt ${home.tiltDeg}°, zoom ${home.zoom}.`,
    'Put it back by hand, or restart the program, which tries again.',
    cause,
  );

/** Calls until the camera accepts, each call with a deadline of its own. */
const sendTo = async (ptz: PtzController, target: PtzPosition, clock: Clock): Promise<void> => {
  const overall = timeoutSignal(TOTAL_MS);
  for (let tries = 1; ; tries += 1) {
    try {
      return await ptz.moveTo(target, AbortSignal.any([overall, timeoutSignal(CALL_MS)]));
    } catch (fault) {
      const isRefused = fault instanceof AppError && REFUSALS.has(fault.code);
      if (tries === TRIES || isRefused) throw notRestored(target, fault);
      await clock.sleep(PAUSE_MS, overall);
    }
  }
};

/** Sends the head home; false when that failed but it turns out never to have left, as when it takes no commands at all. */
const isSentBack = async (
  watch: DeviceWatch,
  ptz: PtzController,
  home: PtzPosition,
  seen: PtzPosition,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    await sendTo(ptz, home, watch.deps.clock);
    return true;
  } catch (fault) {
    const limits = { settleMs: UNMOVED_MS, timeoutMs: 5 * UNMOVED_MS };
    if ((await untilArrived(watch, seen, limits, signal)) === 'arrived') return false;
    throw fault;
  }
};

/**
 * Puts the camera back, under deadlines of its own because the caller's signal may be the reason for going back.
 * Somebody who takes over on the way home keeps the camera.
 */
export const putBack = async (
  watch: DeviceWatch,
  ptz: PtzController,
  home: PtzPosition,
  seen: PtzPosition,
) => {
  const { clock } = watch.deps;
  const overall = timeoutSignal(TOTAL_MS);
  for (let tries = 1; ; tries += 1) {
    watch.tracker.commanded(clock.nowMs());
    if (!(await isSentBack(watch, ptz, home, seen, overall))) return;
    const outcome = await untilArrived(watch, seen, { settleMs: 0, timeoutMs: ARRIVAL_MS }, overall);
    if (outcome === 'arrived' || outcome === 'left' || outcome === 'elsewhere') return;
    // Telemetry does not show it; the camera's own word, or its having accepted the command, has to do.
    const own = await ptz.position(timeoutSignal(CALL_MS));
    if (own === null ? watch.isSilent() : turnBetween(own, home) <= NEAR_DEG) return;
    if (tries === TRIES) throw notRestored(home, new Error(`The head is ${outcome}.`));
  }
};

/** Runs `work`, then puts the head back whatever happened, save when an operator has taken over: then it is theirs. */
export const withPositionRestored = async <T>(
  watch: DeviceWatch,
  ptz: PtzController,
  place: { home: PtzPosition; seen: PtzPosition },
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
    if (!isTaken) await putBack(watch, ptz, place.home, place.seen);
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
  const outcome = await restoreIfOurs(move, ptz, clock, signal);
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
  await sendTo(ptz, home, clock);
  if (own === null) return 'restored';
  const arrived = await restingPosition(ptz, clock, signal);
  if (arrived === null || (arrived !== 'moving' && isAt(arrived, home))) return 'restored';
  throw notRestored(home, new Error('It does not arrive.'));
};
