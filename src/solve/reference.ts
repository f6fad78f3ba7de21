import type { Mat3, Vec3 } from '../geometry/rotation.js';
import type { ReferenceReport } from './answer.js';
import type { EncoderSigma } from './encoder-noise.js';
import type { DecodedFrame } from './features.js';
import type { LensLevel } from './lens-model.js';
import type { OverlayMask } from './overlay-mask.js';

/** One stop of a scan as telemetry gives it. */
export interface StopTelemetry {
  readonly file: string;
  readonly panDeg: number;
  readonly tiltDeg: number;
  readonly zoom: number;
}

/** Points on the sphere around the camera, each with the looks it had in the stops that saw it. */
export interface Landmarks {
  /** Unit vectors in the mount frame, x y z in turn, one per look. */
  readonly bearings: Float64Array;
  /** Landmark that a look belongs to. */
  readonly landmarkOf: Int32Array;
  /** How many stops saw the look's landmark. */
  readonly sightings: Uint8Array;
  /** Angular size of the described neighbourhood, radians. */
  readonly sizesRad: Float32Array;
  readonly descriptors: Uint32Array;
}

/** Where a stop of the scan looked. */
export interface ReferenceStop extends StopTelemetry {
  readonly mountFromBody: Mat3;
  /** Standard errors of that in the landmarks' common frame, about the mount's x, y and z, radians. */
  readonly looseRad: Vec3;
}

/** Everything a query is solved against. */
export interface Reference {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly stops: readonly ReferenceStop[];
  /** Sorted by zoom. */
  readonly levels: readonly LensLevel[];
  readonly lensGiven: boolean;
  readonly mask: OverlayMask;
  readonly landmarks: Landmarks;
  /** Standard errors of the landmarks' common frame about the mount's x, y and z, radians. */
  readonly frameSigmaRad: Vec3;
  /** Pairs of stops that share enough points to hold each other. */
  readonly links: readonly (readonly [number, number])[];
  /** The stops' pictures, where they are too few to learn an overlay from: an answer is then held against the picture itself. */
  readonly pictures?: readonly DecodedFrame[];
  /** Only in a layer, which is turned into the primary scan's frame: its name, and the encoders' own noise. */
  readonly layer?: { readonly name: string; readonly encoderSigma: EncoderSigma };
  readonly report: ReferenceReport;
}
