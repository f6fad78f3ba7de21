import { rm } from 'node:fs/promises';
import path from 'node:path';
import { TimeLimit } from '../../async/time-limit.js';
import type { DeviceSettings } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import type { CalibrationSolver } from '../../ports/calibration-solver.js';
import type { Clock } from '../../ports/clock.js';
import type { PtzPosition } from '../../ports/telemetry.js';
import type { CaptureFrame } from '../spool/manifest.js';
import type { CaptureDevice } from '../spool/paired-frame.js';
import { frameName, writeFrame, writeManifest } from '../spool/write-manifest.js';
import type { Drive } from '../stop-capture.js';
import { isCircle, type RangeDeg } from './plan-rows.js';
import { type ScanPlan, turnedInto } from './plan-scan.js';
import { givenHfovDeg, planFor, widestZoomOf } from './scan-plan.js';

/** What looking around has to know of its device. */
export type LookingDevice = CaptureDevice & Pick<DeviceSettings, 'ptz' | 'masks'>;

export type MeasureFieldOfView = CalibrationSolver['measureFieldOfView'];

/**
 * Turns from where the camera stands, degrees of pan and tilt. A wide view needs the large ones, for encoders are exact to some
 * hundredths of a degree; of a view of a few degrees only the small ones leave two pictures anything in common.
 */
const TURNS_DEG: readonly (readonly [number, number])[] = [
  [0, 0],
  [1.5, 0],
  [4, 0],
  [8, 0],
  [7, 4],
  [4, 1.5],
];
const FARTHEST_DEG = { pan: 8, tilt: 4 };
/** The camera stands elsewhere than its operators left it while the pictures are measured. */
const MEASURED_IN_S = 120;
const FOLDER = 'looks';

/** Signed factor by which turns up to `farthestDeg` stay within a range: to the side asked for, or else to the roomier one. */
const turnFactor = (at: number, [low, high]: RangeDeg, farthestDeg: number, side: 1 | -1): number => {
  const room = { [1]: high - at, [-1]: at - low };
  const chosen = room[side] >= farthestDeg || room[side] >= room[side === 1 ? -1 : 1] ? side : -side;
  return chosen * Math.min(1, Math.max(0, room[chosen as 1 | -1]) / farthestDeg);
};

/** Where the camera looks to measure its field of view: around where it stands, at its widest zoom, rather lower than higher. */
export const looksAround = (
  home: PtzPosition,
  { ptz }: Pick<DeviceSettings, 'ptz'>,
): readonly PtzPosition[] => {
  const panRange = ptz.panRangeDeg ?? [-180, 180];
  const tiltRange = ptz.tiltRangeDeg ?? [-90, 90];
  const panDeg = turnedInto(panRange, home.panDeg);
  const panFactor = isCircle(panRange) ? 1 : turnFactor(panDeg, panRange, FARTHEST_DEG.pan, 1);
  const tiltFactor = turnFactor(home.tiltDeg, tiltRange, FARTHEST_DEG.tilt, -1);
  return TURNS_DEG.map(([pan, tilt]) => ({
    panDeg: turnedInto(panRange, panDeg + panFactor * pan),
    tiltDeg: home.tiltDeg + tiltFactor * tilt,
    zoom: widestZoomOf({ ptz }),
  }));
};

/** How often the camera looks around before its scan is planned. */
export const looksNeeded = ({ lens }: Pick<DeviceSettings, 'lens'>): number =>
  lens === null ? TURNS_DEG.length : 1;

const notMeasured = ({ deviceId }: LookingDevice, why: string): AppError =>
  new AppError(
    'view_not_measured',
    `${deviceId}: its field of view, from which the stops are planned, could not be measured: ${why}.`,
    'Point the camera at something with texture and scan again, or give lens or a grid of reference_scan in devices.yaml.',
  );

const measured = async (
  device: LookingDevice,
  lookDir: string,
  clock: Clock,
  measure: MeasureFieldOfView,
  signal: AbortSignal,
): Promise<number> => {
  const late = (): AppError => notMeasured(device, `that took longer than ${MEASURED_IN_S} s`);
  const view = await new TimeLimit(clock, MEASURED_IN_S).run(signal, late, (inTime) =>
    measure(lookDir, device.masks, inTime),
  );
  if ('hfovDeg' in view) return view.hfovDeg;
  throw notMeasured(device, `${view.fault} (they lie in ${lookDir})`);
};

/**
 * Looks around with a driven camera and plans its scan from what it sees. A lens that the settings give is taken as it is: one
 * look tells the shape of the pictures then. The pictures are no part of the scan. AppError `view_not_measured`.
 */
export const planByLooking = async (
  device: LookingDevice,
  drive: Drive,
  options: {
    readonly scanDir: string;
    readonly clock: Clock;
    readonly measureFieldOfView: MeasureFieldOfView;
    readonly onLook: (done: number, total: number) => void;
  },
  signal: AbortSignal,
): Promise<ScanPlan> => {
  const { scanDir, clock, measureFieldOfView, onLook } = options;
  const lookDir = path.join(scanDir, FOLDER);
  await rm(lookDir, { recursive: true, force: true });
  const looks = looksAround(drive.home, device).slice(0, looksNeeded(device));
  const frames: CaptureFrame[] = [];
  const startedAtMs = clock.nowMs();
  await drive.visit(looks, async (paired, index) => {
    frames.push(await writeFrame(lookDir, frameName(index), paired));
    onLook(index + 1, looks.length);
  });
  const capture = {
    kind: 'query',
    mode: 'active',
    frames,
    startedAtMs,
    finishedAtMs: clock.nowMs(),
  } as const;
  await writeManifest(lookDir, device, capture);
  const hfovDeg =
    device.lens === null
      ? await measured(device, lookDir, clock, measureFieldOfView, signal)
      : givenHfovDeg(device.lens, widestZoomOf(device));
  await rm(lookDir, { recursive: true, force: true });
  return planFor(device, hfovDeg, frames[0]!, drive.home.panDeg);
};
