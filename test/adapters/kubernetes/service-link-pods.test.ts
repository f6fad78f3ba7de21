import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../../src/adapters/runtime/system-clock.js';
import { AppError } from '../../../src/ports/app-error.js';
import type { Clock } from '../../../src/ports/clock.js';
import { useEchoCluster } from '../../support/echo-cluster.js';
import {
  ask,
  ECHO,
  failureOf,
  told,
  TIMINGS,
  busyHandles,
  connectTo,
  eventually,
  NAMESPACE,
} from '../../support/virtual-cluster.js';

const signal = new AbortController().signal;

const shared = useEchoCluster();

/** Opens, uses it once, and answers what the user saw and what the way says. */
const useOnce = async (endpoint = ECHO): Promise<{ seen: string; failure: AppError | null }> => {
  const opened = await shared.link.open(endpoint, signal);
  const seen = await ask(opened, 'hello');
  await eventually(() => opened.failure?.() != null, 300);
  return { seen, failure: opened.failure?.() ?? null };
};

describe('services and pods', () => {
  it.each([
    [
      { name: 'ehco' },
      'service_not_found',
      'There is no service ehco in namespace cameras of kube context site-a.',
    ],
    [{ port: 554 }, 'service_port_not_found', 'The service echo has no port 554; it has 7 (plain).'],
    [{ port: 'rtsp' }, 'service_port_not_found', 'The service echo has no port rtsp; it has 7 (plain).'],
    [{ name: 'away' }, 'no_ready_pod', 'No pod is ready behind service away: it has no pod.'],
    [
      { resource: 'pod', name: 'gone-1' },
      'pod_not_found',
      'There is no pod gone-1 in namespace cameras of kube context site-a.',
    ],
  ] as const)('%j: %s', async (change, code, message) => {
    const fault = await failureOf(shared.link.open({ ...ECHO, ...change }, signal));
    expect(told(fault)).toEqual({ code, message });
  });

  it('say which pod runs without being ready', async () => {
    shared.cluster.api.setFault({ kind: 'notReady' });
    const pod = shared.cluster.api.podOf(NAMESPACE, 'echo');
    expect(told(await failureOf(shared.link.open(ECHO, signal)))).toEqual({
      code: 'no_ready_pod',
      message: `No pod is ready behind service echo: ${pod} is running but not ready.`,
    });
  });

  it('say that nothing listens in the pod', async () => {
    shared.cluster.api.setFault({ kind: 'portClosed' });
    const { seen, failure } = await useOnce();
    const pod = shared.cluster.api.podOf(NAMESPACE, 'echo');
    expect(seen).toBe('reset');
    expect(told(failure!)).toEqual({
      code: 'port_closed',
      message: `Nothing is listening on port 7007 in pod ${pod} of service echo.`,
    });
  });

  it('wait for a pod that is restarting, and say so when it takes too long', async () => {
    const restarting = shared.cluster.api.restartPod(NAMESPACE, 'echo', 700);
    const opened = await shared.link.open(ECHO, signal);
    expect(await ask(opened, 'hello')).toBe('hello');
    await restarting;
    const tooLong = shared.cluster.api.restartPod(NAMESPACE, 'echo', 3_000);
    const fault = await failureOf(shared.link.open(ECHO, signal));
    expect(told(fault)).toEqual({
      code: 'pod_restarting',
      message: `The pod ${shared.cluster.api.podOf(NAMESPACE, 'echo')} of service echo is restarting: ContainerCreating.`,
    });
    await tooLong;
  });
});

