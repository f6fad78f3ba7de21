import type { PtzPosition } from '../../ports/telemetry.js';
import type { CameraModel } from '../camera/camera-model.js';
import type { FaultSwitch } from '../site/device-faults.js';

/** The head as the camera's firmware drives it: commands go through here, and so do faults of the head. */
export class OnvifHead {
  #target: PtzPosition | null = null;
  #operator: NodeJS.Timeout | null = null;
  #stopLater: NodeJS.Timeout | null = null;

  constructor(
    readonly model: CameraModel,
    private readonly faults: FaultSwitch,
  ) {
    faults.onChange(() => this.#planOperator('now'));
  }

  position(): PtzPosition {
    return this.model.reportedPosition(performance.now());
  }

  isMoving(): boolean {
    return this.model.isMoving(performance.now());
  }

  /** Moves the named axes; the others keep what they were told last. */
  move(wanted: Partial<PtzPosition>): void {
    this.#cancelStop();
    if (this.faults.ptz?.kind !== 'stuck') {
      const now = this.isMoving() && this.#target !== null ? this.#target : this.position();
      this.#target = { ...now, ...wanted };
      this.model.moveTo(this.#target, performance.now());
    }
    this.#planOperator('move');
  }

  stopAfter(durationMs: number): void {
    this.#cancelStop();
    this.#stopLater = setTimeout(() => this.stop(), durationMs);
  }

  stop(): void {
    this.#cancelStop();
    this.model.stop(performance.now());
  }

  close(): void {
    this.#cancelStop();
    this.#cancelOperator();
  }

  #planOperator(event: 'now' | 'move'): void {
    const fault = this.faults.ptz;
    if (event === 'now') this.#cancelOperator();
    if (fault?.kind !== 'operator' || (fault.since ?? 'now') !== event) return;
    this.#cancelOperator();
    this.#operator = setTimeout(() => {
      this.#target = fault.target;
      this.model.moveTo(fault.target, performance.now());
    }, fault.afterMs);
  }

  #cancelOperator(): void {
    if (this.#operator !== null) clearTimeout(this.#operator);
    this.#operator = null;
  }

  #cancelStop(): void {
    if (this.#stopLater !== null) clearTimeout(this.#stopLater);
    this.#stopLater = null;
  }
}
