import type { Endpoint } from '../ports/service-link.js';
import type { PtzPosition } from '../ports/telemetry.js';

/** Values read from the environment when they are used; the names stand in devices.yaml, the values never do. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** One axis of the device's own numbers → degrees: degrees = sign * (value * scale) + offset. */
export interface AxisMapping {
  /** Dotted path into the JSON payload. */
  readonly path: string;
  readonly unit: 'deg' | 'rad' | 'normalized' | 'magnification';
  readonly sign: 1 | -1;
  /** The degrees (or magnification) at −1 and 1 (0 and 1 for zoom) when `unit` is normalized. */
  readonly range: readonly [number, number] | null;
}

export interface DeviceSettings {
  readonly deploymentName: string;
  readonly deviceId: string;
  readonly cameraName: string;
  readonly onvif: {
    readonly endpoint: Endpoint;
    readonly path: string;
    readonly credentials: Credentials | null;
    readonly profile: string | null;
  } | null;
  readonly rtsp: {
    readonly endpoint: Endpoint;
    readonly path: string;
    readonly credentials: Credentials | null;
  };
  readonly telemetry: {
    readonly topic: string;
    /** When several devices share a topic: the payload's field and the value that names this one. */
    readonly match: { readonly path: string; readonly value: string } | null;
    readonly pan: AxisMapping;
    readonly tilt: AxisMapping;
    readonly zoom: AxisMapping | null;
    readonly yaw: AxisMapping | null;
    readonly pitch: AxisMapping | null;
    readonly roll: AxisMapping | null;
  };
  /** Ranges in degrees of a camera whose ONVIF spaces are normalised; null: taken from the node. */
  readonly ptz: {
    readonly panRangeDeg: readonly [number, number] | null;
    readonly tiltRangeDeg: readonly [number, number] | null;
    readonly zoomRange: readonly [number, number] | null;
    readonly panSign: 1 | -1;
    readonly tiltSign: 1 | -1;
  };
  /** Every stop of the reference scan, the grid already expanded; null: the scan plans its own (`reference_scan: auto`). */
  readonly referenceStops: readonly PtzPosition[] | null;
  /** Empty means that checks are passive. */
  readonly activeStops: readonly PtzPosition[];
  readonly lens: {
    readonly zoomToHfovDeg: readonly (readonly [number, number])[];
    readonly k1: number;
    readonly k2: number;
  } | null;
  /** Rectangles in fractions of the frame that the solver must not look at. */
  readonly masks: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
  readonly thresholdDeg: number;
  readonly stabilizeTimeS: number;
  /** For one check; null: none. */
  readonly timeoutS: number | null;
  readonly movementEpsilonDeg: number;
  /** Whether checks that were just verified may add their pictures to a reference layer. */
  readonly growLayers: boolean;
  /** Slack user or group ids; empty: everyone. */
  readonly mayMove: readonly string[];
  readonly mayReplaceReference: readonly string[];
}

export interface DeploymentSettings {
  readonly name: string;
  /** Null: endpoints are reached directly. */
  readonly kube: {
    readonly context: string;
    readonly namespace: string;
    /** Null: what kubectl uses. */
    readonly kubeconfigFile: string | null;
  } | null;
  readonly mqtt: {
    readonly endpoint: Endpoint;
    readonly tls: boolean;
    readonly caFile: string | null;
    readonly credentials: Credentials | null;
  };
  readonly devices: readonly DeviceSettings[];
}

/** When people are told of a drift, and reminded of it. */
export interface AlertSettings {
  /** A drift that nobody knows of is told once `found` of at most `of` checks in a row found it. */
  readonly confirm: { readonly found: number; readonly of: number };
  /** An incident is cleared at this share of the threshold that raised it, so that it does not flutter. */
  readonly clearRatio: number;
  /** Until an incident that nobody acknowledged is told again; null: never. */
  readonly remindAfterMinutes: number | null;
  /** Minute of the day when open incidents are listed; null: never. */
  readonly digestAtMinute: number | null;
  /** Minutes of the day between which nobody is reminded; may pass midnight; null: none. */
  readonly quietHours: { readonly fromMinute: number; readonly untilMinute: number } | null;
  /** Of these minutes, an IANA name. */
  readonly timeZone: string;
}

interface QueueLimits {
  /** Work of a program that died is taken by another one after this. */
  readonly visibilityS: number;
  /** Work that was taken so often is given up. */
  readonly maxAttempts: number;
}

export interface Settings {
  readonly slack: {
    readonly channel: string;
    readonly botToken: string;
    readonly appToken: string;
    readonly apiUrl: string | null;
  } | null;
  readonly storage:
    | { readonly kind: 'file'; readonly rootDir: string }
    | {
        readonly kind: 's3';
        readonly bucket: string;
        readonly region: string;
        /** Another S3 service; null: that of AWS. */
        readonly endpoint: string | null;
        /** Stands before every key, with a slash at its end; empty: none. */
        readonly prefix: string;
        /** The bucket stands in the path of the address, not in its host name. */
        readonly pathStyle: boolean;
        /** `when_required` for services that refuse the checksums which AWS wants. */
        readonly checksums: 'always' | 'when_required';
      };
  readonly results:
    | { readonly kind: 'duckdb'; readonly file: string }
    | {
        readonly kind: 'athena';
        readonly database: string;
        readonly workgroup: string;
        readonly region: string;
        /** Where Athena leaves the answers to queries. */
        readonly outputLocation: string;
        /** Where the table's own files lie; nothing else may lie below it. */
        readonly tableLocation: string;
        /** Another address of Athena and Glue; null: that of AWS. */
        readonly endpoint: string | null;
      };
  /** Carries the sweeps and their checks to the programs that do them. */
  readonly queue: QueueLimits &
    (
      | { readonly kind: 'embedded' }
      | {
          readonly kind: 'sqs';
          readonly name: string;
          readonly region: string;
          /** Another SQS service; null: that of AWS. */
          readonly endpoint: string | null;
          /** Of EventBridge Scheduler, which sends the sweeps then; null: our own scheduler does. */
          readonly scheduleRoleArn: string | null;
        }
    );
  readonly schedule: { readonly everyMinutes: number };
  readonly alerts: AlertSettings;
  readonly thresholdDeg: number;
  /** Where probes and metrics are asked for; null: nowhere. */
  readonly health: { readonly host: string; readonly port: number } | null;
  /** `json`: every entry as a JSON object, for machines that keep them. */
  readonly logFormat: 'text' | 'json';
  /** How many cameras are checked at once. */
  readonly concurrency: number;
  readonly spoolDir: string;
  readonly deployments: readonly DeploymentSettings[];
}
