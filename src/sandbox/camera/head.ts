import type { PtzPosition } from '../../ports/telemetry.js';
import { hashOf } from '../scenery/random.js';
import { Axis } from './axis-motor.js';
import { encoderReading } from './encoder.js';

interface HeadTraits {
  readonly panRangeDeg: readonly [number, number];
  readonly tiltRangeDeg: readonly [number, number];
  readonly zoomRange: readonly [number, number];
  readonly maxSpeedDegPerS: number;
  readonly accelDegPerS2: number;
  readonly encoderNoiseDeg: number;
  readonly encoderStepDeg: number;
  /** Play of pan and tilt between the motor, which the encoder reads, and the camera. */
  readonly backlashDeg: number;
  readonly seed: number;
}

/** A range of exactly 360 has no end stops. */
export const turnsEndlessly = ([low, high]: readonly [number, number]): boolean => high - low === 360;

const SWING_DEG = 0.03;
const SETTLE_MS = 400;
const ZOOM_MOTOR = { maxSpeed: 3, accel: 6, swing: 0, settleMs: 0, backlash: 0 };

const within = (value: number, [low, high]: readonly [number, number]): number =>
  Math.min(high, Math.max(low, value));

/** The motors, gears and encoders of a pan-tilt-zoom head, in encoder coordinates: what it believes, not where it truly points. */
export class Head {
  private readonly pan: Axis;
  private readonly tilt: Axis;
  private readonly zoom: Axis;
  private readonly endless: boolean;
  private stops = 0;

  constructor(private readonly traits: HeadTraits) {
    const { panRangeDeg, tiltRangeDeg, zoomRange, backlashDeg: backlash } = traits;
    const drive = { maxSpeed: traits.maxSpeedDegPerS, accel: traits.accelDegPerS2 };
    const motor = { ...drive, swing: SWING_DEG, settleMs: SETTLE_MS, backlash };
    this.pan = new Axis(motor, within(0, panRangeDeg));
    this.tilt = new Axis(motor, within(0, tiltRangeDeg));
    this.zoom = new Axis(ZOOM_MOTOR, within(1, zoomRange));
    this.endless = turnsEndlessly(panRangeDeg);
  }

  /** Where the motors are; pan within its range. */
  mechanical(nowMs: number): PtzPosition {
    return {
      panDeg: this.turnedIntoRange(this.pan.position(nowMs)),
      tiltDeg: this.tilt.position(nowMs),
      zoom: this.zoom.position(nowMs),
    };
  }

  /** Where the motors have brought the camera: off by up to half the play, on the side from which it came. */
  carried(nowMs: number): PtzPosition {
    return {
      panDeg: this.turnedIntoRange(this.pan.load(nowMs)),
      tiltDeg: this.tilt.load(nowMs),
      zoom: this.zoom.position(nowMs),
    };
  }

  reported(nowMs: number): PtzPosition {
    const { encoderNoiseDeg: noiseDeg, encoderStepDeg: stepDeg, seed } = this.traits;
    const { panDeg, tiltDeg, zoom } = this.mechanical(nowMs);
    const read = (axis: number, angleDeg: number): number =>
      encoderReading({ noiseDeg, stepDeg, seed: hashOf(seed, axis) }, angleDeg, this.stops, nowMs);
    return {
      panDeg: this.turnedIntoRange(read(1, panDeg)),
      tiltDeg: read(2, tiltDeg),
      zoom: Number(zoom.toFixed(3)),
    };
  }

  isMoving(nowMs: number): boolean {
    return this.pan.isMoving(nowMs) || this.tilt.isMoving(nowMs) || this.zoom.isMoving(nowMs);
  }

  moveTo(target: PtzPosition, nowMs: number): void {
    const { tiltRangeDeg, zoomRange } = this.traits;
    const pan = this.nearestPan(target.panDeg, this.pan.position(nowMs));
    const tilt = within(target.tiltDeg, tiltRangeDeg);
    const zoom = within(target.zoom, zoomRange);
    const here =
      pan === this.pan.position(nowMs) &&
      tilt === this.tilt.position(nowMs) &&
      zoom === this.zoom.position(nowMs);
    if (here && !this.isMoving(nowMs)) return;
    this.pan.drive(pan, nowMs);
    this.tilt.drive(tilt, nowMs);
    this.zoom.drive(zoom, nowMs);
    this.stops++;
  }

  stop(nowMs: number): void {
    if (!this.isMoving(nowMs)) return;
    for (const axis of [this.pan, this.tilt, this.zoom]) axis.brake(nowMs);
    this.stops++;
  }

  /** The turn of `panDeg` that is nearest to `from` and allowed; the nearer end of the range when none is. */
  private nearestPan(panDeg: number, from: number): number {
    const nearest = panDeg + 360 * Math.round((from - panDeg) / 360);
    if (this.endless) return nearest;
    const [low, high] = this.traits.panRangeDeg;
    const allowed = [-720, -360, 0, 360, 720]
      .map((turn) => nearest + turn)
      .filter((turned) => turned >= low && turned <= high)
      .sort((a, b) => Math.abs(a - from) - Math.abs(b - from));
    return allowed[0] ?? within(panDeg, this.traits.panRangeDeg);
  }

  private turnedIntoRange(panDeg: number): number {
    if (!this.endless) return panDeg;
    const low = this.traits.panRangeDeg[0];
    return panDeg - 360 * Math.floor((panDeg - low) / 360);
  }
}
