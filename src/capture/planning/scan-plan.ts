import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceSettings } from '../../config/settings.js';
import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import type { PtzPosition } from '../../ports/telemetry.js';
import { textOf, writeJson } from '../spool/file-tools.js';
import { planScan, type ScanPlan } from './plan-scan.js';

/** What a scan that plans itself has to know of its device. */
type PlannedDevice = Pick<DeviceSettings, 'deviceId' | 'ptz' | 'lens'> & Zooming;

type Zooming = { readonly telemetry: Pick<DeviceSettings['telemetry'], 'zoom'> };

/** A picture's shape: width and height in any unit. */
export interface Shape {
  readonly width: number;
  readonly height: number;
}

/** What nearly every video has, where no picture was taken yet. */
const USUAL_SHAPE: Shape = { width: 16, height: 9 };

/** The magnification at which a camera sees most; 1 where nothing is known of its zoom. */
export const widestZoomOf = ({ ptz }: Pick<DeviceSettings, 'ptz'>): number => ptz.zoomRange?.[0] ?? 1;

/** How wide a lens of the settings sees at a zoom, degrees: the nearest zoom known, magnified. */
export const givenHfovDeg = (
  { zoomToHfovDeg }: Pick<NonNullable<DeviceSettings['lens']>, 'zoomToHfovDeg'>,
  zoom: number,
): number => {
  const distance = ([known]: readonly [number, number]): number => Math.abs(Math.log(known / zoom));
  const [known, hfovDeg] = zoomToHfovDeg.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return 2 * degFromRad(Math.atan((Math.tan(radFromDeg(hfovDeg) / 2) * known) / zoom));
};

/** Plans the scan of a device whose ranges the settings give; its view at the widest zoom is so wide. */
export const planFor = (
  { ptz, telemetry }: Pick<DeviceSettings, 'ptz'> & Zooming,
  hfovDeg: number,
  { width, height }: Shape,
  aroundPanDeg?: number,
): ScanPlan => {
  const { panRangeDeg, tiltRangeDeg } = ptz;
  if (panRangeDeg === null || tiltRangeDeg === null)
    throw new Error('settings with reference_scan: auto lack the ranges of pan and tilt');
  const vfovDeg = 2 * degFromRad(Math.atan((Math.tan(radFromDeg(hfovDeg) / 2) * height) / width));
  const widest = widestZoomOf({ ptz });
  // Where nothing tells when the lens has come to rest, it is left at its widest.
  const zoomRange = telemetry.zoom === null ? ([widest, widest] as const) : ptz.zoomRange;
  const around = aroundPanDeg === undefined ? {} : { aroundPanDeg };
  return planScan({ panRangeDeg, tiltRangeDeg, zoomRange, hfovDeg, vfovDeg, ...around });
};

/** What a scan that plans itself will do, as far as the settings tell; null where it has to measure its field of view first. */
export const planFromSettings = (device: PlannedDevice): ScanPlan | null =>
  device.lens === null ? null : planFor(device, givenHfovDeg(device.lens, widestZoomOf(device)), USUAL_SHAPE);

const FILE = 'scan-plan.json';

/** A plan as it lies beside its scan, with the settings that it rests on. */
interface KeptPlan {
  readonly basis: string;
  readonly plan: ScanPlan;
}

const basisOf = ({ deviceId, ptz, lens, telemetry }: PlannedDevice): string =>
  JSON.stringify({ deviceId, ptz, lens, zoom: telemetry.zoom });

const isKept = (value: unknown): value is KeptPlan =>
  typeof value === 'object' && value !== null && 'basis' in value && 'plan' in value;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Written whole or not at all; a file that is neither was not written here, and the scan is planned anew.
    return null;
  }
};

/** The plan of the scan in a folder; null when there is none, or the settings that it rests on are others now. */
export const readPlan = async (dir: string, device: PlannedDevice): Promise<ScanPlan | null> => {
  const text = await textOf(path.join(dir, FILE));
  const found = text === null ? null : parsed(text);
  return isKept(found) && found.basis === basisOf(device) ? found.plan : null;
};

/** Keeps a plan beside its scan: measured a second time, the field of view would come out a little different. */
export const writePlan = (dir: string, device: PlannedDevice, plan: ScanPlan): Promise<void> =>
  writeJson(path.join(dir, FILE), { basis: basisOf(device), plan } satisfies KeptPlan);

export const removePlan = (dir: string): Promise<void> => rm(path.join(dir, FILE), { force: true });

/** The stops that a scan in a folder must have to be one of today's settings; null when that is not planned yet. */
export const stopsWanted = async (
  dir: string,
  device: PlannedDevice & Pick<DeviceSettings, 'referenceStops'>,
): Promise<readonly PtzPosition[] | null> =>
  device.referenceStops ?? (await readPlan(dir, device))?.stops ?? null;
