import { types } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { contextUnknown, credentialsFailed, kubeconfigUnusable } from './kubernetes-failures.js';

/** The context's name in devices.yaml when we run inside the cluster ourselves, with its service account. */
export const IN_CLUSTER_CONTEXT = 'in-cluster';

export interface KubeConfigOptions {
  readonly context: string;
  /** Default: what kubectl uses, KUBECONFIG or ~/.kube/config. */
  readonly kubeconfigFile?: string;
  /** Where the container's file system starts, for the service account's files (default the root). */
  readonly containerRoot?: string;
}

const loadInCluster = ({ containerRoot = '' }: KubeConfigOptions): KubeConfig => {
  if (process.env['KUBERNETES_SERVICE_HOST'] === undefined)
    throw kubeconfigUnusable(IN_CLUSTER_CONTEXT, new Error('this program does not run inside a cluster'));
  const config = new KubeConfig();
  config.loadFromCluster(containerRoot);
  return config;
};

/**
 * Reads the kubeconfig into an instance of its own, since caches and the current context belong to the instance. AppErrors:
 * `kubeconfig_unusable`, `context_unknown`.
 */
export const loadKubeConfig = (options: KubeConfigOptions): KubeConfig => {
  const { context, kubeconfigFile } = options;
  if (context === IN_CLUSTER_CONTEXT) return loadInCluster(options);
  const file = kubeconfigFile ?? process.env['KUBECONFIG'] ?? '~/.kube/config';
  const config = new KubeConfig();
  try {
    if (kubeconfigFile === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfigFile);
  } catch (fault) {
    throw kubeconfigUnusable(file, fault);
  }
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context)) throw contextUnknown(context, known, file);
  config.setCurrentContext(context);
  for (const [what, found] of [
    ['cluster', config.getCurrentCluster()],
    ['user', config.getCurrentUser()],
  ] as const)
    if (found === null)
      throw kubeconfigUnusable(file, new Error(`the ${what} of context ${context} is missing`));
  return config;
};

/**
 * One kubeconfig whose credentials are fetched once for all who wait for them: the library itself would start the
 * kubeconfig's program once for each.
 */
export class SharedCredentials {
  #fetching: Promise<void> | null = null;

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