describe('a connection', () => {
  it('goes to the new pod after a restart, while the one that was open is reset', async () => {
    const opened = await shared.link.open(ECHO, signal);
    const open = await connectTo(opened);
    open.write('x');
    await once(open, 'data');
    const cut = once(open, 'error') as Promise<[NodeJS.ErrnoException]>;
    const restarting = shared.cluster.api.restartPod(NAMESPACE, 'echo', 400);
    expect((await cut)[0].code).toBe('ECONNRESET');
    expect(opened.failure?.()?.code).toBe('forward_broken');
    expect(await ask(opened, 'hello')).toBe('hello');
    expect(opened.failure?.()).toBeNull();
    await restarting;
    const pod = shared.cluster.api.podOf(NAMESPACE, 'echo');
    const forwarded = shared.cluster.api.requests.get(
      `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/portforward`,
    );
    expect(forwarded).toBe(1);
  });

  it('that was not open during the restart finds the new pod as well', async () => {
    const opened = await shared.link.open(ECHO, signal);
    await shared.cluster.api.restartPod(NAMESPACE, 'echo');
    expect(await ask(opened, 'hello')).toBe('hello');
  });

  it('cut for being idle is told so; pings keep one alive', async () => {
    shared.cluster.api.setFault({ kind: 'idleCutOff', afterMs: 300 });
    const opened = await shared.link.open(ECHO, signal);
    const idle = await connectTo(opened);
    await once(idle, 'error');
    expect(opened.failure?.()?.code).toBe('idle_cut_off');
    expect(opened.failure?.()?.message).toMatch(/cut the connection to pod echo-.* without data/);
    const lively = shared.cluster.link({ timings: { ...TIMINGS, pingIntervalMs: 50 } });
    const kept = await lively.open(ECHO, signal);
    const socket = await connectTo(kept);
    await sleep(700);
    socket.write('still here');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('still here');
    socket.destroy();
    await lively.close();
  });

  it('whose client is gone before it could be made is not kept', async () => {
    const opened = await shared.link.open(ECHO, signal);
    const restarting = shared.cluster.api.restartPod(NAMESPACE, 'echo', 600);
    const hasty = await connectTo(opened);
    hasty.resetAndDestroy();
    await restarting;
    const pod = shared.cluster.api.podOf(NAMESPACE, 'echo');
    const forward = `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/portforward`;
    expect(await eventually(() => shared.cluster.api.requests.has(forward))).toBe(true);
    expect(await eventually(() => shared.echo.connections() === 0 && shared.cluster.api.forwards === 0)).toBe(
      true,
    );
  });

  it('that nobody answers is cut and told', async () => {
    shared.cluster.api.setFault({ kind: 'halfOpen' });
    const wary = shared.cluster.link({ timings: { ...TIMINGS, pingIntervalMs: 100 } });
    const opened = await wary.open(ECHO, signal);
    expect(await ask(opened, 'hello')).toBe('reset');
    expect(opened.failure?.()?.code).toBe('forward_broken');
    expect(opened.failure?.()?.message).toContain('no longer answers');
    await wary.close();
  });

  it('that is still being made says why, before the wait for it is over', async () => {
    const patient = { ...TIMINGS, requestTimeoutMs: 20_000, restartTimeoutMs: 20_000 };
    const clock = createSystemClock();
    let laterMs = 0;
    const later: Clock = { ...clock, nowMs: () => clock.nowMs() + laterMs };
    const waiting = shared.cluster.link({ timings: patient, clock: later });
    const opened = await waiting.open(ECHO, signal);
    const restarting = shared.cluster.api.restartPod(NAMESPACE, 'echo', 1_000);
    const asked = ask(opened, 'hello');
    expect(await eventually(() => opened.failure?.()?.code === 'pod_restarting', 900)).toBe(true);
    expect(await asked).toBe('hello');
    await restarting;
    shared.cluster.api.setFault({ kind: 'hang' });
    const stuck = ask(opened, 'hello');
    await eventually(() => shared.cluster.api.forwards === 0);
    await sleep(50);
    expect(opened.failure?.()).toBeNull();
    laterMs = 7_000;
    expect(opened.failure?.()?.message).toBe(
      'The connection through the cluster to service echo was not established within 7 s.',
    );
    await waiting.close();
    expect(await stuck).toBe('reset');
  });

  it('that cannot be made for want of an answer is reset at the deadline', async () => {
    const opened = await shared.link.open(ECHO, signal);
    shared.cluster.api.setFault({ kind: 'hang' });
    expect(await ask(opened, 'hello')).toBe('reset');
    expect(opened.failure?.()?.code).toBe('cluster_unreachable');
  });
});

describe('failing', () => {
  it('leaves no handle', async () => {
    await shared.link.close();
    const before = busyHandles();
    const tried = shared.cluster.link({ timings: TIMINGS });
    for (const kind of ['refuse', 'tokenExpired', 'notReady'] as const) {
      shared.cluster.api.setFault({ kind });
      await failureOf(tried.open(ECHO, signal));
    }
    shared.cluster.api.setFault({ kind: 'halfOpen' });
    const opened = await tried.open(ECHO, signal);
    const stuck = await connectTo(opened);
    stuck.on('error', () => stuck.destroy());
    await eventually(() => shared.cluster.api.forwards === 1);
    shared.cluster.api.setFault({ kind: 'hang' });
    await failureOf(tried.open({ ...ECHO, resource: 'pod' }, signal));
    await tried.close();
    shared.cluster.api.setFault(null);
    expect(await eventually(() => busyHandles() <= before)).toBe(true);
  });
});
