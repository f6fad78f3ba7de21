import type { DeviceSettings } from '../../config/settings.js';
import type { GrabbedFrame } from '../../ports/frame-source.js';
import type { PtzPosition, TelemetrySample } from '../../ports/telemetry.js';

/** What a capture has to know of its device. */
export type CaptureDevice = Pick<
  DeviceSettings,
  'deploymentName' | 'deviceId' | 'cameraName' | 'lens' | 'movementEpsilonDeg'
> & { readonly telemetry: Pick<DeviceSettings['telemetry'], 'zoom'> };

/** A frame with the position that held before, during and after it. */
export interface PairedFrame {
  readonly frame: GrabbedFrame;
  readonly telemetry: TelemetrySample;
  readonly commanded: PtzPosition | null;
}
