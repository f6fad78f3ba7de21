import type { PtzPosition } from '../../ports/telemetry.js';

/** What can go wrong with a virtual camera's video. `afterPackets` counts RTP packets since PLAY (default 20, half a picture). */
type RtspFault =
  /** `hang` accepts and never answers; `refuse` lets nobody connect; `badPassword` rejects every password. */
  | { readonly protocol: 'rtsp'; readonly kind: 'hang' | 'refuse' | 'notFound' | 'badPassword' }
  /** `stall` goes silent in the middle of the stream; `drop` cuts the connection there. */
  | { readonly protocol: 'rtsp'; readonly kind: 'stall' | 'drop'; readonly afterPackets?: number };

/** What can go wrong with a virtual camera's ONVIF service. */
type OnvifFault =
  | {
      readonly protocol: 'onvif';
      /**
       * `hang` never answers; `dribble` answers a byte at a time; `refuseMove` refuses AbsoluteMove; `splitMoves` refuses
       * pan/tilt and zoom in one call; `noPosition` reports status without a position; `httpDigestOnly` ignores WS-Security.
       */
      readonly kind: 'hang' | 'dribble' | 'refuseMove' | 'splitMoves' | 'noPosition' | 'httpDigestOnly';
    }
  /** MoveStatus says the same for ever (default MOVING). */
  | { readonly protocol: 'onvif'; readonly kind: 'frozenMoveStatus'; readonly value?: 'IDLE' | 'MOVING' }
  /** The device's clock is ahead (positive) or behind. */
  | { readonly protocol: 'onvif'; readonly kind: 'clockSkew'; readonly minutes: number };

/**
 * What can go wrong with a virtual camera's telemetry: `silent` publishes nothing more, `garbage` cycles through payloads
 * nobody can use, `frozen` repeats the position of the moment the fault came, `onChangeOnly` speaks only after a movement.
 */
interface MqttFault {
  readonly protocol: 'mqtt';
  readonly kind: 'silent' | 'garbage' | 'frozen' | 'onChangeOnly';
}

/** What can go wrong with the head itself. */
type PtzFault =
  /** Accepts moves and does not turn. */
  | { readonly protocol: 'ptz'; readonly kind: 'stuck' }
  /** Somebody else sends the camera elsewhere, `afterMs` after the fault is set or after every accepted move. */
  | {
      readonly protocol: 'ptz';
      readonly kind: 'operator';
      readonly afterMs: number;
      readonly since?: 'now' | 'move';
      readonly target: PtzPosition;
    };

export type Fault = RtspFault | OnvifFault | MqttFault | PtzFault;

/** The one fault a virtual camera has now, seen by each of its servers through its own window. */
export class FaultSwitch {
  #fault: Fault | null = null;
  readonly #listeners: (() => void)[] = [];

  set(fault: Fault | null): void {
    this.#fault = fault;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get rtsp(): RtspFault | null {
    return this.#fault?.protocol === 'rtsp' ? this.#fault : null;
  }

  get onvif(): OnvifFault | null {
    return this.#fault?.protocol === 'onvif' ? this.#fault : null;
  }

  get mqtt(): MqttFault | null {
    return this.#fault?.protocol === 'mqtt' ? this.#fault : null;
  }

  get ptz(): PtzFault | null {
    return this.#fault?.protocol === 'ptz' ? this.#fault : null;
  }
}
