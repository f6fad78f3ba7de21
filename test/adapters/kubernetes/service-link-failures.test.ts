import { describe, expect, it } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ClusterCredentials } from '../../../src/adapters/kubernetes/exec-credentials.js';
import type { KubernetesLinkOptions } from '../../../src/adapters/kubernetes/service-link.js';
import { createSystemClock } from '../../../src/adapters/runtime/system-clock.js';
import type { AppError } from '../../../src/ports/app-error.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { ServiceLink } from '../../../src/ports/service-link.js';
import { startKubeApiServer } from '../../../src/sandbox/kubernetes/api-server.js';
import { writeKubeconfig } from '../../../src/sandbox/kubernetes/kubeconfig-file.js';
import {
  credentialJson,
  writeCredentialProgram,
  type CredentialProgram,
} from '../../support/credential-program.js';
import { processesWith } from '../../support/processes.js';
import { useEchoCluster } from '../../support/echo-cluster.js';
import {
  ask,
  ECHO,
  eventually,
  failureOf,
  told,
  TIMINGS,
  startVirtualCluster,
  TOKEN,
} from '../../support/virtual-cluster.js';

const signal = new AbortController().signal;

const shared = useEchoCluster();

describe('the way to the cluster', () => {
  it('knows which contexts there are', async () => {
    const stray = shared.cluster.link({ context: 'site-z' });
    expect(told(await failureOf(stray.open(ECHO, signal)))).toEqual({
      code: 'context_unknown',
      message: `The kubeconfig (${shared.cluster.kubeconfigFile}) has no context site-z; it has site-a.`,
    });
  });

  it('says when the kubeconfig cannot be read', async () => {
    const stray = shared.cluster.link({ kubeconfigFile: '/nonexistent/kubeconfig' });
    expect((await failureOf(stray.open(ECHO, signal))).code).toBe('kubeconfig_unusable');
  });

  it('is unreachable when nobody listens and, at the deadline, when nobody answers', async () => {
    shared.cluster.api.setFault({ kind: 'refuse' });
    const refused = await failureOf(shared.link.open(ECHO, signal));
    expect(refused.code).toBe('cluster_unreachable');
    expect(refused.message).toMatch(
      /^The cluster of kube context site-a cannot be reached: connect ECONNREFUSED/,
    );
    shared.cluster.api.setFault({ kind: 'hang' });
    const startMs = Date.now();
    expect(told(await failureOf(shared.link.open(ECHO, signal)))).toEqual({
      code: 'cluster_unreachable',
      message: 'The cluster of kube context site-a cannot be reached: no answer within 1 s.',
    });
    expect(Date.now() - startMs).toBeLessThan(2_000);
  });

  it('gives up at once when the caller does, or when it is closed', async () => {
    shared.cluster.api.setFault({ kind: 'hang' });
    const controller = new AbortController();
    const opening = shared.link.open(ECHO, controller.signal);
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    const other = shared.link.open(ECHO, signal);
    await shared.link.close();
    await expect(other).rejects.toThrow('closed');
  });

  it('does not trust a stranger', async () => {
    const stranger = await startKubeApiServer({ namespaces: [], token: TOKEN });
    const file = path.join(shared.cluster.dir, 'stranger');
    const user = { token: TOKEN };
    await writeKubeconfig(file, [
      { name: 'site-a', server: shared.cluster.api.url, caPem: stranger.caPem, user },
    ]);
    const fault = await failureOf(shared.cluster.link({ kubeconfigFile: file }).open(ECHO, signal));
    await stranger.close();
    expect(fault.code).toBe('cluster_certificate');
    expect(fault.message).toContain('certificate of the cluster of kube context site-a is not trusted');
  });

  it('says that the token is not accepted, and not which', async () => {
    shared.cluster.api.setFault({ kind: 'tokenExpired' });
    const fault = await failureOf(shared.link.open(ECHO, signal));
    expect(told(fault)).toEqual({
      code: 'cluster_unauthorized',
      message: 'The cluster of kube context site-a rejected the credentials.',
    });
    expect(JSON.stringify([fault.stack, fault.cause])).not.toContain(TOKEN);
  });

  it('reads the kubeconfig again when its token was renewed', async () => {
    const opened = await shared.link.open(ECHO, signal);
    shared.cluster.api.setToken('secret-token-2');
    const renewed = (await readFile(shared.cluster.kubeconfigFile, 'utf8')).replace(TOKEN, 'secret-token-2');
    await writeFile(shared.cluster.kubeconfigFile, renewed);
    expect(await ask(opened, 'hello')).toBe('hello');
    await writeFile(shared.cluster.kubeconfigFile, renewed.replace('secret-token-2', TOKEN));
  });
});

