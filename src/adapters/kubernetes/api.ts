import {
  ApiException,
  AuthorizationV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  VersionApi,
  type Configuration,
  type V1EndpointSlice,
  type V1Pod,
  type V1Service,
} from '@kubernetes/client-node';
import type { WebSocket } from 'ws';
import type { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import { withinDeadline } from '../../async/deadline.js';
import { FailureMemory } from './failure-memory.js';
import { loadKubeConfig, type KubeConfigOptions } from './kubeconfig.js';
import type { ClusterCredentials } from './exec-credentials.js';
import {
  ApiRefusal,
  clusterFailure,
  clusterUnreachable,
  isRefusal,
  reasonIn,
  type KubePlace,
  type Permission,
} from './errors.js';
import { KubernetesSession } from './api-session.js';
import { openWebSocket } from './websocket.js';

interface KubeApiOptions extends KubeConfigOptions {
  readonly clock: Clock;
  readonly credentials: ClusterCredentials;
  /** For one answer. */
  readonly timeoutMs: number;
}

/** A request's result, or the API's refusal; every other failure is an AppError. */
type Ask<T> = (session: KubernetesSession, signal: AbortSignal) => Promise<T>;

const asRefusal = (fault: unknown): unknown =>
  fault instanceof ApiException ? new ApiRefusal(fault.code, reasonIn(String(fault.body))) : fault;

/** Sends a request through a client of the library. */
const request =
  <A, T>(Api: new (configuration: Configuration) => A, use: (api: A) => Promise<T>): Ask<T> =>
  async (session, signal) => {
    try {
      return await use(new Api(session.configuration(signal)));
    } catch (fault) {
      throw asRefusal(fault);
    }
  };

const isMissing = ({ status }: ApiRefusal): boolean => status === 404;
const isHidden = ({ status }: ApiRefusal): boolean => status === 403 || status === 404;
/** The pod is gone, has no node yet, or its containers do not run. */
const isAboutPod = ({ status, message }: ApiRefusal): boolean =>
  status === 404 || status === 400 || (status === 500 && /not (running|found|exist)/i.test(message));

/** The requests that the link sends to one cluster, each with a deadline. Expected refusals are left to the caller. */
export class KubernetesApi {
  #session: KubernetesSession | null = null;
  readonly #unreachable: FailureMemory;

  constructor(
    private readonly place: KubePlace,
    private readonly options: KubeApiOptions,
  ) {
    this.#unreachable = new FailureMemory(options.clock);
  }

  /** Null when there is none. */
  readService(name: string, signal: AbortSignal): Promise<V1Service | null> {
    const { namespace } = this.place;
    const ask = request(CoreV1Api, (api) => api.readNamespacedService({ name, namespace }));
    return this.#orNull({ verb: 'get', resource: 'services' }, ask, signal);
  }

  /** Null when there is none. */
  readPod(name: string, signal: AbortSignal): Promise<V1Pod | null> {
    const { namespace } = this.place;
    const ask = request(CoreV1Api, (api) => api.readNamespacedPod({ name, namespace }));
    return this.#orNull({ verb: 'get', resource: 'pods' }, ask, signal);
  }

  async endpointSlices(service: string, signal: AbortSignal): Promise<readonly V1EndpointSlice[]> {
    const { namespace } = this.place;
    const labelSelector = `kubernetes.io/service-name=${service}`;
    const ask = request(DiscoveryV1Api, (api) =>
      api.listNamespacedEndpointSlice({ namespace, labelSelector }),
    );
    const list = await this.#ask({ verb: 'list', resource: 'endpointslices' }, ask, signal);
    return list.items;
  }

  /** Null when the cluster does not permit the question. */
  async isAllowed({ verb, resource, group }: Permission, signal: AbortSignal): Promise<boolean | null> {
    const [kind = '', subresource] = resource.split('/');
    const resourceAttributes = {
      namespace: this.place.namespace,
      verb,
      resource: kind,
      ...(group === undefined ? {} : { group }),
      ...(subresource === undefined ? {} : { subresource }),
    };
    const ask = request(AuthorizationV1Api, (api) =>
      api.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } }),
    );
    const asked = { verb: 'create', resource: 'selfsubjectaccessreviews' };
    const review = await this.#ask(asked, ask, signal, isHidden);
    return review instanceof ApiRefusal ? null : (review.status?.allowed ?? null);
  }

  /** The y of Kubernetes x.y; null when the cluster does not say. */
  async minorVersion(signal: AbortSignal): Promise<number | null> {
    const ask = request(VersionApi, (api) => api.getCode());
    const version = await this.#ask({ verb: 'get', resource: '/version' }, ask, signal, isHidden);
    return version instanceof ApiRefusal ? null : Number.parseInt(version.minor, 10);
  }

  /** A paused websocket to a port of a pod, or the refusal when there is no such pod or it does not run. */
  async portForward(pod: string, port: number, signal: AbortSignal): Promise<WebSocket | ApiRefusal> {
    const path = `/api/v1/namespaces/${this.place.namespace}/pods/${pod}/portforward?ports=${port}`;
    const ask: Ask<WebSocket> = ({ config }, inTime) => openWebSocket(config, path, inTime);
    return this.#ask({ verb: 'get', resource: 'pods/portforward' }, ask, signal, isAboutPod);
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  async #orNull<T>(asked: Permission, ask: Ask<T>, signal: AbortSignal): Promise<T | null> {
    const answer = await this.#ask(asked, ask, signal, isMissing);
    return answer instanceof ApiRefusal ? null : answer;
  }

  #ask<T>(asked: Permission, ask: Ask<T>, signal: AbortSignal): Promise<T>;
  #ask<T>(
    asked: Permission,
    ask: Ask<T>,
    signal: AbortSignal,
    expected: (refusal: ApiRefusal) => boolean,
  ): Promise<T | ApiRefusal>;
  async #ask<T>(
    asked: Permission,
    ask: Ask<T>,
    signal: AbortSignal,
    expected: (refusal: ApiRefusal) => boolean = () => false,
  ): Promise<T | ApiRefusal> {
    this.#unreachable.throwIfKnown();
    const beganMs = this.options.clock.nowMs();
    try {
      const answer = await this.#withCredentials(ask, signal);
      this.#unreachable.forget();
      return answer;
    } catch (fault) {
      signal.throwIfAborted();
      if (fault instanceof ApiRefusal && expected(fault)) return fault;
      throw this.#noted(clusterFailure(this.place, asked, fault), beganMs);
    }
  }

  /** A failure found only by a timeout is remembered, so that not every caller waits for it again. */
  #noted(failure: AppError, beganMs: number): AppError {
    if (failure.code === 'cluster_unreachable') this.#unreachable.note(failure, beganMs);
    return failure;
  }

  #inTime<T>(run: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { timeoutMs } = this.options;
    const late = (): Error =>
      clusterUnreachable(this.place.context, `no answer within ${timeoutMs / 1000} s`);
    return withinDeadline({ timeoutMs, signals: [signal], late }, run);
  }

  /** Rejected credentials are fetched again, once: tokens expire, and logins rewrite the kubeconfig. */
  async #withCredentials<T>(ask: Ask<T>, signal: AbortSignal): Promise<T> {
    const session = this.#current();
    try {
      return await this.#asked(session, ask, signal);
    } catch (fault) {
      if (!isRefusal(fault, 401)) throw fault;
    }
    await session.reject();
    // Its connections are left to those who still use them, and end by themselves when idle.
    if (this.#session === session) this.#session = null;
    return this.#asked(this.#current(), ask, signal);
  }

  async #asked<T>(session: KubernetesSession, ask: Ask<T>, signal: AbortSignal): Promise<T> {
    await session.ready(signal);
    return this.#inTime((inTime) => ask(session, inTime), signal);
  }

  #current(): KubernetesSession {
    const { credentials } = this.options;
    this.#session ??= new KubernetesSession(loadKubeConfig(this.options), this.place.context, credentials);
    return this.#session;
  }
}
