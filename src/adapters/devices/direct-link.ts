import { AppError } from '../../ports/app-error.js';
import type { Endpoint, OpenService, ServiceLink } from '../../ports/service-link.js';

const open = async (endpoint: Endpoint, signal: AbortSignal): Promise<OpenService> => {
  signal.throwIfAborted();
  if (endpoint.kind === 'direct')
    return { host: endpoint.host, port: endpoint.port, close: () => Promise.resolve() };
  throw new AppError(
    'config_invalid',
    `The ${endpoint.resource} ${endpoint.name} needs a Kubernetes cluster, but its deployment names none.`,
    'Add a kube section to the deployment in devices.yaml, or give the endpoint a host and port.',
  );
};

/** A link to services that need no tunnel. AppError `config_invalid` for those that do. */
export const createDirectLink = (): ServiceLink => ({ open, close: () => Promise.resolve() });
