import type { LayerTie } from '../../ports/calibration-solver.js';

/** The capture manifest, a contract: `manifest.json` beside the frames of a reference or a query. */
export interface CaptureManifest {
  schema: 'calibration-capture/1';
  kind: 'reference' | 'query';
  deployment_name: string;
  device_id: string;
  camera_name: string;
  mode: 'active' | 'passive';
  started_at: string;
  finished_at: string;
  frames: CaptureFrame[];
  lens: { zoom_to_hfov_deg: [number, number][]; k1: number; k2: number } | null;
  /** Only in layers of a reference. */
  layer?: ManifestLayer | undefined;
}

/** What makes a reference scan a layer of another one, the primary; angles in degrees. */
export interface ManifestLayer {
  name: string;
  /** Scanned when somebody asked for it, or grown from checks that the primary had answered. */
  origin: 'scan' | 'grown';
  /** SHA-256 of the bytes of the primary's manifest.json, hexadecimal: with another primary the layer is not used. */
  primary: string;
  /** A check that the primary answered close in time to the layer's scan; it ties the layer where no frame does. */
  check: { files_location: string; frames: CaptureFrame[] } | null;
  /** What the solver measured when the layer was published; measured again when its features are computed. */
  tie: LayerTie | null;
  /** Of its pictures. */
  bytes: number;
}

export interface CaptureFrame {
  /** Relative to the manifest: `0000.jpg` in queries, `images/0000.jpg` in references. */
  file: string;
  captured_at: string;
  width: number;
  height: number;
  telemetry: {
    pan: number;
    tilt: number;
    zoom: number;
    yaw: number | null;
    pitch: number | null;
    roll: number | null;
    at: string;
  };
  commanded: { pan: number; tilt: number; zoom: number } | null;
}

/** Every picture that a manifest names, those of the check that ties a layer too. */
export const picturesOf = ({ frames, layer }: CaptureManifest): CaptureFrame[] => [
  ...frames,
  ...(layer?.check?.frames ?? []),
];
