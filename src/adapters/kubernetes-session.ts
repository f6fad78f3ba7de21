import { types } from 'node:util';
import {
  createConfiguration,
  ServerConfiguration,
  type Configuration,
  type KubeConfig,
  type RequestContext,
} from '@kubernetes/client-node';
import { credentialsFailed } from './kubernetes-failures.js';

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/**
 * One kubeconfig whose credentials are fetched once for all who wait for them (the library itself would start the
 * kubeconfig's program once for each), and one pool of connections (the library would open a new one for each request and
 * leave it open).
 */
export class KubernetesSession {
  #fetching: Promise<void> | null = null;
  #pool: Dispatcher | null = null;

  constructor(
    readonly config: KubeConfig,
    private readonly context: string,
  ) {}

  /** True while someone waits for the kubeconfig's program. */
  get isFetching(): boolean {
    return this.#fetching !== null;
  }

  /** Resolves when the credentials are at hand; AppError `cluster_credentials`. */
  ready(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  /** What a client of the library is made with; its requests end when the signal aborts. */
  configuration(signal: AbortSignal): Configuration {
    return createConfiguration({
      baseServer: new ServerConfiguration(this.config.getCurrentCluster()?.server ?? '', {}),
      authMethods: { default: this.config },
      promiseMiddleware: [
        {
          pre: async (context) => {
            context.setSignal(signal);
            this.#pool ??= context.getDispatcher() ?? null;
            if (this.#pool !== null) context.setDispatcher(this.#pool);
            return context;
          },
          post: async (context) => context,
        },
      ],
    });
  }

  /** Cuts the pool's connections. */
  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  async #fetch(): Promise<void> {
    try {
      await this.config.applyToHTTPSOptions({});
    } catch (fault) {
      // Neither as cause nor in words when the program's output could not be read: it may hold the token.
      const isOutput = !types.isNativeError(fault) || fault.name === 'SyntaxError';
      const why = isOutput
        ? 'the program printed no credential'
        : (fault.message.trim().split('\n')[0] ?? '');
      throw credentialsFailed(this.context, why || 'the program failed');
    }
  }
}
