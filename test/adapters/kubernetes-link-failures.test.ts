import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceLink } from '../../src/ports/service-link.js';
import { startKubeApiServer } from '../../src/sandbox/kube-api-server.js';
import { writeKubeconfig } from '../../src/sandbox/kubeconfig-file.js';
import {
  ask,
  ECHO,
  failureOf,
  told,
  TIMINGS,
  startEcho,
  startVirtualCluster,
  TOKEN,
  type LoopbackService,
  type VirtualCluster,
} from '../support/virtual-cluster.js';

const signal = new AbortController().signal;

let echo: LoopbackService;
let cluster: VirtualCluster;
let link: ServiceLink;

beforeAll(async () => {
  echo = await startEcho();
  cluster = await startVirtualCluster([
    { name: 'echo', ports: [{ name: 'plain', port: 7, containerPort: 7007, loopbackPort: echo.port }] },
    { name: 'away', ports: [{ port: 7, loopbackPort: echo.port }], replicas: 0 },
  ]);
});
beforeEach(() => {
  link = cluster.link({ timings: TIMINGS });
});
afterEach(async () => {
  cluster.api.setFault(null);
  cluster.api.setToken(TOKEN);
  await link.close();
});
afterAll(async () => {
  await cluster.close();
  await echo.close();
});

describe('the way to the cluster', () => {
  it('knows which contexts there are', async () => {
    const stray = cluster.link({ context: 'site-z' });
    expect(told(await failureOf(stray.open(ECHO, signal)))).toEqual({
      code: 'context_unknown',
      message: `The kubeconfig (${cluster.kubeconfigFile}) has no context site-z; it has site-a.`,
    });
  });

  it('says when the kubeconfig cannot be read', async () => {
    const stray = cluster.link({ kubeconfigFile: '/nonexistent/kubeconfig' });
    expect((await failureOf(stray.open(ECHO, signal))).code).toBe('kubeconfig_unusable');
  });

  it('is unreachable when nobody listens and, at the deadline, when nobody answers', async () => {
    cluster.api.setFault({ kind: 'refuse' });
    const refused = await failureOf(link.open(ECHO, signal));
    expect(refused.code).toBe('cluster_unreachable');
    expect(refused.message).toMatch(
      /^The cluster of kube context site-a cannot be reached: connect ECONNREFUSED/,
    );
    cluster.api.setFault({ kind: 'hang' });
    const startMs = Date.now();
    expect(told(await failureOf(link.open(ECHO, signal)))).toEqual({
      code: 'cluster_unreachable',
      message: 'The cluster of kube context site-a cannot be reached: no answer within 1 s.',
    });
    expect(Date.now() - startMs).toBeLessThan(2_000);
  });

  it('gives up at once when the caller does, or when it is closed', async () => {
    cluster.api.setFault({ kind: 'hang' });
    const controller = new AbortController();
    const opening = link.open(ECHO, controller.signal);
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    const other = link.open(ECHO, signal);
    await link.close();
    await expect(other).rejects.toThrow('closed');
  });

  it('does not trust a stranger', async () => {
    const stranger = await startKubeApiServer({ namespaces: [], token: TOKEN });
    const file = path.join(cluster.dir, 'stranger');
    const user = { token: TOKEN };
    await writeKubeconfig(file, [{ name: 'site-a', server: cluster.api.url, caPem: stranger.caPem, user }]);
    const fault = await failureOf(cluster.link({ kubeconfigFile: file }).open(ECHO, signal));
    await stranger.close();
    expect(fault.code).toBe('cluster_certificate');
    expect(fault.message).toContain('certificate of the cluster of kube context site-a is not trusted');
  });

  it('says that the token is not accepted, and not which', async () => {
    cluster.api.setFault({ kind: 'tokenExpired' });
    const fault = await failureOf(link.open(ECHO, signal));
    expect(told(fault)).toEqual({
      code: 'cluster_unauthorized',
      message: 'The cluster of kube context site-a does not accept our credentials.',
    });
    expect(JSON.stringify([fault.stack, fault.cause])).not.toContain(TOKEN);
  });

  it('reads the kubeconfig again when its token was renewed', async () => {
    const opened = await link.open(ECHO, signal);
    cluster.api.setToken('secret-token-2');
    const renewed = (await readFile(cluster.kubeconfigFile, 'utf8')).replace(TOKEN, 'secret-token-2');
    await writeFile(cluster.kubeconfigFile, renewed);
    expect(await ask(opened, 'hello')).toBe('hello');
    await writeFile(cluster.kubeconfigFile, renewed.replace('secret-token-2', TOKEN));
  });
});

