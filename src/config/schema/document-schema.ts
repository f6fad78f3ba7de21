import { z } from 'zod';
import { alerts } from './alerts-schema.js';
import { device, sharedShape, threshold } from './device-schema.js';
import { mqtt } from './service-schema.js';
import { choice, envName, flag, keySafeName, list, section, text, whole } from './fields.js';
import { REPLACED_WHOLE } from './merge-defaults.js';
import { must, mustBe, mustBeOneOf } from './wording.js';

/** The same schema with nothing required below: for defaults, and for devices that defaults complete. */
const draft = (schema: z.ZodType): z.ZodType => {
  const drafted = bare(schema);
  return schema.description === undefined ? drafted : drafted.describe(schema.description);
};

const bare = (schema: z.ZodType): z.ZodType => {
  if (schema instanceof z.ZodObject) return section(draftShape(schema.shape));
  if (schema instanceof z.ZodNullable) return draft(schema.unwrap() as z.ZodType).nullable();
  if (schema instanceof z.ZodOptional) return draft(schema.unwrap() as z.ZodType).optional();
  if (schema instanceof z.ZodPrefault) return draft(schema.unwrap() as z.ZodType).optional();
  return schema;
};

const draftShape = (shape: z.ZodRawShape): Record<string, z.ZodType> =>
  Object.fromEntries(
    Object.entries(shape).map(([key, part]) => {
      const schema = part as z.ZodType;
      return [key, (REPLACED_WHOLE.has(key) ? schema : draft(schema)).optional()];
    }),
  );

