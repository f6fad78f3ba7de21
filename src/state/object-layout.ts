import { timestampKey, type CameraName } from '../ports/camera-name.js';

/** The object layout, a contract: keys of one camera's objects. */
const cameraPrefix = ({ deploymentName, cameraName }: CameraName): string =>
  `${deploymentName}/${cameraName}`;

export const referencePrefix = (camera: CameraName): string => `${cameraPrefix(camera)}/reference_scan`;

/** Prefix of the reference's layers, each with its own manifest, images and features. */
export const layersPrefix = (camera: CameraName): string => `${referencePrefix(camera)}/layers/`;

export const layerPrefix = (camera: CameraName, layer: string): string => `${layersPrefix(camera)}${layer}`;

/** `timestamp` as made by `timestampKey`: sorts by time. */
export const queryPrefix = (camera: CameraName, timestamp: string): string =>
  `${cameraPrefix(camera)}/query_scan/${timestamp}`;

/** Current leases; not part of the public layout. */
export const LEASES = '_state/leases/';

export const leaseKey = (camera: CameraName): string => `${LEASES}${cameraPrefix(camera)}.json`;

/** Prefix of the cameras' incidents, `{deployment}/{camera}.json`. */
export const INCIDENTS = '_state/incidents/';

export const incidentKey = (camera: CameraName): string => `${INCIDENTS}${cameraPrefix(camera)}.json`;

/** How often each layer of a camera's reference answered. */
export const layerUseKey = (camera: CameraName): string => `_state/layers/${cameraPrefix(camera)}.json`;

/** The picture of the check captured at `at` (UTC ISO-8601); it may not exist. */
export const overlayKey = (camera: CameraName, at: string): string =>
  `${queryPrefix(camera, timestampKey(Date.parse(at)))}/overlay.jpg`;

/** The state of a deployment as a whole. */
export const deploymentKey = (deploymentName: string): string => `_state/deployments/${deploymentName}.json`;

/**
 * Slack's state of sweeps in general: when one last ended and which delay was reported, which no single sweep's document
 * could hold.
 */
export const SWEEPS_KEY = '_state/sweeps.json';

/**
 * Slack's document of each sweep, named by its scheduled time: rewritten with every result, so kept apart from the
 * workers' own.
 */
export const SUMMARIES = '_state/slack/summaries/';

/** Deliveries from Slack already handled, one empty object each. */
export const DELIVERIES = '_state/slack/deliveries/';
/** Messages that report progress. */
export const REPLIES = '_state/slack/replies/';
/** Messages that belong to no incident or sweep, and those of the last days already posted. */
export const OUTBOX = '_state/slack/outbox/';
/** Running programs. */
export const RUNS = '_state/slack/runs/';

/** The key of a small document below one of these prefixes, with any name. */
export const stateKey = (prefix: string, name: string): string =>
  `${prefix}${name.replace(/[^A-Za-z0-9._-]/g, '_')}.json`;

/** Dead letters already reported. */
export const TOLD_WORK = '_state/queue/told/';

/** The lease on reporting the end of a sweep. */
export const SWEEP_END_KEY = `${LEASES}sweep-end.json`;

/** The lease on writing results to the table. */
export const RESULTS_WRITER_KEY = `${LEASES}results-writer.json`;

/** The lease on maintaining the results table, and when that was last done. */
export const RESULTS_TENDER_KEY = '_state/leases/results-tender.json';
export const RESULTS_TENDED_KEY = '_state/results/tended.json';

/** Leases on checking a camera for a sweep. */
export const SWEPT_LEASES = '_state/sweep-leases/';

export const sweptLeaseKey = (camera: CameraName): string => `${SWEPT_LEASES}${cameraPrefix(camera)}.json`;
