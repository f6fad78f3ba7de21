import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { readFeatures, signatureOf, writeFeatures } from '../../src/adapters/solver/feature-file.js';
import { createS3ObjectStore } from '../../src/adapters/aws/s3-object-store.js';
import { createSqsSetup } from '../../src/adapters/aws/sqs-setup.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { CaptureManifest } from '../../src/capture/spool/manifest.js';
import { referencePrefix } from '../../src/state/object-layout.js';
import { sweepMessage } from '../../src/monitor/sweeps/sweep-messages.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import { startAthena, type AthenaServer } from '../../test/servers/athena.js';
import { startMoto, type Moto } from '../../test/servers/moto.js';
import { scanDir, type BenchCamera, type Services } from './cameras.js';

const REGION = 'eu-central-1';
const NAME = 'fleet';
const DATABASE = 'monitoring';
const AT_ONCE = 8;

/** S3, SQS and Athena as moto plays them, on loopback, with bucket and queue. */
export interface FleetServices {
  readonly at: Services;
  readonly moto: Moto;
  readonly athena: AthenaServer;
  readonly store: ObjectStore;
  sendSweep(): Promise<void>;
  close(): Promise<void>;
}

const makePlaces = async (endpoint: string, visibilityS: number): Promise<void> => {
  const s3 = new S3Client({ region: REGION, endpoint, forcePathStyle: true });
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  await s3.send(new CreateBucketCommand({ Bucket: NAME, CreateBucketConfiguration }));
  const limits = { visibilityS, maxAttempts: 5, scheduleRoleArn: null };
  for (const { ensure } of createSqsSetup({ kind: 'sqs', name: NAME, region: REGION, endpoint, ...limits }))
    await ensure(new AbortController().signal);
};

export const startServices = async (visibilityS: number): Promise<FleetServices> => {
  const moto = await startMoto();
  const athena = await startAthena(moto, DATABASE, REGION);
  await makePlaces(moto.url, visibilityS);
  const about = { region: REGION, endpoint: moto.url };
  const settings = { kind: 's3', bucket: NAME, prefix: '', pathStyle: true, checksums: 'always' } as const;
  return {
    at: {
      ...{ awsUrl: moto.url, athenaUrl: athena.url, region: REGION, name: NAME, database: DATABASE },
      visibilityS,
    },
    ...{ moto, athena },
    store: createS3ObjectStore({ settings: { ...settings, ...about }, clock: createSystemClock() }),
    sendSweep: async () => {
      const client = new SQSClient(about);
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: NAME }));
      const MessageBody = sweepMessage(new Date().toISOString());
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    },
    close: async () => {
      await athena.close();
      await moto.close();
    },
  };
};

/** A manifest as if this camera had taken it. */
export const renamed = (
  manifest: CaptureManifest,
  { deploymentName, deviceId, cameraName }: Pick<BenchCamera, 'deploymentName' | 'deviceId' | 'cameraName'>,
): CaptureManifest => ({
  ...manifest,
  ...{ deployment_name: deploymentName, device_id: deviceId, camera_name: cameraName },
});

export const readManifest = async (dir: string): Promise<CaptureManifest> =>
  JSON.parse(await readFile(path.join(dir, 'manifest.json'), 'utf8')) as CaptureManifest;

const publish = async (store: ObjectStore, dir: string, camera: BenchCamera): Promise<void> => {
  const from = scanDir(dir, camera.place);
  const prefix = referencePrefix(camera);
  const manifest = await readManifest(from);
  // Solving takes the features alone; a drift is drawn. moto looks at every object it holds for each listing.
  for (const { file } of camera.isKnocked ? manifest.frames : [])
    await store.put(`${prefix}/${file}`, await readFile(path.join(from, file)));
  const text = JSON.stringify(renamed(manifest, camera), null, 2);
  // Features are bound to the manifest: those of this one differ in their signature alone.
  const scanText = await readFile(path.join(from, 'manifest.json'), 'utf8');
  const features = await readFeatures<object>(from, signatureOf(scanText, []));
  if (features === null) throw new Error(`${from} has no features`);
  const own = await mkdtemp(path.join(dir, 'features-'));
  await writeFeatures(own, signatureOf(text, []), features);
  for (const name of await readdir(path.join(own, 'features')))
    await store.put(`${prefix}/features/${name}`, await readFile(path.join(own, 'features', name)));
  await rm(own, { recursive: true });
  await store.put(`${prefix}/manifest.json`, Buffer.from(text));
};

/** Gives each camera a reference of its own, as `calib reference` leaves it in the bucket; pictures where one will be drawn. */
export const publishReferences = async (
  store: ObjectStore,
  dir: string,
  cameras: readonly BenchCamera[],
): Promise<void> => {
  const limit = pLimit(AT_ONCE);
  await Promise.all(cameras.map((camera) => limit(() => publish(store, dir, camera))));
};