describe('credentials from a program', () => {
  const write = async (script: string): Promise<{ file: string; runs: () => Promise<number> }> => {
    const program = path.join(cluster.dir, 'get-token');
    const log = path.join(cluster.dir, 'runs');
    await writeFile(log, '');
    await writeFile(program, `#!/bin/sh\necho run >> ${log}\n${script}\n`);
    await chmod(program, 0o700);
    const file = path.join(cluster.dir, 'exec');
    const { url: server, caPem } = cluster.api;
    const user = { command: program, args: [] };
    await writeKubeconfig(file, [{ name: 'site-a', server, caPem, user }]);
    return { file, runs: async () => (await readFile(log, 'utf8')).split('run').length - 1 };
  };
  const credential = (token: string): string =>
    JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token },
    });

  it('are fetched once for everyone', async () => {
    const { file, runs } = await write(`sleep 0.1; echo '${credential(TOKEN)}'`);
    const shared = cluster.link({ kubeconfigFile: file });
    const opened = await Promise.all([1, 2, 3, 4].map(() => shared.open(ECHO, signal)));
    expect(await Promise.all(opened.map((one) => ask(one, 'hi')))).toEqual(['hi', 'hi', 'hi', 'hi']);
    expect(await runs()).toBe(1);
  });

  it('that fail are told with the reason, those that cannot be read without', async () => {
    const { file } = await write('echo "The SSO session has expired" >&2; exit 255');
    const fault = await failureOf(cluster.link({ kubeconfigFile: file }).open(ECHO, signal));
    expect(told(fault)).toEqual({
      code: 'cluster_credentials',
      message: 'The credentials for kube context site-a could not be fetched: The SSO session has expired.',
    });
    const slow = await write('exec sleep 1.5');
    const tired = cluster.link({ kubeconfigFile: slow.file, timings: TIMINGS });
    expect((await failureOf(tired.open(ECHO, signal))).message).toContain(
      'get-token did not end within 1 s and was stopped',
    );
    const garbled = await write(`echo 'token ${TOKEN}'`);
    const unread = await failureOf(cluster.link({ kubeconfigFile: garbled.file }).open(ECHO, signal));
    expect(unread.message).toContain('printed no credential');
    expect(JSON.stringify([unread.stack, unread.cause])).not.toContain(TOKEN);
  });
});

describe('permissions', () => {
  it.each([
    ['get', 'services'],
    ['list', 'endpointslices'],
    ['get', 'pods/portforward'],
  ])('name the missing one: %s %s', async (verb, resource) => {
    cluster.api.setFault({ kind: 'forbidden', verb, resource });
    const fault = await failureOf(link.open(ECHO, signal));
    expect(told(fault)).toEqual({
      code: 'cluster_forbidden',
      message: `Kube context site-a is not allowed to ${verb} ${resource} in namespace cameras.`,
    });
    expect(fault.remedy).toContain(`${verb} ${resource}`);
  });

  it('are told by the request itself where nobody may ask beforehand', async () => {
    cluster.api.setFault({ kind: 'forbidden', verb: 'create', resource: 'selfsubjectaccessreviews' });
    const opened = await link.open(ECHO, signal);
    expect(await ask(opened, 'hello')).toBe('hello');
    cluster.api.setFault({ kind: 'forbidden', verb: 'get', resource: 'pods/portforward' });
    expect(await ask(opened, 'hello')).toBe('reset');
    expect(opened.failure?.()?.message).toContain('get pods/portforward');
  });

  it('include create from Kubernetes 1.35 on, and only from there', async () => {
    const fault = { kind: 'forbidden', verb: 'create', resource: 'pods/portforward' } as const;
    cluster.api.setFault(fault);
    expect(await ask(await link.open(ECHO, signal), 'hello')).toBe('hello');
    const services = [{ name: 'echo', ports: [{ port: 7, loopbackPort: echo.port }] }];
    const newer = await startVirtualCluster(services, { minorVersion: 35 });
    newer.api.setFault(fault);
    const refused = await failureOf(newer.link().open(ECHO, signal));
    expect(refused.message).toContain('not allowed to create pods/portforward');
    await newer.close();
  });
});

describe('inside the cluster', () => {
  it('reaches services by their names without a forward', async () => {
    const containerRoot = path.join(cluster.dir, 'container');
    const account = path.join(containerRoot, 'var/run/secrets/kubernetes.io/serviceaccount');
    await mkdir(account, { recursive: true });
    await writeFile(path.join(account, 'ca.crt'), cluster.api.caPem);
    await writeFile(path.join(account, 'token'), TOKEN);
    const before = { ...process.env };
    const { hostname, port } = new URL(cluster.api.url);
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port });
    try {
      const inside = cluster.link({ context: 'in-cluster', containerRoot, timings: TIMINGS });
      const service = { host: 'echo.cameras.svc', port: 7 };
      expect(await inside.open(ECHO, signal)).toMatchObject(service);
      expect(await inside.open({ ...ECHO, port: 'plain' }, signal)).toMatchObject(service);
      const missing = await failureOf(inside.open({ ...ECHO, name: 'ehco' }, signal));
      expect(missing.code).toBe('service_not_found');
      cluster.api.setFault({ kind: 'forbidden', verb: 'get', resource: 'services' });
      expect(await inside.open(ECHO, signal)).toMatchObject(service);
    } finally {
      process.env = before;
    }
  });
});
