import {
  containerPortOf,
  type KubeCluster,
  type KubePod,
  type KubePort,
  type KubeService,
} from './cluster.js';

const named = (name: string | undefined): { name?: string } => (name === undefined ? {} : { name });

const selectorOf = (service: KubeService): Record<string, string> => ({ app: service.name });

/** A service as the API shows it. */
export const serviceObject = (namespace: string, service: KubeService): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: service.name, namespace },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.10',
    selector: selectorOf(service),
    ports: service.ports.map((port) => ({
      ...named(port.name),
      protocol: 'TCP',
      port: port.port,
      targetPort: port.containerPortName ?? containerPortOf(port),
    })),
  },
});

const containerPort = (port: KubePort): object => ({
  ...named(port.containerPortName),
  containerPort: containerPortOf(port),
  protocol: 'TCP',
});

/** A pod as the API shows it. */
export const podObject = (cluster: KubeCluster, pod: KubePod): object => {
  const isRunning = pod.state === 'running';
  const isReady = cluster.isReady(pod);
  const state = isRunning ? { running: {} } : { waiting: { reason: 'ContainerCreating' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod.name, namespace: pod.namespace, labels: selectorOf(pod.service) },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'main', image: 'camera', ports: pod.service.ports.map(containerPort) }],
    },
    status: {
      phase: isRunning ? 'Running' : 'Pending',
      podIP: '127.0.0.1',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      containerStatuses: [
        { name: 'main', image: 'camera', imageID: '', ready: isReady, restartCount: 0, state },
      ],
    },
  };
};

const endpointOf = (cluster: KubeCluster, pod: KubePod): object => {
  const isReady = cluster.isReady(pod);
  return {
    addresses: ['127.0.0.1'],
    conditions: { ready: isReady, serving: isReady, terminating: false },
    targetRef: { kind: 'Pod', name: pod.name, namespace: pod.namespace },
  };
};

/** The endpoint slice of a service, its target ports looked up as the control plane does. */
export const endpointSliceObject = (
  cluster: KubeCluster,
  namespace: string,
  service: KubeService,
): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `${service.name}-x7k2p`,
    namespace,
    labels: { 'kubernetes.io/service-name': service.name },
  },
  addressType: 'IPv4',
  endpoints: cluster
    .pods(namespace)
    .filter((pod) => pod.service === service)
    .map((pod) => endpointOf(cluster, pod)),
  ports: service.ports.map((port) => ({
    name: port.name ?? '',
    protocol: 'TCP',
    port: containerPortOf(port),
  })),
});

/** What the API answers when it does not do what was asked. */
export const statusObject = (code: number, reason: string, message: string): object => ({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
});

/** A list of objects. */
export const listObject = (apiVersion: string, kind: string, items: readonly object[]): object => ({
  apiVersion,
  kind,
  metadata: { resourceVersion: '1' },
  items,
});
