import type { AppError } from './app-error.js';

/** How a service of a deployment is reached, as devices.yaml says it. */
export type Endpoint =
  | { readonly kind: 'direct'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'kubernetes';
      readonly resource: 'service' | 'pod';
      readonly name: string;
      readonly port: number | string;
    };

/** An address that leads to a service for as long as it is held open. */
export interface OpenService {
  readonly host: string;
  readonly port: number;
  /**
   * Why the way to the service failed the last connection made through this address, where the way is known to be at fault;
   * null when it did not. AppErrors: `port_closed`, `pod_restarting`, `forward_broken`, `idle_cut_off`, and those of
   * {@link ServiceLink.open}.
   */
  failure?(): AppError | null;
  /** Gives the address up; never throws, may be called twice. */
  close(): Promise<void>;
}

/** The way into one deployment: straight, or through its Kubernetes cluster. */
export interface ServiceLink {
  /**
   * Resolves when the way is known as far as can be without a connection. AppErrors: `kubeconfig_unusable`,
   * `context_unknown`, `cluster_credentials`, `cluster_unreachable`, `cluster_certificate`, `cluster_unauthorized`,
   * `cluster_forbidden`, `cluster_fault`, `service_not_found`, `pod_not_found`, `service_port_not_found`, `no_ready_pod`,
   * `pod_restarting`.
   */
  open(endpoint: Endpoint, signal: AbortSignal): Promise<OpenService>;
  /** Closes every address and connection opened by this link. */
  close(): Promise<void>;
}
