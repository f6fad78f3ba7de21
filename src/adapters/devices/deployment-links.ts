import type { DeploymentSettings } from '../../config/settings.js';
import type { Clock } from '../../ports/clock.js';
import type { ServiceLink } from '../../ports/service-link.js';
import { createDirectLink } from './direct-link.js';

/** The links into all deployments, each created on first use. */
interface DeploymentLinks {
  /** The same link at every call. */
  linkFor(deployment: DeploymentSettings): ServiceLink;
  close(): Promise<void>;
}

/** Longest wait for a kubeconfig's credential program. */
const CREDENTIALS_MS = 15_000;

type LinkMaker = (deployment: DeploymentSettings) => ServiceLink;

/** The Kubernetes client takes a second and 60 MB to load, so it is not loaded when no deployment is behind a cluster. */
const linkMaker = async (clock: Clock, deployments: readonly DeploymentSettings[]): Promise<LinkMaker> => {
  if (deployments.every(({ kube }) => kube === null)) return createDirectLink;
  const [{ createKubernetesLink }, { ClusterCredentials }] = await Promise.all([
    import('../kubernetes/service-link.js'),
    import('../kubernetes/exec-credentials.js'),
  ]);
  const credentials = new ClusterCredentials({ clock, timeoutMs: CREDENTIALS_MS });
  return ({ kube }) =>
    kube === null ? createDirectLink() : createKubernetesLink({ ...kube, clock, credentials });
};

/** Links go straight to the services, or through the deployment's Kubernetes cluster where the settings name one. */
export const createDeploymentLinks = async ({
  clock,
  deployments,
}: {
  readonly clock: Clock;
  readonly deployments: readonly DeploymentSettings[];
}): Promise<DeploymentLinks> => {
  const links = new Map<string, ServiceLink>();
  const linkTo = await linkMaker(clock, deployments);
  return {
    linkFor: (deployment) => {
      const link = links.get(deployment.name) ?? linkTo(deployment);
      links.set(deployment.name, link);
      return link;
    },
    close: async () => {
      await Promise.all([...links.values()].map((link) => link.close()));
    },
  };
};