describe('credentials from a program', () => {
  const linkWith = (program: CredentialProgram, more: Partial<KubernetesLinkOptions> = {}): ServiceLink =>
    shared.cluster.link({ kubeconfigFile: program.kubeconfigFile, timings: TIMINGS, ...more });
  const failureWith = async (script: string): Promise<AppError> =>
    failureOf(linkWith(await writeCredentialProgram(shared.cluster, script)).open(ECHO, signal));

  it('are fetched once for everyone, also for the links of several deployments', async () => {
    const program = await writeCredentialProgram(
      shared.cluster,
      `sleep 0.1; echo '${credentialJson(TOKEN)}'`,
    );
    const credentials = new ClusterCredentials({ clock: createSystemClock(), timeoutMs: 5_000 });
    const links = [linkWith(program, { credentials }), linkWith(program, { credentials })];
    const opened = await Promise.all(
      links.flatMap((one) => [one.open(ECHO, signal), one.open(ECHO, signal)]),
    );
    expect(await Promise.all(opened.map((one) => ask(one, 'hi')))).toEqual(['hi', 'hi', 'hi', 'hi']);
    expect(await program.runs()).toBe(1);
  });

  it('are fetched anew shortly before they expire, and when the cluster does not accept them any more', async () => {
    const token = path.join(shared.cluster.dir, 'token');
    const print = (of: string): Promise<void> => writeFile(token, credentialJson(of, 3_600));
    await print(TOKEN);
    const program = await writeCredentialProgram(shared.cluster, `cat ${token}`);
    const clock = createSystemClock();
    let laterMs = 0;
    const later: Clock = { ...clock, nowMs: () => clock.nowMs() + laterMs };
    const opened = await linkWith(program, { clock: later }).open(ECHO, signal);
    expect(await ask(opened, 'hi')).toBe('hi');
    laterMs = 3_500_000;
    expect(await ask(opened, 'hi')).toBe('hi');
    expect(await program.runs()).toBe(1);
    laterMs = 3_545_000;
    expect(await ask(opened, 'hi')).toBe('hi');
    expect(await program.runs()).toBe(2);
    shared.cluster.api.setToken('secret-token-2');
    laterMs = 0;
    await print('secret-token-2');
    expect(await ask(opened, 'hi')).toBe('hi');
    expect(await program.runs()).toBe(3);
  });

  it('that fail are told with the reason, those that cannot be read without', async () => {
    expect(told(await failureWith('echo "The SSO session has expired" >&2; exit 255'))).toEqual({
      code: 'cluster_credentials',
      message: 'The credentials for kube context site-a could not be fetched: The SSO session has expired.',
    });
    const unread = await failureWith(`echo 'token ${TOKEN}'`);
    expect(unread.message).toContain('printed no credential');
    expect(JSON.stringify([unread.stack, unread.cause])).not.toContain(TOKEN);
  });

  it('that do not come are given up at the deadline, for all who want them, and the program with all it started ends', async () => {
    const program = await writeCredentialProgram(shared.cluster, `sleep 31.4159 & sleep 31.4159`);
    const slow = linkWith(program);
    const beganMs = Date.now();
    const faults = await Promise.all([1, 2, 3].map(() => failureOf(slow.open(ECHO, signal))));
    expect(faults[2]!.message).toContain('did not finish within 1 s and was killed');
    expect(await eventually(() => processesWith('31.4159').length === 0)).toBe(true);
    // Whoever comes soon after is not made to wait again.
    expect((await failureOf(slow.open(ECHO, signal))).code).toBe('cluster_credentials');
    expect(Date.now() - beganMs).toBeLessThan(2_000);
    expect(await program.runs()).toBe(1);
  });

  it('that nobody waits for any more are not fetched', async () => {
    const program = await writeCredentialProgram(shared.cluster, 'exec sleep 27.1828');
    const slow = linkWith(program, { timings: { ...TIMINGS, requestTimeoutMs: 20_000 } });
    const opening = failureOf(slow.open(ECHO, AbortSignal.any([signal]))).catch((fault: unknown) => fault);
    await eventually(() => processesWith('27.1828').length > 0);
    await slow.close();
    await opening;
    expect(await eventually(() => processesWith('27.1828').length === 0)).toBe(true);
  });
});

