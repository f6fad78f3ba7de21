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
