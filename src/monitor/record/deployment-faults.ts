import type { AppError } from '../../ports/app-error.js';

/** Faults shared by all cameras of a deployment: detected once, reported once. */
export const DEPLOYMENT_FAULTS: ReadonlySet<string> = new Set([
  'broker_unreachable',
  'broker_refused',
  'broker_certificate',
  'cluster_certificate',
  'cluster_credentials',
  'cluster_forbidden',
  'cluster_unauthorized',
  'cluster_unreachable',
  'context_unknown',
  'kubeconfig_unusable',
]);

/** Deployment faults already found by the checks of one sweep. */
export class DeploymentFaults {
  private readonly found = new Map<string, AppError>();

  of(deploymentName: string): AppError | null {
    return this.found.get(deploymentName) ?? null;
  }

  /** Remembers the fault if it is a deployment's. */
  note(deploymentName: string, fault: AppError): void {
    if (DEPLOYMENT_FAULTS.has(fault.code)) this.found.set(deploymentName, fault);
  }
}
