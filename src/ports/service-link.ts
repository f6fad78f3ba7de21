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
  /** Gives the address up; never throws, may be called twice. */
  close(): Promise<void>;
}

/** The way into one deployment: straight, or through its Kubernetes cluster. */
export interface ServiceLink {
  /** AppErrors: `cluster_unreachable`, `cluster_forbidden`, `service_not_found`, `no_ready_pod`, `port_closed`. */
  open(endpoint: Endpoint, signal: AbortSignal): Promise<OpenService>;
  /** Closes every address and connection opened by this link. */
  close(): Promise<void>;
}
