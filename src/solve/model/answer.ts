export type Cause =
  | 'none'
  | 'mount_rotation'
  | 'pan_slip'
  | 'tilt_slip'
  | 'body_reseated'
  | 'zoom_change'
  | 'camera_changed'
  | 'unclear';

/** One figure a term of the head, and one a standard error; only terms that were estimated. */
export interface HeadFigures {
  tilt_axis_deg?: number;
  tilt_zero_deg?: number;
  collimation_deg?: number;
  roll_deg?: number;
  pan_gain?: number;
  tilt_gain?: number;
  eccentricity_sin_deg?: number;
  eccentricity_cos_deg?: number;
  flexure_deg?: number;
  pan_backlash_deg?: number;
  tilt_backlash_deg?: number;
}

/** What a scan found of the camera's head. */
export interface HeadReport {
  terms: HeadFigures;
  /** One standard error each. */
  sigma: HeadFigures;
  /** One standard error of what the axes stand off from what the encoders tell, degrees. */
  encoders: { pan: number; tilt: number; play: number };
}

/** What the scan itself is called where its layers have names. */
export const PRIMARY = 'primary';

/** The answer to one query, exactly as `calib solve --json` prints it (a contract); angles in degrees. */
export interface SolveAnswer {
  query: string;
  success: boolean;
  verdict: 'ok' | 'drifted' | 'refused';
  yaw_offset: number | null;
  pitch_offset: number | null;
  roll_offset: number | null;
  sigma: { yaw: number; pitch: number; roll: number } | null;
  zoom_scale: number | null;
  inliers: number;
  matches: number;
  log10_nfa: number | null;
  /** What answered: `primary`, or a layer of the reference by its name; null when refused. */
  layer: string | null;
  /** Focal length, radial distortion and principal point, px. */
  lens: { focal_px: number; k1: number; k2: number; cx: number; cy: number } | null;
  /** Terms of the camera's head as the reference found them; null when refused. */
  head: HeadReport | null;
  cause: Cause;
  captures: {
    file: string;
    yaw: number | null;
    pitch: number | null;
    roll: number | null;
    inliers: number;
    residual_px: number | null;
  }[];
  solve_ms: number;
  failure_log: string | null;
}

/** No answer, and why; also for a query whose pictures could not be taken or used. */
export const unanswered = (query: string, reason: string): SolveAnswer => ({
  query,
  success: false,
  verdict: 'refused',
  yaw_offset: null,
  pitch_offset: null,
  roll_offset: null,
  sigma: null,
  zoom_scale: null,
  inliers: 0,
  matches: 0,
  log10_nfa: null,
  layer: null,
  lens: null,
  head: null,
  cause: 'unclear',
  captures: [],
  solve_ms: 0,
  failure_log: reason,
});

/** What a reference is worth; `usable` false means that checks against it would be refused. */
export interface ReferenceReport {
  usable: boolean;
  /** Why it is not usable, or what weakens it; each says what to change. */
  faults: string[];
  /** How the scan could be made better, and what that would bring. */
  advice: string[];
  stops: {
    file: string;
    /** What telemetry said, degrees and magnification. */
    pan: number;
    tilt: number;
    zoom: number;
    /** Other stops that it shares enough points with. */
    matchedStops: number;
    /** Points shared with other stops. */
    ties: number;
    features: number;
    /** Median disagreement of those points. */
    residualPx: number | null;
    /** Why it carries little or nothing, and what to change; null for a sound stop. */
    weakness: string | null;
  }[];
  landmarks: number;
  /** Fraction of the sphere that a passive check can look at, at the widest zoom, and be answered from. */
  coverage: number;
  /** The same by pan and tilt: rows of 5° from the zenith down, a letter every 5° of pan from −180°, `#` where answered. */
  coverage_rows: string[];
  /** By the same fields, the standard error to be expected of an answer, degrees; null where there is none. */
  coverage_sigma_deg: (number | null)[][];
  residualPx: number | null;
  lens: {
    zoom: number;
    focal_px: number;
    hfov_deg: number;
    k1: number;
    k2: number;
    cx: number;
    cy: number;
  }[];
  head: HeadReport;
  /** What the pictures say of the lens where devices.yaml gives it; null where it does not, or they say too little. */
  lens_found: ReferenceReport['lens'] | null;
  /** Where the picture of the coverage lies; added by who keeps the scan, missing where it could not be drawn. */
  coverage_map?: string;
}

/** How a layer's frame lies in the primary scan's: what was measured, degrees in the mount frame, and one standard error each. */
export interface LayerTie {
  /** Its own frames that match the primary; a check of the primary close in time; or every frame measured on its own. */
  by: 'frames' | 'check' | 'each_frame';
  yaw: number;
  pitch: number;
  roll: number;
  sigma: { yaw: number; pitch: number; roll: number };
  /** The pictures it rests on, with what each says on its own. */
  evidence: { file: string; yaw: number; pitch: number; roll: number }[];
}

/** What a reference layer is worth; `usable` false means that no check is answered from it. */
export interface LayerReport extends ReferenceReport {
  layer: string;
  /** Null where nothing ties it to the primary scan. */
  tie: LayerTie | null;
}
