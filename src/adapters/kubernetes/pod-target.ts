import type { V1Endpoint, V1EndpointSlice, V1Pod, V1Service, V1ServicePort } from '@kubernetes/client-node';
import { AppError } from '../../ports/app-error.js';
import type { KubernetesApi } from './api.js';
import type { KubeEndpoint, KubePlace } from './errors.js';
import { noReadyPod, notFound, podRestarting, portUnknown } from './pod-errors.js';

/** Where a connection ends: a port inside a pod. */
export interface PodTarget {
  readonly pod: string;
  readonly port: number;
}

export interface Resolver {
  readonly place: KubePlace;
  readonly api: KubernetesApi;
}

interface PortedEndpoint {
  readonly endpoint: V1Endpoint;
  readonly port: number;
}

const labelOf = (port: { name?: string; port: number }): string =>
  port.name === undefined ? String(port.port) : `${port.port} (${port.name})`;

/** The service's port, by number or name. */
export const servicePortOf = (service: V1Service, endpoint: KubeEndpoint): V1ServicePort => {
  const ports = service.spec?.ports ?? [];
  const found = ports.find((port) => port.port === endpoint.port || port.name === endpoint.port);
  if (found === undefined) throw portUnknown(endpoint, ports.map(labelOf));
  return found;
};

/** The container's port, by number or name; any number is accepted, since containers need not declare their ports. */
export const containerPortOf = (pod: V1Pod, endpoint: KubeEndpoint): number => {
  if (typeof endpoint.port === 'number') return endpoint.port;
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const found = ports.find((port) => port.name === endpoint.port);
  if (found !== undefined) return found.containerPort;
  const known = ports.map(({ name, containerPort }) =>
    labelOf({ ...(name === undefined ? {} : { name }), port: containerPort }),
  );
  throw portUnknown(endpoint, known);
};

const isReady = ({ conditions }: V1Endpoint): boolean =>
  conditions?.ready !== false && conditions?.terminating !== true;

/** The pods of a slice with the target port, which the control plane has already resolved from its name. */
const podsOf = (slice: V1EndpointSlice, wanted: V1ServicePort): PortedEndpoint[] => {
  const port = (slice.ports ?? []).find(({ name }) => (name ?? '') === (wanted.name ?? ''))?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ targetRef }) => targetRef?.kind === 'Pod')
    .map((endpoint) => ({ endpoint, port }));
};

/** Why a pod does not run yet or no longer does; null when it runs. */
const restartOf = (pod: V1Pod): string | null => {
  if (pod.metadata?.deletionTimestamp !== undefined) return 'it is being deleted';
  const states = (pod.status?.containerStatuses ?? []).map(({ state }) => state);
  const waiting = states.find((state) => state?.waiting !== undefined)?.waiting;
  if (waiting !== undefined) return waiting.reason ?? 'its container is waiting';
  if (states.some((state) => state?.terminated !== undefined)) return 'its container has terminated';
  return pod.status?.phase === 'Pending' ? 'it is pending' : null;
};

/** The pod, if we may read it; it only improves the message. */
const lookAt = async ({ api }: Resolver, name: string, signal: AbortSignal): Promise<V1Pod | null> => {
  try {
    return await api.readPod(name, signal);
  } catch (fault) {
    if (fault instanceof AppError && fault.code === 'cluster_forbidden') return null;
    throw fault;
  }
};

const whyNotReady = async (
  resolver: Resolver,
  endpoint: KubeEndpoint,
  pods: readonly string[],
  signal: AbortSignal,
): Promise<AppError> => {
  for (const name of pods) {
    const pod = await lookAt(resolver, name, signal);
    const why = pod === null ? null : restartOf(pod);
    if (why !== null) return podRestarting(endpoint, name, why);
  }
  const [first] = pods;
  return noReadyPod(endpoint, first === undefined ? 'it has no pod' : `${first} is running but not ready`);
};

const resolveService = async (
  resolver: Resolver,
  endpoint: KubeEndpoint,
  signal: AbortSignal,
): Promise<PodTarget> => {
  const service = await resolver.api.readService(endpoint.name, signal);
  if (service === null) throw notFound(resolver.place, endpoint);
  const wanted = servicePortOf(service, endpoint);
  const slices = await resolver.api.endpointSlices(endpoint.name, signal);
  const pods = slices
    .flatMap((slice) => podsOf(slice, wanted))
    .map((one) => ({ ...one, pod: one.endpoint.targetRef?.name ?? '' }))
    .sort((a, b) => a.pod.localeCompare(b.pod));
  const ready = pods.find((one) => isReady(one.endpoint));
  if (ready !== undefined) return { pod: ready.pod, port: ready.port };
  const names = pods.map(({ pod }) => pod);
  throw await whyNotReady(resolver, endpoint, names, signal);
};

const resolvePod = async (
  resolver: Resolver,
  endpoint: KubeEndpoint,
  signal: AbortSignal,
): Promise<PodTarget> => {
  const pod = await resolver.api.readPod(endpoint.name, signal);
  if (pod === null) throw notFound(resolver.place, endpoint);
  const port = containerPortOf(pod, endpoint);
  const why = restartOf(pod);
  if (why !== null) throw podRestarting(endpoint, endpoint.name, why);
  return { pod: endpoint.name, port };
};

/**
 * The ready pod and its port behind a service or a pod's name. AppErrors: `service_not_found`, `pod_not_found`,
 * `service_port_not_found`, `no_ready_pod`, `pod_restarting`, and those of the way to the cluster.
 */
export const resolveTarget = (
  resolver: Resolver,
  endpoint: KubeEndpoint,
  signal: AbortSignal,
): Promise<PodTarget> =>
  endpoint.resource === 'service'
    ? resolveService(resolver, endpoint, signal)
    : resolvePod(resolver, endpoint, signal);
