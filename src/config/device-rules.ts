import type { PtzPosition } from '../ports/telemetry.js';
import type { DeviceInput } from './device-schema.js';
import type { Finding } from './findings.js';
import { isTree } from './overlay.js';
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
  const grid = device.reference_scan?.grid;
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
  ...listedStops(device, device.reference_scan?.stops ?? [], ['reference_scan', 'stops']),
  ...listedStops(device, device.active_ptz_stops ?? [], ['active_ptz_stops']),
];

/** Other stops than the widest view need to know what the numbers of the camera's zoom mean. */
const zoomKnown = (device: ReadDevice): Finding[] => {
  const { ptz, telemetry } = device;
  const isKnown = (ptz?.zoom_range ?? null) !== null || telemetry?.zoom?.unit === 'normalized';
  const grid = device.reference_scan?.grid;
  const zooms = [
    ...(grid === undefined || gridSize(grid) > MAX_STOPS ? [] : expandGrid(grid).map(({ zoom }) => zoom)),
    ...[...(device.reference_scan?.stops ?? []), ...(device.active_ptz_stops ?? [])].map(
      ([, , zoom]) => zoom,
    ),
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

const driving = (device: ReadDevice, unreadable: ReadonlySet<string>): Finding[] => {
  const drivable = isDrivable(device, unreadable);
  const hasScan = (device.reference_scan ?? null) !== null || unreadable.has('reference_scan');
  if (drivable === true && !hasScan)
    return [
      { path: ['reference_scan'], message: 'is missing: a camera with an onvif section needs grid or stops' },
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
  ...driving(device, unreadable),
  ...timing(device),
  ...sharedTopic(device),
  ...needsKube(device.onvif, hasKube, ['onvif']),
  ...needsKube(device.rtsp, hasKube, ['rtsp']),
];
