import { KubeConfig } from '@kubernetes/client-node';
import { contextUnknown, kubeconfigUnusable } from './errors.js';

/** The context's name in devices.yaml for a program that runs inside the cluster, with its service account. */
export const IN_CLUSTER_CONTEXT = 'in-cluster';

export interface KubeConfigOptions {
  readonly context: string;
  /** Null or absent: what kubectl uses, KUBECONFIG or ~/.kube/config. */
  readonly kubeconfigFile?: string | null;
  /** Where the container's file system starts, for the service account's files (default the root). */
  readonly containerRoot?: string;
}

const loadInCluster = ({ containerRoot = '' }: KubeConfigOptions): KubeConfig => {
  if (process.env['KUBERNETES_SERVICE_HOST'] === undefined)
    throw kubeconfigUnusable(IN_CLUSTER_CONTEXT, new Error('this program is not running inside a cluster'));
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
    if (kubeconfigFile === undefined || kubeconfigFile === null) config.loadFromDefault();
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
