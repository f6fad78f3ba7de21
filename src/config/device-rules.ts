import type { PtzPosition } from '../ports/telemetry.js';
import type { DeviceInput } from './schema/device-schema.js';
import type { Finding } from './findings.js';
import { isTree } from './schema/merge-defaults.js';
import { expandGrid, gridSize } from './stop-grid.js';
import type { Path } from './yaml-source.js';

/** A device as far as its sections could be read: what is at fault is left out. */
export type ReadDevice = { readonly [Key in keyof DeviceInput]?: DeviceInput[Key] | undefined };

/** More than a night of scanning. */
const MAX_STOPS = 2000;
const TOLERANCE = 1e-6;

type Range = readonly [number, number];
type Triple = readonly [panDeg: number, tiltDeg: number, zoom: number];

const AXES = [
  { name: 'pan', range: 'pan_range_deg' },
  { name: 'tilt', range: 'tilt_range_deg' },
  { name: 'zoom', range: 'zoom_range' },
] as const;

/** The scan as it is written; null where there is none, or it plans itself. */
const listedScan = ({ reference_scan: scan }: ReadDevice) =>
  scan === undefined || scan === 'auto' ? null : scan;

const within = (value: number, [low, high]: Range): boolean =>
  value >= low - TOLERANCE && value <= high + TOLERANCE;

/** A pan is reachable when it or a full turn more or less is. */
const reaches = (axis: (typeof AXES)[number]['name'], value: number, range: Range): boolean =>
  (axis === 'pan' ? [value, value - 360, value + 360] : [value]).some((turned) => within(turned, range));

const outside = (device: ReadDevice, stop: Triple): { axis: number; name: string; message: string }[] =>
  AXES.flatMap(({ name, range: key }, axis) => {
    const range = device.ptz?.[key] ?? null;
    const value = stop[axis];
    if (range === null || value === undefined || reaches(name, value, range)) return [];
    const message = `must be within ptz.${key} [${range.join(', ')}], but is ${value}`;
    return [{ axis, name, message }];
  });

const listedStops = (device: ReadDevice, stops: readonly Triple[], path: Path): Finding[] =>
  stops.flatMap((stop, index) =>
    outside(device, stop).map(({ axis, message }) => ({ path: [...path, index, axis], message })),
  );

const tripleOf = ({ panDeg, tiltDeg, zoom }: PtzPosition): Triple => [panDeg, tiltDeg, zoom];

/** Of each axis of the grid, the first position that is out of reach. */
const gridStops = (device: ReadDevice): Finding[] => {
  const grid = listedScan(device)?.grid;
  if (grid === undefined) return [];
  const path = ['reference_scan', 'grid'];
  const size = gridSize(grid);
  if (size > MAX_STOPS) return [{ path, message: `must have at most ${MAX_STOPS} stops, but has ${size}` }];
  if (!AXES.some(({ range }) => device.ptz?.[range])) return [];
  const first = new Map<string, string>();
  for (const stop of expandGrid(grid))
    for (const { name, message } of outside(device, tripleOf(stop)))
      if (!first.has(name)) first.set(name, message);
  return [...first].map(([name, message]) => ({ path: [...path, name], message }));
};

const stopsInReach = (device: ReadDevice): Finding[] => [
  ...gridStops(device),
  ...listedStops(device, listedScan(device)?.stops ?? [], ['reference_scan', 'stops']),
  ...listedStops(device, device.active_ptz_stops ?? [], ['active_ptz_stops']),
];

/** Other stops than the widest view need to know what the numbers of the camera's zoom mean. */
const zoomKnown = (device: ReadDevice): Finding[] => {
  const { ptz, telemetry } = device;
  const isKnown = (ptz?.zoom_range ?? null) !== null || telemetry?.zoom?.unit === 'normalized';
  const scan = listedScan(device);
  const grid = scan?.grid;
  const zooms = [
    ...(grid === undefined || gridSize(grid) > MAX_STOPS ? [] : expandGrid(grid).map(({ zoom }) => zoom)),
    ...[...(scan?.stops ?? []), ...(device.active_ptz_stops ?? [])].map(([, , zoom]) => zoom),
  ];
  const zoomed = zooms.find((zoom) => zoom !== 1);
  if (isKnown || zoomed === undefined || ptz === undefined) return [];
  const message =
    `is missing: a stop at zoom ${zoomed} needs the magnifications at both ends of the camera's zoom, ` +
    'which ONVIF does not tell';
  return [{ path: ['ptz', 'zoom_range'], message }];
};

