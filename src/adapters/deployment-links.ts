import type { DeploymentSettings } from '../config/settings.js';
import type { Clock } from '../ports/clock.js';
import type { ServiceLink } from '../ports/service-link.js';
import { createDirectLink } from './direct-link.js';
import { createKubernetesLink } from './kubernetes-link.js';

/** The ways into all deployments, each made when first asked for. */
export interface DeploymentLinks {
  /** The same link at every call. */
  linkFor(deployment: DeploymentSettings): ServiceLink;
  close(): Promise<void>;
}

/** Straight to the services, or through the deployment's Kubernetes cluster where the settings name one. */
export const createDeploymentLinks = ({ clock }: { readonly clock: Clock }): DeploymentLinks => {
  const links = new Map<string, ServiceLink>();
  const linkTo = ({ kube }: DeploymentSettings): ServiceLink =>
    kube === null ? createDirectLink() : createKubernetesLink({ ...kube, clock });
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
