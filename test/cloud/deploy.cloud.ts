import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments, parse } from 'yaml';
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

const manifests = readdirSync(inRoot('deploy/kubernetes')).filter(
  (file) => file.endsWith('.yaml') && !['kustomization.yaml', 'devices.yaml'].includes(file),
);

describe('CloudFormation', () => {
  const text = textOf('deploy/cloudformation.yaml');

  it('has no faults that cfn-lint knows', async () => {
    expect(await said('cfn-lint', ['--include-checks', 'I', '--', 'deploy/cloudformation.yaml'])).toBe('');
  });

  it('lets the program do what it does, and nothing that it does not', () => {
    const policy = text.slice(text.indexOf('AppRole:'), text.indexOf('Outputs:'));
    const allowed = new Set(
      [...policy.matchAll(/- ((?:s3|sqs|athena|glue):\w+)/g)].map(([, action]) => action),
    );
    const adapters = readdirSync(inRoot('src/adapters')).filter((file) =>
      /^(s3|sqs-work|athena)-.*\.ts$/.test(file),
    );
    const used = adapters.flatMap((file) =>
      [...textOf(`src/adapters/${file}`).matchAll(/'((?:s3|sqs|athena|glue):\w+)'/g)].map(
        ([, action]) => action,
      ),
    );
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((action) => !allowed.has(action))).toEqual([]);
    expect([...allowed].filter((action) => /\*|Policy|CreateQueue|DeleteTable/.test(action ?? ''))).toEqual(
      [],
    );
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
