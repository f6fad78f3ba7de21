import { randomBytes } from 'node:crypto';
import type { KubeFault } from './faults.js';

/** One port of a service and of the pod behind it, and the port of loopback where the sandbox really serves it. */
export interface KubePort {
  /** Name of the service's port. */
  readonly name?: string;
  readonly port: number;
  /** Port inside the pod (default: the service's port). */
  readonly containerPort?: number;
  /** Name of the container's port; the service then refers to it by this name. */
  readonly containerPortName?: string;
  readonly loopbackPort: number;
}

export interface KubeService {
  readonly name: string;
  readonly ports: readonly KubePort[];
  /** How many pods stand behind it: one, or none as after scaling it away (default 1). */
  readonly replicas?: 0 | 1;
}

export interface KubeNamespace {
  readonly name: string;
  readonly services: readonly KubeService[];
}

/** A pod of a service. `starting` is what a pod does between its creation and its containers running. */
export interface KubePod {
  readonly name: string;
  readonly namespace: string;
  readonly service: KubeService;
  state: 'running' | 'starting';
}

const podName = (service: string): string => `${service}-7c9d8b6f5d-${randomBytes(3).toString('hex')}`;

/** What a virtual cluster holds: namespaces, their services, a pod behind each, and the one fault it has now. */
export class KubeCluster {
  fault: KubeFault | null = null;
  readonly #pods: KubePod[] = [];
  readonly #services: readonly { readonly namespace: string; readonly service: KubeService }[];

  constructor(namespaces: readonly KubeNamespace[]) {
    this.#services = namespaces.flatMap(({ name, services }) =>
      services.map((service) => ({ namespace: name, service })),
    );
    for (const { namespace, service } of this.#services)
      if (service.replicas !== 0) this.#addPod(namespace, service, 'running');
  }

  service(namespace: string, name: string): KubeService | null {
    if (this.fault?.kind === 'gone') return null;
    const isIt = (one: { namespace: string; service: KubeService }): boolean =>
      one.namespace === namespace && one.service.name === name;
    return this.#services.find(isIt)?.service ?? null;
  }

  pods(namespace: string): readonly KubePod[] {
    return this.fault?.kind === 'gone' ? [] : this.#pods.filter((pod) => pod.namespace === namespace);
  }

  pod(namespace: string, name: string): KubePod | null {
    return this.pods(namespace).find((pod) => pod.name === name) ?? null;
  }

  isReady(pod: KubePod): boolean {
    return pod.state === 'running' && this.fault?.kind !== 'notReady';
  }

  /** True when the fault takes this permission away. */
  isForbidden(verb: string, resource: string): boolean {
    const { fault } = this;
    return fault?.kind === 'forbidden' && fault.verb === verb && fault.resource === resource;
  }

  /** Puts a new pod in the place of a service's pod and answers the old one. */
  replacePod(namespace: string, serviceName: string): { gone: KubePod; pod: KubePod } {
    const index = this.#pods.findIndex(
      (pod) => pod.namespace === namespace && pod.service.name === serviceName,
    );
    const gone = this.#pods[index];
    if (gone === undefined) throw new RangeError(`${namespace} has no pod of ${serviceName}`);
    this.#pods.splice(index, 1);
    return { gone, pod: this.#addPod(namespace, gone.service, 'starting') };
  }

  #addPod(namespace: string, service: KubeService, state: KubePod['state']): KubePod {
    const pod: KubePod = { name: podName(service.name), namespace, service, state };
    this.#pods.push(pod);
    return pod;
  }
}

/** The port inside the pod. */
export const containerPortOf = (port: KubePort): number => port.containerPort ?? port.port;
