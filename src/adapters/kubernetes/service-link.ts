import { setMaxListeners } from 'node:events';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { Endpoint, OpenService, ServiceLink } from '../../ports/service-link.js';
import { withinDeadline } from '../../async/deadline.js';
import { KubernetesApi } from './api.js';
import { IN_CLUSTER_CONTEXT, type KubeConfigOptions } from './kubeconfig.js';
import { ClusterCredentials } from './exec-credentials.js';
import { clusterUnreachable, type KubeEndpoint } from './errors.js';
import { Forward, type ForwardTimings } from './port-forward.js';
import { locateInCluster } from './in-cluster.js';
import { preflight } from './rbac-preflight.js';
import type { Resolver } from './pod-target.js';

interface KubernetesTimings extends ForwardTimings {
  /** For one answer of the API server, and for the credential program. */
  readonly requestTimeoutMs: number;
  /** For opening a service, including the wait for a restarting pod. */
  readonly openTimeoutMs: number;
}

export interface KubernetesLinkOptions extends KubeConfigOptions {
  readonly namespace: string;
  readonly clock: Clock;
  /** Shared with other links to the same cluster (default: its own). */
  readonly credentials?: ClusterCredentials;
  readonly timings?: Partial<KubernetesTimings>;
}

const DEFAULT_TIMINGS: KubernetesTimings = {
  requestTimeoutMs: 10_000,
  openTimeoutMs: 30_000,
  restartTimeoutMs: 15_000,
  pingIntervalMs: 2_500,
  idleAfterMs: 60_000,
};

const straightTo = (host: string, port: number): OpenService => ({
  host,
  port,
  close: async () => undefined,
});

class KubernetesLink implements ServiceLink {
  readonly #timings: KubernetesTimings;
  readonly #resolver: Resolver;
  readonly #forwards = new Set<Forward>();
  readonly #closing = new AbortController();
  /** Checked once for each kind of endpoint; forgotten on failure. */
  readonly #allowed = new Map<KubeEndpoint['resource'], Promise<void>>();

  constructor(private readonly options: KubernetesLinkOptions) {
    const { clock, context, namespace, timings } = options;
    // One listener for each service being opened.
    setMaxListeners(0, this.#closing.signal);
    this.#timings = { ...DEFAULT_TIMINGS, ...timings };
    const place = { context, namespace };
    const timeoutMs = this.#timings.requestTimeoutMs;
    const credentials = options.credentials ?? new ClusterCredentials({ clock, timeoutMs });
    const api = new KubernetesApi(place, { ...options, credentials, timeoutMs });
    this.#resolver = { place, api };
  }

  async open(endpoint: Endpoint, signal: AbortSignal): Promise<OpenService> {
    if (endpoint.kind === 'direct') return straightTo(endpoint.host, endpoint.port);
    const { context } = this.options;
    const limits = {
      timeoutMs: this.#timings.openTimeoutMs,
      signals: [signal, this.#closing.signal],
      late: (): AppError => clusterUnreachable(context, 'it did not answer in time'),
    };
    return withinDeadline(limits, async (inTime) => {
      if (context !== IN_CLUSTER_CONTEXT) return this.#forward(endpoint, inTime);
      const { host, port } = await locateInCluster(this.#resolver, endpoint, inTime);
      return straightTo(host, port);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the link to the cluster was closed'));
    await Promise.all([...this.#forwards].map((forward) => forward.close()));
    await this.#resolver.api.close();
  }

  async #forward(endpoint: KubeEndpoint, signal: AbortSignal): Promise<OpenService> {
    await this.#ensureAllowed(endpoint.resource);
    signal.throwIfAborted();
    const forward = new Forward(this.#resolver, endpoint, {
      ...this.#timings,
      clock: this.options.clock,
      onClosed: () => this.#forwards.delete(forward),
    });
    this.#forwards.add(forward);
    try {
      await forward.start(signal);
      return forward;
    } catch (fault) {
      await forward.close();
      throw fault;
    }
  }

  #ensureAllowed(resource: KubeEndpoint['resource']): Promise<void> {
    const asked = this.#allowed.get(resource);
    if (asked !== undefined) return asked;
    const { api, place } = this.#resolver;
    const asking = preflight(api, place, resource, this.#closing.signal).catch((fault: unknown) => {
      this.#allowed.delete(resource);
      throw fault;
    });
    this.#allowed.set(resource, asking);
    return asking;
  }
}

/**
 * A link into one namespace of a kube context's cluster: each opened service is a loopback port, each connection to
 * it a websocket of its own through the API server. With the context `in-cluster` services are reached directly.
 */
export const createKubernetesLink = (options: KubernetesLinkOptions): ServiceLink =>
  new KubernetesLink(options);
