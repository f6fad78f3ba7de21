import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { acceptSpdy } from '../../servers/spdy-forward.js';
import {
  ask,
  connectTo,
  eventually,
  NAMESPACE,
  startDownload,
  startEcho,
  startVirtualCluster,
  type LoopbackService,
  type VirtualCluster,
} from '../../support/virtual-cluster.js';

const BODY = randomBytes(5_000_000);
let echo: LoopbackService;
let download: LoopbackService;
let cluster: VirtualCluster;
let kubectl: ChildProcess | null = null;

beforeAll(async () => {
  [echo, download] = await Promise.all([startEcho(), startDownload(BODY)]);
  const services = [
    { name: 'echo', ports: [{ name: 'plain', port: 7, containerPort: 7007, loopbackPort: echo.port }] },
    { name: 'files', ports: [{ port: 80, loopbackPort: download.port }] },
  ];
  cluster = await startVirtualCluster(services, { acceptUpgrade: acceptSpdy });
});
afterEach(async () => {
  cluster.api.setFault(null);
  if (kubectl === null || kubectl.exitCode !== null) return;
  const gone = once(kubectl, 'exit');
  kubectl.kill('SIGKILL');
  await gone;
});
afterAll(async () => {
  await cluster.close();
  await Promise.all([echo.close(), download.close()]);
});

/** Forwards with the real kubectl; answers the local port and what it complained of so far. */
const forward = async (what: string, port: number): Promise<{ port: number; complaints: () => string }> => {
  const where = ['--kubeconfig', cluster.kubeconfigFile, '--cache-dir', path.join(cluster.dir, 'cache')];
  const args = [...where, '-n', NAMESPACE, 'port-forward', '--address', '127.0.0.1', what, `0:${port}`];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  kubectl = child;
  let [output, complaints] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const localPort = (): number => Number(/127\.0\.0\.1:(\d+) ->/.exec(output)?.[1] ?? 0);
  await eventually(() => localPort() > 0 || child.exitCode !== null, 10_000);
  if (localPort() === 0) throw new Error(`kubectl gave up: ${complaints}`);
  return { port: localPort(), complaints: () => complaints };
};

describe('kubectl port-forward, a second client of the virtual cluster', () => {
  it('carries several connections, one after the other and at once', async () => {
    const { port } = await forward('service/echo', 7);
    const service = { host: '127.0.0.1', port };
    expect(await ask(service, 'one')).toBe('one');
    expect(await Promise.all(['two', 'three'].map((text) => ask(service, text)))).toEqual(['two', 'three']);
  });

  it('carries a large body whole', async () => {
    const { port } = await forward(`pod/${cluster.api.podOf(NAMESPACE, 'files')}`, 80);
    const reader = await connectTo({ host: '127.0.0.1', port });
    reader.write('GET');
    expect((await buffer(reader)).equals(BODY)).toBe(true);
  });

  it('is told when nothing listens in the pod', async () => {
    cluster.api.setFault({ kind: 'portClosed' });
    const { port, complaints } = await forward('service/echo', 7);
    expect(await ask({ host: '127.0.0.1', port }, 'hello')).not.toBe('hello');
    expect(await eventually(() => complaints().includes('error forwarding port 7007'))).toBe(true);
  });
});
