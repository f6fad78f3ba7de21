import path from 'node:path';
import type { Endpoint } from '../ports/service-link.js';
import type { PtzPosition } from '../ports/telemetry.js';
import type { DeviceInput } from './schema/device-schema.js';
import { credentialsOf, type Env, envValue } from './environment.js';
import type { DocumentInput } from './schema/document-schema.js';
import type { AxisMapping, DeploymentSettings, DeviceSettings, Settings } from './settings.js';
import { expandGrid } from './stop-grid.js';
import { tableLocationOf } from './table-location.js';

interface Context {
  readonly env: Env;
  /** Relative paths count from here. */
  readonly baseDir: string;
  readonly thresholdDeg: number;
  /** Devices that share a default grid share its stops. */
  readonly grids: Map<unknown, readonly PtzPosition[]>;
}

interface Reached {
  readonly host?: string | undefined;
  readonly service?: string | undefined;
  readonly pod?: string | undefined;
  readonly port: number | string;
}

const endpointOf = ({ host, service, pod, port }: Reached): Endpoint => {
  if (host !== undefined) return { kind: 'direct', host, port: Number(port) };
  const resource = service === undefined ? 'pod' : 'service';
  return { kind: 'kubernetes', resource, name: service ?? pod ?? '', port };
};

interface AxisInput {
  readonly path: string;
  readonly unit: AxisMapping['unit'];
  readonly sign?: 1 | -1;
  readonly range?: readonly [number, number] | null | undefined;
}

const axisOf = ({ path: fieldPath, unit, sign = 1, range = null }: AxisInput): AxisMapping => ({
  path: fieldPath,
  unit,
  sign,
  range,
});

const optionalAxis = (axis: AxisInput | null | undefined): AxisMapping | null => (axis ? axisOf(axis) : null);

const telemetryOf = ({ telemetry }: DeviceInput): DeviceSettings['telemetry'] => ({
  topic: telemetry.topic,
  match: telemetry.match ? { path: telemetry.match.path, value: String(telemetry.match.value) } : null,
  pan: axisOf(telemetry.pan),
  tilt: axisOf(telemetry.tilt),
  zoom: optionalAxis(telemetry.zoom),
  yaw: optionalAxis(telemetry.yaw),
  pitch: optionalAxis(telemetry.pitch),
  roll: optionalAxis(telemetry.roll),
});

const stopsOf = (stops: readonly (readonly [number, number, number])[]): PtzPosition[] =>
  stops.map(([panDeg, tiltDeg, zoom]) => ({ panDeg, tiltDeg, zoom }));

const referenceStopsOf = (
  { reference_scan: scan }: DeviceInput,
  grids: Context['grids'],
): readonly PtzPosition[] | null => {
  if (scan === 'auto') return null;
  if (!scan?.grid) return stopsOf(scan?.stops ?? []);
  const key = JSON.stringify(scan.grid);
  const stops = grids.get(key) ?? expandGrid(scan.grid);
  grids.set(key, stops);
  return stops;
};

const onvifOf = ({ onvif }: DeviceInput, env: Env): DeviceSettings['onvif'] =>
  onvif
    ? {
        endpoint: endpointOf(onvif),
        path: onvif.path,
        credentials: credentialsOf(onvif.credentials, env),
        profile: onvif.profile ?? null,
      }
    : null;

/** Normalised telemetry and ONVIF tell of the same lens, so the range of the one will do for the other. */
const zoomRangeOf = ({ ptz, telemetry }: DeviceInput): DeviceSettings['ptz']['zoomRange'] =>
  ptz.zoom_range ?? (telemetry.zoom?.unit === 'normalized' ? (telemetry.zoom.range ?? null) : null);

const ptzOf = ({ ptz, ...device }: DeviceInput): DeviceSettings['ptz'] => ({
  panRangeDeg: ptz.pan_range_deg ?? null,
  tiltRangeDeg: ptz.tilt_range_deg ?? null,
  zoomRange: zoomRangeOf({ ptz, ...device }),
  panSign: ptz.pan_sign,
  tiltSign: ptz.tilt_sign,
});

const deviceOf = (device: DeviceInput, deploymentName: string, context: Context): DeviceSettings => ({
  deploymentName,
  deviceId: device.device_id,
  cameraName: device.camera_name,
  onvif: onvifOf(device, context.env),
  rtsp: {
    endpoint: endpointOf(device.rtsp),
    path: device.rtsp.path,
    credentials: credentialsOf(device.rtsp.credentials, context.env),
  },
  telemetry: telemetryOf(device),
  ptz: ptzOf(device),
  referenceStops: referenceStopsOf(device, context.grids),
  activeStops: stopsOf(device.active_ptz_stops),
  lens: device.lens
    ? { zoomToHfovDeg: device.lens.zoom_to_hfov_deg, k1: device.lens.k1, k2: device.lens.k2 }
    : null,
  masks: device.masks,
  thresholdDeg: device.threshold_deg ?? context.thresholdDeg,
  stabilizeTimeS: device.stabilize_time,
  timeoutS: device.timeout,
  movementEpsilonDeg: device.movement_epsilon_deg,
  growLayers: device.grow_layers,
  mayMove: device.permissions.may_move,
  mayReplaceReference: device.permissions.may_replace_reference,
});

