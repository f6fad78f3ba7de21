import { timestampKey, type CameraName } from '../ports/camera-name.js';

/** The object layout, a contract: keys of one camera's objects. */
const cameraPrefix = ({ deploymentName, cameraName }: CameraName): string =>
  `${deploymentName}/${cameraName}`;

export const referencePrefix = (camera: CameraName): string => `${cameraPrefix(camera)}/reference_scan`;

/** Below it lie the reference's layers, each with a manifest, images and features of its own. */
export const layersPrefix = (camera: CameraName): string => `${referencePrefix(camera)}/layers/`;

export const layerPrefix = (camera: CameraName, layer: string): string => `${layersPrefix(camera)}${layer}`;

/** `timestamp` as made by `timestampKey`: sorts by time. */
export const queryPrefix = (camera: CameraName, timestamp: string): string =>
  `${cameraPrefix(camera)}/query_scan/${timestamp}`;

/** Who works with something now; outside the layout that others read. */
export const LEASES = '_state/leases/';

export const leaseKey = (camera: CameraName): string => `${LEASES}${cameraPrefix(camera)}.json`;

/** Below it lies what is known of each camera's incident, `{deployment}/{camera}.json`. */
export const INCIDENTS = '_state/incidents/';

export const incidentKey = (camera: CameraName): string => `${INCIDENTS}${cameraPrefix(camera)}.json`;

/** How often each layer of a camera's reference has answered. */
export const layerUseKey = (camera: CameraName): string => `_state/layers/${cameraPrefix(camera)}.json`;

/** The picture of a check that was taken at `at` (UTC ISO-8601); there may be none. */
export const overlayKey = (camera: CameraName, at: string): string =>
  `${queryPrefix(camera, timestampKey(Date.parse(at)))}/overlay.jpg`;

/** What is known of a deployment as a whole. */
export const deploymentKey = (deploymentName: string): string => `_state/deployments/${deploymentName}.json`;

/** What is known of the sweeps. */
export const SWEEPS_KEY = '_state/sweeps.json';

/** One document a sweep, named by the time it was scheduled for. */
export const SUMMARIES = '_state/slack/summaries/';

/** What was delivered by Slack already, an empty object each. */
export const DELIVERIES = '_state/slack/deliveries/';
/** Messages that say something is under way. */
export const REPLIES = '_state/slack/replies/';
/** Messages that are nobody's but must be told, and those of the last days that were. */
export const OUTBOX = '_state/slack/outbox/';
/** Programs that are running. */
export const RUNS = '_state/slack/runs/';

/** The key of a small document below one of these, whatever its name is made of. */
export const stateKey = (prefix: string, name: string): string =>
  `${prefix}${name.replace(/[^A-Za-z0-9._-]/g, '_')}.json`;

/** Dead work that was told, a note each. */
export const TOLD_WORK = '_state/queue/told/';

/** Who tells the end of a sweep now. */
export const SWEEP_END_KEY = `${LEASES}sweep-end.json`;

/** Who brings results into the table now. */
export const RESULTS_WRITER_KEY = `${LEASES}results-writer.json`;

/** Who tends the table of results now, and when it was tended last. */
export const RESULTS_TENDER_KEY = '_state/leases/results-tender.json';
export const RESULTS_TENDED_KEY = '_state/results/tended.json';

/** Who checks a camera for a sweep now. */
export const SWEPT_LEASES = '_state/sweep-leases/';

export const sweptLeaseKey = (camera: CameraName): string => `${SWEPT_LEASES}${cameraPrefix(camera)}.json`;
