import { AppError } from '../../ports/app-error.js';
import type { Endpoint, OpenService, ServiceLink } from '../../ports/service-link.js';

const open = async (endpoint: Endpoint, signal: AbortSignal): Promise<OpenService> => {
  signal.throwIfAborted();
  if (endpoint.kind === 'direct')
    return { host: endpoint.host, port: endpoint.port, close: () => Promise.resolve() };
  throw new AppError(
    'config_invalid',
    `The ${endpoint.resource} ${endpoint.name} is to be reached through Kubernetes, but its deployment names no cluster.`,
    'Give the deployment its kube section in devices.yaml, or the endpoint its host and port.',
  );
};

/** The way to services that need no tunnel. AppError `config_invalid` for those that do. */
export const createDirectLink = (): ServiceLink => ({ open, close: () => Promise.resolve() });
