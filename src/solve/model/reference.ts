import type { Mat3, Vec3 } from '../../geometry/rotation.js';
import type { ReferenceReport } from './answer.js';
import type { EncoderSigma } from '../head/encoder-noise.js';
import type { HeadTerms, PanTilt } from '../head/pointing-model.js';
import type { ScanLayout } from '../estimation/scan-layout.js';
import type { DecodedFrame } from './frame-features.js';
import type { LensLevel } from './lens-levels.js';
import type { OverlayMask } from './static-overlay-mask.js';

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
  /** The stops that saw landmark i: `stopsOf[firstStop[i]]` up to, not including, `stopsOf[firstStop[i + 1]]`. */
  readonly firstStop: Int32Array;
  readonly stopsOf: Uint16Array;
}

/** Where a stop of the scan looked. */
interface ReferenceStop extends StopTelemetry {
  /** What telemetry said, and which way the axes came there. */
  readonly at: PanTilt;
  readonly mountFromBody: Mat3;
}

/** How surely all that the scan determined is known, together: what errs alike in scan and query cancels, all else does not. */
export interface ScanPosterior {
  readonly layout: ScanLayout;
  /** Of the layout's lens levels, sorted. */
  readonly zooms: readonly { readonly zoom: number }[];
  /** Covariance of all parameters, in the layout's order, row by row. */
  readonly covariance: Float64Array;
}

/** Everything a query is solved against. */
export interface Reference {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly stops: readonly ReferenceStop[];
  /** Sorted by zoom. */
  readonly levels: readonly LensLevel[];
  readonly lensGiven: boolean;
  /** Terms of the camera's head, as found. */
  readonly head: HeadTerms;
  /** What its encoders err by, in the scan and again at every query. */
  readonly encoders: EncoderSigma;
  readonly posterior: ScanPosterior;
  readonly mask: OverlayMask;
  readonly landmarks: Landmarks;
  /** Pairs of stops that share enough points to hold each other. */
  readonly links: readonly (readonly [number, number])[];
  /** The stops' pictures, where they are too few to learn an overlay from: an answer is then held against the picture itself. */
  readonly pictures?: readonly DecodedFrame[];
  /** Only in a layer, which is turned into the primary scan's frame. */
  readonly layer?: ReferenceLayer;
  readonly report: ReferenceReport;
}

/** A scan as it was solved, before it is judged. */
export type ScanModel = Omit<Reference, 'report' | 'layer'>;

interface ReferenceLayer {
  readonly name: string;
  /** How surely its frame lies in the primary's: standard errors about the mount's x, y and z, radians. */
  readonly tieSigmaRad: Vec3;
}
