/** How one axis of the head moves. */
interface AxisMotor {
  readonly maxSpeed: number;
  readonly accel: number;
  /** How far the head swings after it has arrived, and for how long. */
  readonly swing: number;
  readonly settleMs: number;
  /** How far the load can be turned against the motor: the play of the gears between them. */
  readonly backlash: number;
}

interface Segment {
  readonly startMs: number;
  readonly from: number;
  /** How far the load was ahead of the motor when it started; behind it when negative. */
  readonly lead: number;
  readonly distance: number;
  /** Length of the driven part, settling not included. */
  readonly driveMs: number;
  readonly settles: boolean;
  readonly at: (seconds: number) => number;
}

/** Distance covered after `seconds` of a move over `distance` with limited speed and acceleration (a trapezoid of speed). */
const trapezoid = (distance: number, { maxSpeed, accel }: AxisMotor): Pick<Segment, 'driveMs' | 'at'> => {
  const length = Math.abs(distance);
  const sign = Math.sign(distance);
  const top = Math.min(maxSpeed, Math.sqrt(length * accel));
  const rampS = top / accel;
  const cruiseS = top === 0 ? 0 : length / top - rampS;
  const totalS = 2 * rampS + cruiseS;
  const at = (seconds: number): number => {
    if (seconds >= totalS) return distance;
    if (seconds < rampS) return sign * 0.5 * accel * seconds * seconds;
    if (seconds < rampS + cruiseS) return sign * top * (seconds - rampS / 2);
    return distance - sign * 0.5 * accel * (totalS - seconds) ** 2;
  };
  return { driveMs: totalS * 1000, at };
};

/** One axis, its motor and the load that it drives: where they are at any time, in an endless coordinate (a pan may pass 180). */
export class Axis {
  private segment: Segment;

  constructor(
    private readonly motor: AxisMotor,
    start: number,
  ) {
    this.segment = { startMs: 0, from: start, lead: 0, distance: 0, driveMs: 0, settles: false, at: () => 0 };
  }

  /** Where the motor is. */
  position(nowMs: number): number {
    const { startMs, from, driveMs, settles } = this.segment;
    const settlingMs = Math.max(0, nowMs - startMs) - driveMs;
    const driven = from + this.driven(nowMs);
    if (settlingMs < 0 || !settles || settlingMs >= this.motor.settleMs) return driven;
    const left = 1 - settlingMs / this.motor.settleMs;
    return driven + this.motor.swing * left * left * Math.sin((settlingMs / 1000) * 2 * Math.PI * 5);
  }

  /** Where the load is: the motor first turns through the play, then pulls it along behind. */
  load(nowMs: number): number {
    return this.position(nowMs) + this.lead(nowMs);
  }

  isMoving(nowMs: number): boolean {
    const { startMs, driveMs, settles } = this.segment;
    return nowMs < startMs + driveMs + (settles ? this.motor.settleMs : 0);
  }

  /** Drives to `target`; a move under way is given up where it is now. */
  drive(target: number, nowMs: number): void {
    const from = this.position(nowMs);
    const distance = target - from;
    if (distance === 0 && !this.isMoving(nowMs)) return;
    const lead = this.lead(nowMs);
    const settles = Math.abs(distance) > this.motor.swing && this.motor.swing > 0;
    this.segment = { startMs: nowMs, from, lead, distance, settles, ...trapezoid(distance, this.motor) };
  }

  /** Brakes as hard as it can; the head comes to rest a little farther on. */
  brake(nowMs: number): void {
    if (!this.isMoving(nowMs)) return;
    const from = this.position(nowMs);
    const speed = this.position(nowMs + 0.5) - this.position(nowMs - 0.5);
    const perSecond = speed * 1000;
    const { accel } = this.motor;
    const brakeS = Math.abs(perSecond) / accel;
    const distance = (perSecond * brakeS) / 2;
    const at = (seconds: number): number =>
      perSecond * seconds * (1 - seconds / (2 * Math.max(brakeS, 1e-9)));
    const lead = this.lead(nowMs);
    this.segment = { startMs: nowMs, from, lead, distance, settles: false, driveMs: brakeS * 1000, at };
  }

  /** How far the motor has been driven by the present command. */
  private driven(nowMs: number): number {
    const { startMs, driveMs, distance, at } = this.segment;
    const sinceMs = Math.max(0, nowMs - startMs);
    return sinceMs < driveMs ? at(sinceMs / 1000) : distance;
  }

  private lead(nowMs: number): number {
    const most = this.motor.backlash / 2;
    return Math.min(most, Math.max(-most, this.segment.lead - this.driven(nowMs)));
  }
}
