import { AppError } from '../../ports/app-error.js';
import type { PtzReach } from '../../ports/ptz-controller.js';
import type { PtzPosition } from '../../ports/telemetry.js';

const within = (value: number, range: readonly [number, number] | null): boolean =>
  range === null || (value >= range[0] - 1e-6 && value <= range[1] + 1e-6);

/** A pan is reachable when it or a full turn more or less is. */
const panWithin = (panDeg: number, range: readonly [number, number] | null): boolean =>
  [panDeg, panDeg - 360, panDeg + 360].some((turned) => within(turned, range));

/** A place in words. */
export const placeText = (stop: PtzPosition): string =>
  `pan ${stop.panDeg}°, tilt ${stop.tiltDeg}°, zoom ${stop.zoom}`;

/** AppError `stop_out_of_range` for the first place that the head cannot reach; `place` names what kind it is. */
export const assertReachable = (
  places: readonly PtzPosition[],
  reach: PtzReach,
  place = 'The stop at',
): void => {
  const outside = places.find(
    ({ panDeg, tiltDeg, zoom }) =>
      !panWithin(panDeg, reach.panDeg) || !within(tiltDeg, reach.tiltDeg) || !within(zoom, reach.zoom),
  );
  if (outside === undefined) return;
  const isZoomUnknown = reach.zoom?.[0] === reach.zoom?.[1] && !within(outside.zoom, reach.zoom);
  throw new AppError(
    'stop_out_of_range',
    `${place} ${placeText(outside)} is outside what the camera reaches` +
      (isZoomUnknown ? ': it does not say which magnification its zoom means.' : '.'),
    isZoomUnknown
      ? 'Give ptz.zoom_range of the device in devices.yaml: the magnifications at both ends of its zoom.'
      : "Correct the device's stops or ranges in devices.yaml.",
  );
};
