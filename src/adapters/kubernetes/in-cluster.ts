import type { V1Service } from '@kubernetes/client-node';
import { AppError } from '../../ports/app-error.js';
import type { KubeEndpoint } from './errors.js';
import { noReadyPod, notFound } from './pod-errors.js';
import { containerPortOf, resolveTarget, servicePortOf, type Resolver } from './pod-target.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `hidden` when our service account may not read it; a name and a port number suffice to connect. */
const lookUp = async (
  { api }: Resolver,
  endpoint: KubeEndpoint,
  signal: AbortSignal,
): Promise<V1Service | null | 'hidden'> => {
  try {
    return await api.readService(endpoint.name, signal);
  } catch (fault) {
    const isHidden = fault instanceof AppError && fault.code === 'cluster_forbidden';
    if (isHidden && typeof endpoint.port === 'number') return 'hidden';
    throw fault;
  }
};

const locateService = async (
  resolver: Resolver,
  endpoint: KubeEndpoint,
  signal: AbortSignal,
): Promise<Address> => {
  const host = `${endpoint.name}.${resolver.place.namespace}.svc`;
  const service = await lookUp(resolver, endpoint, signal);
  if (service === 'hidden') return { host, port: Number(endpoint.port) };
  if (service === null) throw notFound(resolver.place, endpoint);
  // A headless service's name resolves to the pods themselves, so the port is theirs.
  if (service.spec?.clusterIP !== 'None') return { host, port: servicePortOf(service, endpoint).port };
  const { port } = await resolveTarget(resolver, endpoint, signal);
  return { host, port };
};

const locatePod = async (
  resolver: Resolver,
  endpoint: KubeEndpoint,
  signal: AbortSignal,
): Promise<Address> => {
  const pod = await resolver.api.readPod(endpoint.name, signal);
  if (pod === null) throw notFound(resolver.place, endpoint);
  const host = pod.status?.podIP;
  if (host === undefined) throw noReadyPod(endpoint, 'it has no address yet');
  return { host, port: containerPortOf(pod, endpoint) };
};

/** The address of a service or pod inside its own cluster. */
export const locateInCluster = (
  resolver: Resolver,
  endpoint: KubeEndpoint,
  signal: AbortSignal,
): Promise<Address> =>
  endpoint.resource === 'service'
    ? locateService(resolver, endpoint, signal)
    : locatePod(resolver, endpoint, signal);
