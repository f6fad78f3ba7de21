import type { AppError } from '../../ports/app-error.js';

/** Faults that all cameras of a deployment share: found once, told once. */
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

/** What the checks of one sweep tell each other. */
export class DeploymentFaults {
  private readonly found = new Map<string, AppError>();

  of(deploymentName: string): AppError | null {
    return this.found.get(deploymentName) ?? null;
  }

  /** Whether the fault is a deployment's that had not been noted yet. */
  note(deploymentName: string, fault: AppError): void {
    if (DEPLOYMENT_FAULTS.has(fault.code)) this.found.set(deploymentName, fault);
  }
}