type DeploymentInput = DocumentInput['deployments'][number];

const mqttOf = ({ mqtt }: DeploymentInput, { env, baseDir }: Context): DeploymentSettings['mqtt'] => ({
  endpoint: endpointOf(mqtt),
  tls: mqtt.tls,
  caFile: mqtt.ca_file ? path.resolve(baseDir, mqtt.ca_file) : null,
  credentials: credentialsOf(mqtt.credentials, env),
});

const kubeOf = ({ kube }: DeploymentInput, { baseDir }: Context): DeploymentSettings['kube'] => {
  if (!kube) return null;
  const { context, namespace, kubeconfig } = kube;
  return { context, namespace, kubeconfigFile: kubeconfig ? path.resolve(baseDir, kubeconfig) : null };
};

const deploymentOf = (
  deployment: DeploymentInput,
  devices: readonly DeviceInput[],
  context: Context,
): DeploymentSettings => ({
  name: deployment.name,
  kube: kubeOf(deployment, context),
  mqtt: mqttOf(deployment, context),
  devices: devices.map((device) => deviceOf(device, deployment.name, context)),
});

const slackOf = ({ slack }: DocumentInput, env: Env): Settings['slack'] =>
  slack
    ? Object.freeze({
        channel: slack.channel,
        get botToken() {
          return envValue(slack.bot_token_env, env);
        },
        get appToken() {
          return envValue(slack.app_token_env, env);
        },
        apiUrl: slack.api_url ?? null,
      })
    : null;

const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const alertsOf = ({ alerts }: DocumentInput): Settings['alerts'] => ({
  confirm: alerts.confirm,
  clearRatio: alerts.clear_ratio,
  remindAfterMinutes: alerts.remind_after_minutes,
  digestAtMinute: alerts.digest_at === null ? null : minuteOfDay(alerts.digest_at),
  quietHours: alerts.quiet_hours
    ? { fromMinute: minuteOfDay(alerts.quiet_hours[0]), untilMinute: minuteOfDay(alerts.quiet_hours[1]) }
    : null,
  timeZone: alerts.time_zone,
});

const storageOf = ({ storage }: DocumentInput, baseDir: string): Settings['storage'] => {
  if (storage.kind === 'file') return { kind: 'file', rootDir: path.resolve(baseDir, storage.root_dir) };
  const { bucket, region, checksums, endpoint, path_style: pathStyle } = storage;
  return {
    ...{ kind: 's3', bucket, region, checksums },
    endpoint: endpoint ?? null,
    prefix: storage.prefix.replace(/(?<=[^/])$/, '/'),
    pathStyle: pathStyle ?? Boolean(endpoint),
  };
};

const resultsOf = (document: DocumentInput, baseDir: string): Settings['results'] => {
  const { results } = document;
  return results.kind === 'duckdb'
    ? { kind: 'duckdb', file: path.resolve(baseDir, results.file) }
    : {
        kind: 'athena',
        database: results.database,
        workgroup: results.workgroup,
        region: results.region,
        outputLocation: results.output_location,
        tableLocation: tableLocationOf(document) ?? '',
        endpoint: results.endpoint ?? null,
      };
};

const queueOf = ({ queue }: DocumentInput): Settings['queue'] => {
  const limits = { visibilityS: queue.visibility, maxAttempts: queue.max_attempts };
  if (queue.kind === 'embedded') return { kind: 'embedded', ...limits };
  const { name, region, endpoint, schedule_role_arn: scheduleRoleArn } = queue;
  return {
    ...{ kind: 'sqs', name, region, ...limits },
    endpoint: endpoint ?? null,
    scheduleRoleArn: scheduleRoleArn ?? null,
  };
};

const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
};

/** Settings from a document without faults; nothing in them can be changed afterwards. */
export const buildSettings = (
  document: DocumentInput,
  devices: readonly (readonly DeviceInput[])[],
  env: Env,
  baseDir: string,
): Settings => {
  const context = {
    env,
    baseDir,
    thresholdDeg: document.threshold_deg,
    grids: new Map<unknown, PtzPosition[]>(),
  };
  return frozen<Settings>({
    slack: slackOf(document, env),
    storage: storageOf(document, baseDir),
    results: resultsOf(document, baseDir),
    queue: queueOf(document),
    schedule: { everyMinutes: document.schedule.every_minutes },
    alerts: alertsOf(document),
    thresholdDeg: document.threshold_deg,
    health: document.health ?? null,
    logFormat: document.log_format,
    concurrency: document.concurrency,
    spoolDir: path.resolve(baseDir, document.spool_dir),
    deployments: document.deployments.map((deployment, index) =>
      deploymentOf(deployment, devices[index] ?? [], context),
    ),
  });
};
