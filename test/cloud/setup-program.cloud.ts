import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAthena, type AthenaServer } from '../servers/athena.js';
import { MOTO_CREDENTIALS, startMoto, type Moto } from '../servers/moto.js';
import { startOwnProcess } from '../support/own-process.js';

const MAIN = new URL('../../src/main.js', import.meta.url);
const REGION = 'eu-central-1';
const BUCKET = 'acme-calibration';

let moto: Moto;
let athena: AthenaServer;
let dir: string;
beforeAll(async () => {
  moto = await startMoto();
  athena = await startAthena(moto, 'monitoring', REGION);
  dir = await mkdtemp(path.join(tmpdir(), 'calib-setup-'));
  await writeFile(path.join(dir, 'devices.yaml'), settings());
});
afterAll(async () => {
  await athena.close();
  await moto.close();
  await rm(dir, { recursive: true });
});

/** It names variables of Slack and of a camera that are not set. */
const settings = (): string => `
storage: { kind: s3, bucket: ${BUCKET}, region: ${REGION}, endpoint: '${moto.url}' }
results:
  kind: athena
  database: monitoring
  region: ${REGION}
  output_location: s3://${BUCKET}/athena/
  endpoint: '${athena.url}'
queue:
  kind: sqs
  region: ${REGION}
  endpoint: '${moto.url}'
  schedule_role_arn: arn:aws:iam::123456789012:role/scheduler
slack: { channel: '#cams', bot_token_env: UNSET_BOT_TOKEN, app_token_env: UNSET_APP_TOKEN }
deployments:
  - name: site-a
    mqtt: { host: 127.0.0.1, port: 1883 }
    devices:
      - device_id: cam-1
        camera_name: north-mast
        rtsp:
          host: 127.0.0.1
          port: 554
          path: /stream
          credentials: { username_env: UNSET_USERNAME, password_env: UNSET_PASSWORD }
        telemetry: { topic: ptz/cam-1, pan: { path: pan }, tilt: { path: tilt } }
`;

const calib = (...args: string[]) => startOwnProcess(MAIN, args, { dir, env: MOTO_CREDENTIALS }).ended;

const THINGS = [
  `bucket ${BUCKET}`,
  'database monitoring',
  'table monitoring.calibration_monitoring',
  'queue camera-calibration-dead',
  'queue camera-calibration',
  'schedule camera-calibration-sweep',
];

describe('calib setup, as it is typed', () => {
  it('makes nothing while there is no bucket', async () => {
    const told = `s3://${BUCKET}: there is no such bucket. Create it (deploy/cloudformation.yaml does), or correct the name in devices.yaml.\n`;
    expect(await calib('setup')).toEqual({ code: 2, stdout: '', stderr: told });
    expect(athena.statements).toEqual([]);
    const s3 = new S3Client({ region: REGION, endpoint: moto.url, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration }));
  });

  it('makes everything once, with nobody’s secrets and nothing on standard error', async () => {
    const { stdout, ...first } = await calib('setup');
    expect(first).toEqual({ code: 0, stderr: '' });
    const [bucket, ...others] = THINGS;
    expect(stdout.split('\n').slice(0, THINGS.length)).toEqual([
      `${bucket}: there already`,
      ...others.map((name) => `${name}: created`),
    ]);
    expect(athena.statements.at(-1)).toContain(`LOCATION 's3://${BUCKET}/warehouse/calibration_monitoring/'`);
    const again = await calib('setup', '--json');
    expect(again).toEqual({
      code: 0,
      stdout: THINGS.map((name) => `{"name":"${name}","done":"there already"}\n`).join(''),
      stderr: '',
    });
  });

  it('leaves a table that can be asked without secrets too', async () => {
    const none = { code: 0, stdout: '', stderr: 'site-a/north-mast was not checked since 7d.\n' };
    expect(await calib('history', 'north-mast')).toEqual(none);
  });
});
