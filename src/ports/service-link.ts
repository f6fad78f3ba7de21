import type { AppError } from './app-error.js';

/** How to reach a service of a deployment, as in devices.yaml. */
export type Endpoint =
  | { readonly kind: 'direct'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'kubernetes';
      readonly resource: 'service' | 'pod';
      readonly name: string;
      readonly port: number | string;
    };

/** An address of a service, valid while it is held open. */
export interface OpenService {
  readonly host: string;
  readonly port: number;
  /**
   * Why the last connection through this address failed, if the route is known to be at fault; otherwise null.
   * AppErrors: `port_closed`, `pod_restarting`, `forward_broken`, `idle_cut_off`, and those of {@link ServiceLink.open}.
   */
  failure?(): AppError | null;
  /** Releases the address; never throws, may be called twice. */
  close(): Promise<void>;
}

/** The route into one deployment: direct, or through its Kubernetes cluster. */
export interface ServiceLink {
  /**
   * Resolves once the route is known as far as possible without a connection. AppErrors: `kubeconfig_unusable`,
   * `context_unknown`, `cluster_credentials`, `cluster_unreachable`, `cluster_certificate`, `cluster_unauthorized`,
   * `cluster_forbidden`, `cluster_fault`, `service_not_found`, `pod_not_found`, `service_port_not_found`,
   * `no_ready_pod`, `pod_restarting`.
   */
  open(endpoint: Endpoint, signal: AbortSignal): Promise<OpenService>;
  /** Closes every address and connection opened by this link. */
  close(): Promise<void>;
}