describe('a cluster that does not answer', () => {
  it('is waited for once, not by everyone who comes after', async () => {
    shared.cluster.api.setFault({ kind: 'hang' });
    await failureOf(shared.link.open(ECHO, signal));
    const beganMs = Date.now();
    for (let camera = 0; camera < 5; camera += 1)
      expect((await failureOf(shared.link.open(ECHO, signal))).message).toContain('no answer within 1 s');
    expect(Date.now() - beganMs).toBeLessThan(300);
  });
});

describe('permissions', () => {
  it.each([
    ['get', 'services'],
    ['list', 'endpointslices'],
    ['get', 'pods/portforward'],
  ])('name the missing one: %s %s', async (verb, resource) => {
    shared.cluster.api.setFault({ kind: 'forbidden', verb, resource });
    const fault = await failureOf(shared.link.open(ECHO, signal));
    expect(told(fault)).toEqual({
      code: 'cluster_forbidden',
      message: `Kube context site-a is not allowed to ${verb} ${resource} in namespace cameras.`,
    });
    expect(fault.remedy).toContain(`${verb} ${resource}`);
  });

  it('are told by the request itself where nobody may ask beforehand', async () => {
    shared.cluster.api.setFault({ kind: 'forbidden', verb: 'create', resource: 'selfsubjectaccessreviews' });
    const opened = await shared.link.open(ECHO, signal);
    expect(await ask(opened, 'hello')).toBe('hello');
    shared.cluster.api.setFault({ kind: 'forbidden', verb: 'get', resource: 'pods/portforward' });
    expect(await ask(opened, 'hello')).toBe('reset');
    expect(opened.failure?.()?.message).toContain('get pods/portforward');
  });

  it('include create from Kubernetes 1.35 on, and only from there', async () => {
    const fault = { kind: 'forbidden', verb: 'create', resource: 'pods/portforward' } as const;
    shared.cluster.api.setFault(fault);
    expect(await ask(await shared.link.open(ECHO, signal), 'hello')).toBe('hello');
    const services = [{ name: 'echo', ports: [{ port: 7, loopbackPort: shared.echo.port }] }];
    const newer = await startVirtualCluster(services, { minorVersion: 35 });
    newer.api.setFault(fault);
    const refused = await failureOf(newer.link().open(ECHO, signal));
    expect(refused.message).toContain('not allowed to create pods/portforward');
    await newer.close();
  });
});

describe('inside the cluster', () => {
  it('reaches services by their names without a forward', async () => {
    const containerRoot = path.join(shared.cluster.dir, 'container');
    const account = path.join(containerRoot, 'var/run/secrets/kubernetes.io/serviceaccount');
    await mkdir(account, { recursive: true });
    await writeFile(path.join(account, 'ca.crt'), shared.cluster.api.caPem);
    await writeFile(path.join(account, 'token'), TOKEN);
    const before = { ...process.env };
    const { hostname, port } = new URL(shared.cluster.api.url);
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port });
    try {
      const inside = shared.cluster.link({ context: 'in-cluster', containerRoot, timings: TIMINGS });
      const service = { host: 'echo.cameras.svc', port: 7 };
      expect(await inside.open(ECHO, signal)).toMatchObject(service);
      expect(await inside.open({ ...ECHO, port: 'plain' }, signal)).toMatchObject(service);
      const missing = await failureOf(inside.open({ ...ECHO, name: 'ehco' }, signal));
      expect(missing.code).toBe('service_not_found');
      shared.cluster.api.setFault({ kind: 'forbidden', verb: 'get', resource: 'services' });
      expect(await inside.open(ECHO, signal)).toMatchObject(service);
    } finally {
      process.env = before;
    }
  });
});
