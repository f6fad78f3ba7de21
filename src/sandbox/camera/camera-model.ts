import type { PtzPosition } from '../../ports/telemetry.js';

/** What the sandbox's protocol servers need of a virtual PTZ camera. Time is `performance.now()`-like ms given by the caller. */
export interface CameraModel {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** What the encoders say now: noise and quantisation included; knocks are invisible to it. */
  reportedPosition(nowMs: number): PtzPosition;
  isMoving(nowMs: number): boolean;
  moveTo(target: PtzPosition, nowMs: number): void;
  stop(nowMs: number): void;
  readonly panRangeDeg: readonly [number, number];
  readonly tiltRangeDeg: readonly [number, number];
  readonly zoomRange: readonly [number, number];
  /** One RGB24 picture of the true view; the same Buffer may be reused at the next call. */
  renderRgb(nowMs: number): Buffer;
  /** Turns the mount against its reference attitude, mount frame, degrees: R(yaw,pitch,roll) of ALGORITHM. Replaces earlier turns. */
  setMountOffset(offset: { yawDeg: number; pitchDeg: number; rollDeg: number }): void;
  /** Slips the encoders: the axes truly stand at reported + slip. */
  setEncoderSlip(slip: { panDeg: number; tiltDeg: number }): void;
}