const fileName = (what: string): z.ZodString => z.string(must(what)).min(1, must(what));
const region = text('an AWS region such as eu-central-1', /^[a-z]{2}(-[a-z]+)+-\d$/);
const webAddress = text(
  'an address starting with http:// or https://, without credentials',
  /^https?:\/\/[^\s@]+$/,
);
const s3Location = text('an S3 location such as s3://bucket/prefix/', /^s3:\/\/[a-z0-9][^\s`'"]+$/);
const identifier = text('a name of letters, digits, "_" and "-"', /^[A-Za-z0-9_-]{1,128}$/);

const kinds = <First extends z.core.$ZodTypeDiscriminable, Second extends z.core.$ZodTypeDiscriminable>(
  words: readonly [string, string],
  options: [First, Second],
) =>
  z.discriminatedUnion('kind', options, {
    error: (issue) => {
      if (issue.code !== 'invalid_union') return mustBe(`a section with kind: ${words.join(' or ')}`, issue);
      const { kind } = issue.input as { kind?: unknown };
      return mustBeOneOf(words, kind);
    },
  });

const storage = kinds(
  ['file', 's3'],
  [
    section({
      kind: z.literal('file'),
      root_dir: fileName('a folder').default('data/store').describe('Folder that holds the objects'),
    }),
    section({
      kind: z.literal('s3'),
      bucket: text('the name of an S3 bucket', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
        .default('camera-calibration-monitoring')
        .describe('Bucket'),
      region: region.describe('AWS region'),
      endpoint: webAddress.nullish().describe('Another S3 service; null: that of AWS'),
      prefix: text(
        'folders of letters, digits, ".", "_" and "-", such as "calibration/"',
        /^(?!.*\.\.)([A-Za-z0-9][A-Za-z0-9._-]*\/?)*$/,
      )
        .default('')
        .describe('Folder of the bucket that holds the objects; empty: the bucket itself'),
      path_style: flag
        .nullish()
        .describe('Name the bucket in the path of the address; null: with another endpoint only'),
      checksums: choice(['always', 'when_required'])
        .default('always')
        .describe('when_required: for S3 services that refuse the checksums of AWS'),
    }),
  ],
);

const results = kinds(
  ['duckdb', 'athena'],
  [
    section({
      kind: z.literal('duckdb'),
      file: fileName('a file name').default('data/results.duckdb').describe('DuckDB file'),
    }),
    section({
      kind: z.literal('athena'),
      database: identifier.describe('Glue database'),
      workgroup: identifier.default('primary').describe('Athena workgroup'),
      region: region.describe('AWS region'),
      output_location: s3Location.describe("Where Athena leaves its queries' results"),
      table_location: s3Location
        .nullish()
        .describe(
          "Where the table's own files lie, apart from all else; null: warehouse/calibration_monitoring/ in the storage's bucket",
        ),
      endpoint: webAddress.nullish().describe('Another address of Athena and Glue; null: that of AWS'),
    }),
  ],
);

const queueLimits = {
  visibility: whole('seconds from 30 to 3600', 30, 3600)
    .default(120)
    .describe('Work of a program that died is taken by another one after so many seconds'),
  max_attempts: whole('a whole number from 1 to 20', 1, 20)
    .default(5)
    .describe('Work that was taken so often is given up, and told'),
};

const queue = kinds(
  ['embedded', 'sqs'],
  [
    section({ kind: z.literal('embedded'), ...queueLimits }),
    section({
      kind: z.literal('sqs'),
      name: text('a name of letters, digits, "_" and "-"', /^[A-Za-z0-9_-]{1,75}$/)
        .default('camera-calibration')
        .describe('Name of the queue; that of dead messages has "-dead" after it'),
      region: region.describe('AWS region'),
      endpoint: webAddress.nullish().describe('Another SQS service; null: that of AWS'),
      schedule_role_arn: text('the ARN of a role', /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/)
        .nullish()
        .describe('Role by which EventBridge Scheduler sends the sweeps; null: calib serve does'),
      ...queueLimits,
    }),
  ],
);

const slack = section({
  channel: text(
    'a Slack channel such as "#camera-calibration" (in quotes) or its id',
    /^#?[\p{L}\p{N}_-]{1,80}$/u,
  ).describe('Channel that is told'),
  bot_token_env: envName.describe('Environment variable that holds the bot token, xoxb-…'),
  app_token_env: envName.describe('Environment variable that holds the app token, xapp-…'),
  api_url: webAddress.nullish().describe("Another address of Slack's API; null: Slack's own"),
});

/** Key names of devices that only defaults complete; `device` itself says what must be there in the end. */
const deviceDraft = section({
  device_id: device.shape.device_id,
  camera_name: device.shape.camera_name,
  ...draftShape(sharedShape),
});

const defaults = section(draftShape(sharedShape));

const deployment = section({
  name: keySafeName.describe('Name of the deployment; part of every object key'),
  kube: section({
    context: text('the name of a kubeconfig context', /^\S+$/).describe(
      'Context of the kubeconfig; in-cluster: we run inside the cluster, with its service account',
    ),
    namespace: text('the name of a Kubernetes namespace', /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      .default('default')
      .describe('Namespace of the services'),
    kubeconfig: fileName('a file name')
      .nullish()
      .describe('Kubeconfig file; null: the one that kubectl uses'),
  })
    .nullish()
    .describe('The Kubernetes cluster; null: services are reached by host'),
  mqtt: mqtt.describe('The MQTT broker that carries the telemetry'),
  defaults: defaults.optional().describe('What holds for every device of this deployment'),
  devices: list('a list of devices', deviceDraft)
    .min(1, must('a list of at least one device'))
    .describe('The cameras'),
});

/** devices.yaml as it is written. Devices are complete only once defaults are laid under them. */
export const document = section({
  slack: slack.nullish().describe('The Slack app; null: nothing is told to Slack'),
  storage: storage.prefault({ kind: 'file' }).describe('Where captures and references are kept'),
  results: results.prefault({ kind: 'duckdb' }).describe('Where results are kept'),
  queue: queue
    .prefault({ kind: 'embedded' })
    .describe('How sweeps reach the programs that check cameras; embedded: through the storage'),
  schedule: section({
    every_minutes: whole('a whole number of minutes from 1 to 1440', 1, 1440)
      .default(60)
      .describe('Minutes between two sweeps'),
  })
    .prefault({})
    .describe('When all cameras are checked'),
  alerts: alerts.prefault({}).describe('When people are told of a drift, and reminded of it'),
  threshold_deg: threshold.default(0.5).describe('Offset in degrees that counts as drifted'),
  health: section({
    host: text('a host name or address', /^[A-Za-z0-9._:-]+$/)
      .default('127.0.0.1')
      .describe('Address to listen on; 0.0.0.0: all'),
    port: whole('a port number from 1 to 65535', 1, 65_535).default(9464).describe('Port'),
  })
    .nullish()
    .describe('Where /healthz, /readyz and /metrics are served; null: nowhere'),
  log_format: choice(['text', 'json'])
    .default('text')
    .describe('json: every log entry as a JSON object, one a line'),
  concurrency: whole('a whole number from 1 to 64', 1, 64).default(4).describe('Cameras checked at once'),
  spool_dir: fileName('a folder').default('data/spool').describe('Folder for checks under way'),
  defaults: defaults.optional().describe('What holds for every device'),
  deployments: list('a list of deployments', deployment)
    .min(1, must('a list of at least one deployment'))
    .describe('Sites'),
});

export type DocumentInput = z.output<typeof document>;

/** The JSON Schema of devices.yaml, for editors. */
export const jsonSchema = (): Record<string, unknown> => ({
  title: 'devices.yaml of Calibration Monitoring',
  ...z.toJSONSchema(document, { io: 'input', reused: 'ref' }),
});
