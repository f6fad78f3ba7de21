import type { PtzPosition } from '../../ports/telemetry.js';
import type { CameraModel } from '../camera/camera-model.js';
import type { FaultSwitch } from './device-faults.js';

/** Payloads that devices have been seen to send and nobody can use. */
const GARBAGE = [
  '{"pan": 12.3, "tilt": ',
  '{"pan": NaN, "tilt": NaN, "zoom": NaN}',
  '{"pan": "not available", "tilt": "--", "zoom": ""}',
  '{"status": "ok"}',
  'null',
  '',
  '\u0000\u0001\u0002',
];

/** Changes below this are the encoders' noise, not a movement. */
const MIN_CHANGE = 0.02;

const round = (value: number): number => Math.round(value * 1e4) / 1e4;

const hasChanged = (a: PtzPosition, b: PtzPosition): boolean =>
  Math.max(Math.abs(a.panDeg - b.panDeg), Math.abs(a.tiltDeg - b.tiltDeg), Math.abs(a.zoom - b.zoom)) >
  MIN_CHANGE;

const formatPosition = ({ panDeg, tiltDeg, zoom }: PtzPosition): string =>
  JSON.stringify({
    pan: round(panDeg),
    tilt: round(tiltDeg),
    zoom: round(zoom),
    ts: new Date().toISOString(),
  });

/** Answers a function giving the camera's next telemetry payload, or null when it has nothing to say. */
export const createTelemetry = (model: CameraModel, faults: FaultSwitch): (() => string | null) => {
  let last: PtzPosition | null = null;
  let turn = 0;
  return () => {
    const kind = faults.mqtt?.kind;
    if (kind === 'silent') return null;
    if (kind === 'garbage') return GARBAGE[turn++ % GARBAGE.length] ?? '';
    const now = model.reportedPosition(performance.now());
    if (kind === 'frozen') return formatPosition((last ??= now));
    if (kind === 'onChangeOnly' && last !== null && !hasChanged(last, now)) return null;
    last = now;
    return formatPosition(now);
  };
};