/** Whether the head can be driven; undefined when the onvif section cannot be read. */
const isDrivable = (device: ReadDevice, unreadable: ReadonlySet<string>): boolean | undefined =>
  unreadable.has('onvif') ? undefined : (device.onvif ?? null) !== null;

/** A scan that plans itself has to know how far the head reaches. */
const planned = (device: ReadDevice, unreadable: ReadonlySet<string>): Finding[] => {
  const { reference_scan: scan, ptz } = device;
  if (scan !== 'auto' || ptz === undefined || isDrivable(device, unreadable) === false) return [];
  const missing = (['pan_range_deg', 'tilt_range_deg'] as const).filter((key) => !ptz[key]);
  const names = missing.map((key) => `ptz.${key}`).join(' and ');
  if (missing.length > 0)
    return [{ path: ['reference_scan'], message: `auto needs ${names}, over which it plans the stops` }];
  const [low, high] = ptz.tilt_range_deg!;
  if (low < 90 && high > -90) return [];
  const message = `must reach between -90 and 90, where reference_scan: auto plans its stops, but is [${low}, ${high}]`;
  return [{ path: ['ptz', 'tilt_range_deg'], message }];
};

const driving = (device: ReadDevice, unreadable: ReadonlySet<string>): Finding[] => {
  const drivable = isDrivable(device, unreadable);
  const hasScan = (device.reference_scan ?? null) !== null || unreadable.has('reference_scan');
  if (drivable === true && !hasScan)
    return [
      {
        path: ['reference_scan'],
        message: 'is missing: a camera with an onvif section needs auto, grid or stops',
      },
    ];
  if (drivable !== false) return [];
  const message = 'needs an onvif section, through which the camera is driven';
  const active = device.active_ptz_stops ?? [];
  return [
    ...(device.reference_scan ? [{ path: ['reference_scan'], message }] : []),
    ...(active.length > 0 ? [{ path: ['active_ptz_stops'], message }] : []),
  ];
};

const timing = ({ timeout, stabilize_time: stabilizeTime }: ReadDevice): Finding[] => {
  if (timeout === undefined || timeout === null || stabilizeTime === undefined || timeout > stabilizeTime)
    return [];
  const message = `must be longer than stabilize_time (${stabilizeTime} s), or null for none, but is ${timeout}`;
  return [{ path: ['timeout'], message }];
};

const sharedTopic = ({ telemetry }: ReadDevice): Finding[] => {
  if (telemetry === undefined || !/[+#]/.test(telemetry.topic) || telemetry.match) return [];
  const message =
    'must not have wildcards without match, which tells the messages of this device from others';
  return [{ path: ['telemetry', 'topic'], message }];
};

/** A service that is reached through a cluster needs one. */
export const needsKube = (service: unknown, hasKube: boolean, path: Path): Finding[] =>
  ['service', 'pod']
    .filter((way) => !hasKube && isTree(service) && service[way] !== undefined)
    .map((way) => ({
      path: [...path, way],
      message:
        'needs the kube section (context, namespace) of the deployment; without one, only host is allowed',
    }));

/** What several keys of one device say together. */
export const deviceFindings = (
  device: ReadDevice,
  unreadable: ReadonlySet<string>,
  hasKube: boolean,
): Finding[] => [
  ...stopsInReach(device),
  ...zoomKnown(device),
  ...planned(device, unreadable),
  ...driving(device, unreadable),
  ...timing(device),
  ...sharedTopic(device),
  ...needsKube(device.onvif, hasKube, ['onvif']),
  ...needsKube(device.rtsp, hasKube, ['rtsp']),
];
