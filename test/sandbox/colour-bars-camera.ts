import type { CameraModel } from '../../src/sandbox/camera/camera-model.js';
import type { PtzPosition } from '../../src/ports/telemetry.js';

export type Colour = readonly [number, number, number];

/** Left to right, before the bars have moved. */
export const BARS: readonly Colour[] = [
  [200, 30, 30],
  [30, 180, 30],
  [40, 40, 210],
  [220, 210, 40],
  [230, 230, 230],
  [20, 20, 20],
  [30, 190, 200],
  [200, 40, 190],
];

export interface ColourBarsCamera extends CameraModel {
  /** Bars now lie this many bars further left. */
  shift: number;
  renders: number;
}

const MOVE_MS = 200;

/** A camera that shows eight colour bars and moves its head in a fifth of a second. */
export const colourBarsCamera = (widthPx = 320, heightPx = 192): ColourBarsCamera => {
  let from: PtzPosition = { panDeg: 10, tiltDeg: -5, zoom: 2 };
  let target = from;
  let startMs = -Infinity;
  const at = (nowMs: number): PtzPosition => {
    const part = Math.min(1, (nowMs - startMs) / MOVE_MS);
    const mix = (a: number, b: number): number => a + (b - a) * part;
    return {
      panDeg: mix(from.panDeg, target.panDeg),
      tiltDeg: mix(from.tiltDeg, target.tiltDeg),
      zoom: mix(from.zoom, target.zoom),
    };
  };
  const go = (to: PtzPosition, nowMs: number): void => {
    from = at(nowMs);
    target = to;
    startMs = nowMs;
  };
  const frame = Buffer.alloc(widthPx * heightPx * 3);
  const camera: ColourBarsCamera = {
    name: 'Colour bars',
    widthPx,
    heightPx,
    panRangeDeg: [-170, 170],
    tiltRangeDeg: [-30, 90],
    zoomRange: [1, 31],
    shift: 0,
    renders: 0,
    reportedPosition: at,
    isMoving: (nowMs) => nowMs - startMs < MOVE_MS,
    moveTo: go,
    stop: (nowMs) => go(at(nowMs), nowMs - MOVE_MS),
    renderRgb: () => {
      camera.renders += 1;
      const row = Buffer.from(
        Array.from(
          { length: widthPx },
          (_, x) => BARS[(Math.floor((x * 8) / widthPx) + camera.shift) % 8]!,
        ).flat(),
      );
      for (let y = 0; y < heightPx; y++) row.copy(frame, y * widthPx * 3);
      return frame;
    },
    setMountOffset: () => undefined,
    setEncoderSlip: () => undefined,
  };
  return camera;
};
