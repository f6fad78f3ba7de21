import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import type { Endpoint, ServiceLink } from '../../../src/ports/service-link.js';
import {
  ask,
  busyHandles,
  connectTo,
  eventually,
  NAMESPACE,
  startDownload,
  startEcho,
  startHashing,
  startVirtualCluster,
  type LoopbackService,
  type VirtualCluster,
} from '../../support/virtual-cluster.js';

const BODY = randomBytes(20_000_000);
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const signal = new AbortController().signal;
const service = (name: string, port: number | string): Endpoint => ({
  kind: 'kubernetes',
  resource: 'service',
  name,
  port,
});

let echo: LoopbackService;
let download: LoopbackService;
let hashing: LoopbackService;
let cluster: VirtualCluster;
let link: ServiceLink;

beforeAll(async () => {
  [echo, download, hashing] = await Promise.all([startEcho(), startDownload(BODY), startHashing()]);
  cluster = await startVirtualCluster([
    {
      name: 'echo',
      ports: [
        { name: 'plain', port: 7, containerPort: 7007, loopbackPort: echo.port },
        { name: 'named', port: 8, containerPort: 7008, containerPortName: 'echo', loopbackPort: echo.port },
      ],
    },
    { name: 'files', ports: [{ port: 80, loopbackPort: download.port }] },
    { name: 'http', ports: [{ port: 80, containerPort: 8080, loopbackPort: hashing.port }] },
  ]);
  link = cluster.link();
});
afterEach(() => cluster.api.setFault(null));
afterAll(async () => {
  await cluster.close();
  await Promise.all([echo.close(), download.close(), hashing.close()]);
});

describe('a forward', () => {
  it.each([
    ['number', 7],
    ['name', 'plain'],
    ['name of a port that the pod names itself', 'named'],
  ])('leads to the port of a service by its %s', async (_, port) => {
    const opened = await link.open(service('echo', port), signal);
    expect(opened.host).toBe('127.0.0.1');
    expect(await ask(opened, 'hello')).toBe('hello');
    expect(opened.failure?.()).toBeNull();
    await opened.close();
  });

  it('leads to a pod by its name, its port by number or name', async () => {
    const name = cluster.api.podOf(NAMESPACE, 'echo');
    for (const port of [7007, 'echo']) {
      const opened = await link.open({ kind: 'kubernetes', resource: 'pod', name, port }, signal);
      expect(await ask(opened, 'hello')).toBe('hello');
      await opened.close();
    }
  });

  it('passes a direct address through', async () => {
    const opened = await link.open({ kind: 'direct', host: '192.0.2.7', port: 554 }, signal);
    expect(opened).toMatchObject({ host: '192.0.2.7', port: 554 });
    await opened.close();
  });

  it('carries 20 MB down, whole to the last byte, also to a slow reader', async () => {
    const opened = await link.open(service('files', 80), signal);
    const fast = await connectTo(opened);
    const slow = await connectTo(opened);
    slow.pause();
    fast.write('GET');
    slow.write('GET');
    expect(sha256(await buffer(fast))).toBe(sha256(BODY));
    expect(sha256(await buffer(slow))).toBe(sha256(BODY));
    await opened.close();
  });

  it('carries 20 MB up through HTTP', async () => {
    const opened = await link.open(service('http', 80), signal);
    const { host, port } = opened;
    const posting = request({ host, port, method: 'POST', path: '/up', agent: false });
    posting.end(BODY);
    const [response] = (await once(posting, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe(`/up ${sha256(BODY)}`);
    await opened.close();
  });

  it('speaks the newer protocol with servers that do', async () => {
    const services = [{ name: 'files', ports: [{ port: 80, loopbackPort: download.port }] }];
    const newer = await startVirtualCluster(services, { protocol: 'v5.channel.k8s.io' });
    const reader = await connectTo(await newer.link().open(service('files', 80), signal));
    reader.write('GET');
    expect(sha256(await buffer(reader))).toBe(sha256(BODY));
    await newer.close();
  });

  it('ends at both ends when either does', async () => {
    const opened = await link.open(service('echo', 7), signal);
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const socket = await connectTo(opened);
      socket.write('x');
      await once(socket, 'data');
      expect(echo.connections()).toBe(1);
      socket[leave]();
      expect(await eventually(() => echo.connections() === 0 && cluster.api.forwards === 0)).toBe(true);
      socket.destroy();
    }
    await opened.close();
    const files = await link.open(service('files', 80), signal);
    const reader = await connectTo(files);
    reader.write('GET');
    reader.resume();
    await once(reader, 'end');
    expect(await eventually(() => cluster.api.forwards === 0)).toBe(true);
    await files.close();
  });

  it('leaves no handle after a hundred were used and closed, some in the middle of talking', async () => {
    const before = busyHandles();
    const busy = cluster.link();
    for (let round = 0; round < 10; round++) {
      const opened = await Promise.all(
        Array.from({ length: 10 }, () => busy.open(service('echo', 7), signal)),
      );
      const answers = await Promise.all(opened.map((one) => ask(one, `round ${round}`)));
      expect(answers).toEqual(Array(10).fill(`round ${round}`));
      const talking = await connectTo(opened[0]!);
      talking.on('error', () => talking.destroy());
      talking.write('x');
      await once(talking, 'data');
      await Promise.all(opened.map((one) => one.close()));
      await opened[0]!.close();
    }
    await busy.close();
    expect(await eventually(() => busyHandles() <= before)).toBe(true);
    expect(await eventually(() => cluster.api.forwards === 0)).toBe(true);
  });
});
