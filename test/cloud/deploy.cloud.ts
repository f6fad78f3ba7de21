import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments, parse } from 'yaml';
import { createSchedulerSetup } from '../../src/adapters/aws/scheduler-setup.js';
import { createSqsSetup } from '../../src/adapters/aws/sqs-setup.js';
import { parseSettings } from '../../src/config/load-settings.js';
import { parseMessage } from '../../src/monitor/sweeps/sweep-messages.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const inRoot = (file: string): string => path.join(root, file);
const textOf = (file: string): string => readFileSync(inRoot(file), 'utf8');
const run = promisify(execFile);
const tool = (name: string): string => inRoot(`.cache/cloud-tools/bin/${name}`);

/** What a linter prints; it prints nothing when all is well. */
const said = async (name: string, args: readonly string[]): Promise<string> => {
  try {
    const { stdout, stderr } = await run(tool(name), args, { cwd: root });
    return stdout + stderr;
  } catch (fault) {
    const { stdout, stderr, message } = fault as { stdout?: string; stderr?: string; message: string };
    return `${stdout ?? ''}${stderr ?? ''}` || message;
  }
};

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}
/** The properties of queues and roles that are looked at here. */
interface Properties {
  readonly QueueName?: string;
  readonly VisibilityTimeout?: number;
  readonly MessageRetentionPeriod?: number;
  readonly RedrivePolicy?: unknown;
  readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
}
interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties: Properties }>>;
}
interface QueuePlan {
  readonly QueueName: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

/** With every reference put in: parameters by their defaults, ARNs by what they are of. */
const template = (text: string): Template => {
  const defaults = new Map(
    Object.entries(
      (parse(text, { logLevel: 'error' }) as { Parameters: Record<string, { Default: string | number }> })
        .Parameters,
    ).map(([name, { Default }]) => [name, Default]),
  );
  const filled = (value: string): string =>
    value.replace(/\$\{(\w+)\}/g, (whole, name: string) => String(defaults.get(name) ?? whole));
  const queueNames: Record<string, string> = {
    Queue: filled('${QueueName}'),
    DeadQueue: filled('${QueueName}-dead'),
  };
  const arnOf = (value: string): string => {
    const [name = ''] = value.split('.');
    return `arn of ${queueNames[name] ?? name}`;
  };
  return parse(text, {
    customTags: [
      { tag: '!Ref', resolve: (value: string) => defaults.get(value) ?? value },
      { tag: '!Sub', resolve: filled },
      { tag: '!GetAtt', resolve: arnOf },
    ],
  }) as Template;
};

/** The actions of commands that are not called like them. */
const ACTIONS: Readonly<Record<string, string>> = {
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};

/** What the program's own commands need, by the imports of its adapters. Queues and schedule are made by an administrator. */
const sentActions = (): string[] => {
  const files = readdirSync(inRoot('src/adapters'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/(sqs|scheduler)-setup\.ts$/.test(file),
  );
  const commands = files.flatMap((file) => {
    const text = textOf(`src/adapters/${file}`);
    return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-(\w+)'/g)].flatMap(
      ([, names = '', service = '']) =>
        [...names.matchAll(/(\w+)Command\b/g)].map(([, command = '']) => `${service}:${command}`),
    );
  });
  expect(commands.length).toBeGreaterThan(15);
  const tags = textOf('src/adapters/aws/s3-object-store.ts').includes('Tagging:')
    ? ['s3:PutObjectTagging']
    : [];
  return [...commands.map((command) => ACTIONS[command] ?? command), ...tags];
};

/**
 * What Athena does in the caller's name for queries, tables of Iceberg and their answers:
 * docs.aws.amazon.com/athena/latest/ug/ workgroups-iam-policy.html, s3-permissions.html, fine-grained-access-to-glue-resources.html
 */
const BY_ATHENA = [
  'athena:GetWorkGroup',
  ...['glue:CreateTable', 'glue:GetTables', 'glue:UpdateTable'],
  ...['s3:AbortMultipartUpload', 's3:GetBucketLocation'],
  ...['s3:ListBucketMultipartUploads', 's3:ListMultipartUploadParts'],
];

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const manifests = readdirSync(inRoot('deploy/kubernetes')).filter(
  (file) => file.endsWith('.yaml') && !['kustomization.yaml', 'devices.yaml'].includes(file),
);

describe('CloudFormation', () => {
  const text = textOf('deploy/cloudformation.yaml');

  it('has no faults that cfn-lint knows', async () => {
    expect(await said('cfn-lint', ['--include-checks', 'I', '--', 'deploy/cloudformation.yaml'])).toBe('');
  });

  const { Resources } = template(text);
  const statements = Resources['AppRole']?.Properties.Policies?.[0]?.PolicyDocument.Statement ?? [];
  const listed = (value: string | readonly string[]): readonly string[] => [value].flat();

  it('lets the program do what it does, and nothing that it does not', () => {
    const granted = new Set(statements.flatMap(({ Action }) => listed(Action)));
    const wanted = new Set([...sentActions(), ...BY_ATHENA]);
    expect([...granted].sort()).toEqual([...wanted].sort());
    for (const { Resource } of statements) expect(listed(Resource)).not.toContain('*');
  });

  it('makes queues and schedule as calib setup would, which finds nothing to change', () => {
    const { Queue, DeadQueue, Schedule } = Resources;
    const settings = {
      ...{ kind: 'sqs' as const, name: 'camera-calibration', region: 'eu-central-1', endpoint: null },
      ...{ visibilityS: 120, maxAttempts: 5, scheduleRoleArn: 'arn of ScheduleRole' },
    };
    const queues = createSqsSetup(settings).map(({ plan }) => JSON.parse(plan) as QueuePlan);
    const made = [DeadQueue, Queue].map(
      ({ Properties: { QueueName, ...properties } } = { Properties: {} }) => {
        const { MessageRetentionPeriod, VisibilityTimeout, RedrivePolicy } = properties;
        return [QueueName, MessageRetentionPeriod, VisibilityTimeout, RedrivePolicy];
      },
    );
    const planned = queues.map(({ QueueName, Attributes: { RedrivePolicy, ...attributes } }) => [
      QueueName,
      Number(attributes['MessageRetentionPeriod']),
      'VisibilityTimeout' in attributes ? Number(attributes['VisibilityTimeout']) : undefined,
      RedrivePolicy === undefined ? undefined : (JSON.parse(RedrivePolicy) as unknown),
    ]);
    expect(made).toEqual(planned);
    const [schedule] = createSchedulerSetup(settings, 60);
    expect(Schedule?.Properties).toEqual(JSON.parse(schedule?.plan ?? ''));
  });

  it('sends what the program takes for a sweep', () => {
    const input = /Input: '(.*)'/.exec(text)?.[1] ?? '';
    const sent = input.replace('<aws.scheduler.scheduled-time>', '2026-01-31T14:00:00Z');
    expect(parseMessage(sent)).toEqual({ kind: 'sweep', scheduledAt: '2026-01-31T14:00:00.000Z' });
  });
});

describe('Kubernetes manifests', () => {
  it('fit their schemas', async () => {
    expect(manifests.length).toBeGreaterThan(3);
    const told = await said('kubernetes-validate', [
      '--strict',
      ...manifests.map((file) => `deploy/kubernetes/${file}`),
    ]);
    expect(told.split('\n').filter((line) => /error|fail|invalid|unknown|not/i.test(line))).toEqual([]);
    expect(told.match(/passed/g)).toHaveLength(
      manifests.flatMap((file) => parseAllDocuments(textOf(`deploy/kubernetes/${file}`))).length,
    );
  });

  it('give the rights that reaching a camera takes, and no other', () => {
    const [role] = parseAllDocuments(textOf('deploy/kubernetes/service-account.yaml'))
      .map((document) => document.toJS() as { kind: string; rules: Rule[] })
      .filter(({ kind }) => kind === 'ClusterRole');
    const granted = (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => [verb, resource, group].join(' '))),
      ),
    );
    const asked = ['api', 'rbac-preflight'].flatMap((file) =>
      [
        ...textOf(`src/adapters/kubernetes/${file}.ts`).matchAll(
          /verb: '(\w+)', resource: '([\w/]+)'(?:, group: '([\w.]+)')?/g,
        ),
      ].map(([, verb = '', resource = '', group]) => {
        const groupOf = resource === 'endpointslices' ? 'discovery.k8s.io' : '';
        return [verb, resource, group ?? groupOf].join(' ');
      }),
    );
    // Every account may ask what it may do, and which version the cluster has.
    const others = asked.filter((each) => !/selfsubjectaccessreviews|\/version/.test(each));
    expect([...new Set(granted)].sort()).toEqual([...new Set(others)].sort());
  });

  it('are all named, and settings and probes fit the program', () => {
    const { resources } = parse(textOf('deploy/kubernetes/kustomization.yaml')) as { resources: string[] };
    expect([...resources].sort()).toEqual([...manifests].sort());
    const env = { SLACK_BOT_TOKEN: 'x', SLACK_APP_TOKEN: 'x', CAMERA_USERNAME: 'x', CAMERA_PASSWORD: 'x' };
    const parsed = parseSettings(textOf('deploy/kubernetes/devices.yaml'), 'devices.yaml', env);
    if ('faults' in parsed) expect(parsed.faults).toEqual([]);
    expect(parsed).toMatchObject({
      settings: { health: { host: '0.0.0.0', port: 9464 }, spoolDir: '/data/spool' },
    });
  });
});

describe('Dockerfile', () => {
  it('has no faults that hadolint knows', async () => {
    expect(await said('hadolint', ['Dockerfile'])).toBe('');
  });

  it('brings the libraries that the OpenCV binding is linked with', async () => {
    const binding = inRoot('node_modules/@u4/opencv4nodejs/build/Release/opencv4nodejs.node');
    const { stdout } = await run('ldd', [binding]);
    const contrib = new Set(['face', 'img_hash', 'text', 'tracking', 'ximgproc']);
    const needed = [...stdout.matchAll(/libopencv_(\w+)\.so\.(\d+)/g)].map(([, name = '', version = '']) =>
      contrib.has(name) ? `libopencv-contrib${version}` : `libopencv-${name}${version}`,
    );
    expect(needed.length).toBeGreaterThan(5);
    const image = textOf('Dockerfile');
    expect(needed.filter((name) => !image.includes(` ${name} `) && !image.includes(` ${name} \\`))).toEqual(
      [],
    );
  });
});
