import { CreateBucketCommand, GetObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { createS3ObjectStore } from '../../src/adapters/aws/s3-object-store.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { ObjectStore } from '../../src/ports/object-store.js';
import { objectStoreContract } from '../contracts/object-store.js';
import { startMoto, type Moto } from '../servers/moto.js';

const REGION = 'eu-central-1';

let moto: Moto;
let buckets = 0;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto.close());

const newBucket = async (): Promise<string> => {
  const bucket = `bucket-${++buckets}`;
  const client = new S3Client({ region: REGION, endpoint: moto.url, forcePathStyle: true });
  const place = { LocationConstraint: REGION } as const;
  await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: place }));
  return bucket;
};

interface Place {
  endpoint?: string;
  prefix?: string;
  checksums?: 'always' | 'when_required';
}

const storeIn = (
  bucket: string,
  { endpoint = moto.url, prefix = '', checksums = 'always' }: Place = {},
): ObjectStore =>
  createS3ObjectStore({
    settings: { kind: 's3', bucket, region: REGION, endpoint, prefix, pathStyle: true, checksums },
    clock: createSystemClock(),
  });

objectStoreContract('S3', async () => storeIn(await newBucket()));
objectStoreContract('S3, in a folder of the bucket, without checksums', async () =>
  storeIn(await newBucket(), { prefix: 'calibration/', checksums: 'when_required' }),
);

type Meddle = (call: IncomingMessage, pass: () => Promise<void>, answer: ServerResponse) => Promise<void>;

/** A way to moto on which each call can be meddled with. */
const meddling = async (meddle: Meddle): Promise<{ url: string; close: () => void }> => {
  const server = createServer((call, answer) => {
    const pass = async (): Promise<void> => {
      const { pathname, search } = new URL(call.url ?? '', moto.url);
      const options = { method: call.method, headers: call.headers };
      const onward = request(`${moto.url}${pathname}${search}`, options);
      call.pipe(onward);
      const [got] = (await once(onward, 'response')) as [IncomingMessage];
      if (answer.destroyed) return void got.resume();
      answer.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(answer);
    };
    void meddle(call, pass, answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
};

const refuse = (answer: ServerResponse, status: number, code: string): void => {
  answer.writeHead(status, { 'content-type': 'application/xml' });
  answer.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} here</Message></Error>`);
};

describe('S3 object store', () => {
  it('names objects by bucket and prefix, and lists more than one page', async () => {
    const bucket = await newBucket();
    const store = storeIn(bucket, { prefix: 'calibration/' });
    expect(store.locationOf('a/b')).toBe(`s3://${bucket}/calibration/a/b`);
    const keys = Array.from({ length: 1_050 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    for (let from = 0; from < keys.length; from += 50)
      await Promise.all(keys.slice(from, from + 50).map((key) => store.put(key, Buffer.from('x'))));
    expect(await store.list('many/')).toEqual(keys);
    expect(await storeIn(bucket).list('many/')).toEqual([]);
  });

  it('tags captures of checks on AWS, so that the lifecycle finds them, and nothing else', async () => {
    const bucket = await newBucket();
    const settings = {
      kind: 's3',
      bucket,
      region: REGION,
      endpoint: null,
      prefix: '',
      pathStyle: true,
    } as const;
    process.env.AWS_ENDPOINT_URL_S3 = moto.url;
    try {
      const store = createS3ObjectStore({
        settings: { ...settings, checksums: 'always' },
        clock: createSystemClock(),
      });
      const keys = ['a/b/query_scan/2026/0000.jpg', 'a/b/reference_scan/images/0000.jpg'];
      for (const key of keys) await store.put(key, Buffer.from('x'));
      const client = new S3Client({ region: REGION, forcePathStyle: true });
      const tags = keys.map((Key) => client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key })));
      const found = await Promise.all(tags);
      expect(found.map(({ TagSet }) => TagSet)).toEqual([[{ Key: 'kind', Value: 'query' }], []]);
    } finally {
      delete process.env.AWS_ENDPOINT_URL_S3;
    }
  });

  it('knows its own write when the answer to it was lost', async () => {
    let lost = 0;
    const way = await meddling(async (call, pass, answer) => {
      if (call.method === 'PUT' && lost++ === 0) answer.once('pipe', () => answer.destroy());
      await pass();
    });
    try {
      const store = storeIn(await newBucket(), { endpoint: way.url });
      const etag = await store.put('claimed', Buffer.from('mine'), { ifAbsent: true });
      expect(lost).toBeGreaterThan(1);
      expect(etag).not.toBeNull();
      expect(await store.get('claimed')).toEqual({ body: Buffer.from('mine'), etag });
      lost = 0;
      expect(await store.put('claimed', Buffer.from('again'), { ifMatch: etag! })).not.toBeNull();
    } finally {
      way.close();
    }
  });

  it('tries again on 409 and 503', async () => {
    let calls = 0;
    const way = await meddling(async (call, pass, answer) => {
      if (call.method !== 'PUT') return pass();
      calls += 1;
      if (calls === 1) return refuse(answer, 409, 'ConditionalRequestConflict');
      if (calls === 2) return refuse(answer, 503, 'SlowDown');
      return pass();
    });
    try {
      const store = storeIn(await newBucket(), { endpoint: way.url });
      expect(await store.put('a', Buffer.from('x'), { ifAbsent: true })).not.toBeNull();
      expect(calls).toBe(3);
    } finally {
      way.close();
    }
  });

  it.each([
    ['AccessDenied', 403, 'aws_forbidden', /s3:PutObject is not allowed/],
    ['RequestTimeTooSkewed', 403, 'aws_clock_wrong', /clock/],
    ['ExpiredToken', 400, 'aws_credentials_refused', /rejected the credentials/],
    ['AuthorizationHeaderMalformed', 400, 'aws_region_wrong', /region eu-central-1/],
  ])('tells %s as what it is', async (name, status, code, message) => {
    const way = await meddling(async (_call, _pass, answer) => refuse(answer, status, name));
    try {
      const store = storeIn('some-bucket', { endpoint: way.url });
      const failing = store.put('a/b', Buffer.from('x'));
      await expect(failing).rejects.toMatchObject({ name: 'AppError', code });
      await expect(failing).rejects.toThrow(message);
    } finally {
      way.close();
    }
  });

  it('says that the bucket is missing, and that nobody answers', async () => {
    const missing = storeIn('no-such-bucket').put('a', Buffer.from('x'));
    await expect(missing).rejects.toMatchObject({ code: 'bucket_missing' });
    const dead = await meddling(async () => undefined);
    dead.close();
    const silent = storeIn('any-bucket', { endpoint: dead.url }).get('a');
    await expect(silent).rejects.toMatchObject({ code: 'aws_unreachable' });
  });
});
