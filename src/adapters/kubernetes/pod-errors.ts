import { AppError } from '../../ports/app-error.js';
import type { KubeEndpoint, KubePlace } from './errors.js';

const nameOf = ({ resource, name }: KubeEndpoint): string => `${resource} ${name}`;

export const notFound = (place: KubePlace, endpoint: KubeEndpoint): AppError =>
  new AppError(
    endpoint.resource === 'service' ? 'service_not_found' : 'pod_not_found',
    `There is no ${nameOf(endpoint)} in namespace ${place.namespace} of kube context ${place.context}.`,
    'Correct the name or the namespace in devices.yaml.',
  );

export const portUnknown = (endpoint: KubeEndpoint, known: readonly string[]): AppError =>
  new AppError(
    'service_port_not_found',
    `The ${nameOf(endpoint)} has no port ${endpoint.port}; it has ${known.join(', ') || 'none'}.`,
    'Correct the port in devices.yaml.',
  );

export const noReadyPod = (endpoint: KubeEndpoint, why: string): AppError =>
  new AppError(
    'no_ready_pod',
    `No pod is ready behind ${nameOf(endpoint)}: ${why}.`,
    'Check its pods: they may be scaled to zero, not ready, or selected by other labels.',
  );

export const podRestarting = (endpoint: KubeEndpoint, pod: string, why: string): AppError =>
  new AppError(
    'pod_restarting',
    `The pod ${pod} of ${nameOf(endpoint)} is restarting: ${why}.`,
    'Wait until it is up; if it does not come up, check its log.',
  );

export const portClosed = (endpoint: KubeEndpoint, pod: string, port: number, text: string): AppError =>
  new AppError(
    'port_closed',
    `Nothing is listening on port ${port} in pod ${pod} of ${nameOf(endpoint)}.`,
    "Check that the program in the pod is running and listening on the service's target port.",
    new Error(text),
  );

export const forwardBroken = (endpoint: KubeEndpoint, pod: string, why: string): AppError =>
  new AppError(
    'forward_broken',
    `The connection through the cluster to pod ${pod} of ${nameOf(endpoint)} broke: ${why}.`,
    'The next use opens a new connection; if it breaks again, check the pod and the cluster.',
  );

export const forwardSlow = (endpoint: KubeEndpoint, forMs: number): AppError =>
  new AppError(
    'forward_broken',
    `The connection through the cluster to ${nameOf(endpoint)} was not established within ${Math.round(forMs / 1000)} s.`,
    "Check the cluster's API server and the network to it.",
  );

export const idleCutOff = (endpoint: KubeEndpoint, pod: string, idleMs: number): AppError =>
  new AppError(
    'idle_cut_off',
    `The cluster cut the connection to pod ${pod} of ${nameOf(endpoint)} after ${Math.round(idleMs / 1000)} s without data.`,
    'The next use opens a new connection; if this keeps happening, raise the idle timeout of the cluster or its load balancer.',
  );
