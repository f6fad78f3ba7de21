import { types } from 'node:util';
import { AppError } from '../../ports/app-error.js';
import type { Endpoint } from '../../ports/service-link.js';
import { redact, redactedMessage } from '../runtime/redact.js';

export type KubeEndpoint = Extract<Endpoint, { kind: 'kubernetes' }>;

/** A namespace of a cluster. */
export interface KubePlace {
  readonly context: string;
  readonly namespace: string;
}

/** A permission in a cluster. */
export interface Permission {
  readonly verb: string;
  /** With its subresource: `pods/portforward`. */
  readonly resource: string;
  readonly group?: string;
}

/** The API server refused a request. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_(TLS|SSL|OSSL)/;
const FORBIDDEN = /cannot (\w+) resource "([^"]+)"/;

/** The fault and whatever it names as its causes. */
const chainOf = (fault: unknown): Error[] =>
  types.isNativeError(fault) ? [fault, ...chainOf(fault.cause)] : [];

const codesOf = (fault: unknown): string[] =>
  chainOf(fault).flatMap((error) => ('code' in error && typeof error.code === 'string' ? [error.code] : []));

const reasonOf = (fault: unknown): string => {
  const deepest = chainOf(fault).findLast((error) => error.message !== '');
  return deepest === undefined ? (codesOf(fault).at(-1) ?? 'no reason given') : redact(deepest.message);
};

export const contextUnknown = (context: string, known: readonly string[], file: string): AppError =>
  new AppError(
    'context_unknown',
    `The kubeconfig (${file}) has no context ${context}; it has ${known.join(', ') || 'none'}.`,
    "Correct the deployment's kube context in devices.yaml, or add the context to the kubeconfig.",
  );

export const kubeconfigUnusable = (file: string, fault: unknown): AppError =>
  new AppError(
    'kubeconfig_unusable',
    `The kubeconfig (${file}) cannot be used: ${redactedMessage(fault)}.`,
    'Check KUBECONFIG, and that the file exists, is readable and is complete.',
  );

export const credentialsFailed = (context: string, why: string): AppError =>
  new AppError(
    'cluster_credentials',
    `The credentials for kube context ${context} could not be fetched: ${why}.`,
    "Run the credential program of the kubeconfig's user by hand (for example `aws eks get-token`), and log in again if it asks you to.",
  );

export const clusterUnreachable = (context: string, why: string, cause?: unknown): AppError =>
  new AppError(
    'cluster_unreachable',
    `The cluster of kube context ${context} cannot be reached: ${why}.`,
    'Check the network or VPN to the cluster, and that its API server is running.',
    cause,
  );

const certificateFault = (context: string, fault: unknown): AppError =>
  new AppError(
    'cluster_certificate',
    `The certificate of the cluster of kube context ${context} is not trusted: ${reasonOf(fault)}.`,
    "Renew the kubeconfig's certificate authority (for example with `aws eks update-kubeconfig`).",
    fault,
  );

const unauthorized = (context: string, fault: unknown): AppError =>
  new AppError(
    'cluster_unauthorized',
    `The cluster of kube context ${context} rejected the credentials.`,
    'Log in to the cluster again, or renew the token in the kubeconfig.',
    fault,
  );

export const forbidden = (
  { context, namespace }: KubePlace,
  missing: readonly Permission[],
  cause?: unknown,
): AppError => {
  const verbs = missing.map(({ verb, resource }) => `${verb} ${resource}`).join(', ');
  return new AppError(
    'cluster_forbidden',
    `Kube context ${context} is not allowed to ${verbs} in namespace ${namespace}.`,
    `Grant ${verbs} with a Role in namespace ${namespace}.`,
    cause,
  );
};

/** The message in the Status of a refused request, or the beginning of the answer. */
export const reasonIn = (body: string): string => {
  const message = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(body)?.[1];
  return message === undefined ? body.slice(0, 200) : (JSON.parse(message) as string);
};

/** Whether the fault is a refusal with this status. */
export const isRefusal = (fault: unknown, status: number): fault is ApiRefusal =>
  fault instanceof ApiRefusal && fault.status === status;

/** The AppError for a fault on the way to the API server, or for its refusal; `asked` names the request. */
export const clusterFailure = (place: KubePlace, asked: Permission, fault: unknown): AppError => {
  if (fault instanceof AppError) return fault;
  if (fault instanceof ApiRefusal) return refusalFailure(place, asked, fault);
  if (codesOf(fault).some((code) => CERTIFICATE.test(code))) return certificateFault(place.context, fault);
  return clusterUnreachable(place.context, reasonOf(fault), fault);
};

const refusalFailure = (place: KubePlace, asked: Permission, refusal: ApiRefusal): AppError => {
  if (refusal.status === 401) return unauthorized(place.context, refusal);
  if (refusal.status === 403) {
    const [, verb = asked.verb, resource = asked.resource] = FORBIDDEN.exec(refusal.message) ?? [];
    return forbidden(place, [{ verb, resource }], refusal);
  }
  return new AppError(
    'cluster_fault',
    `The cluster of kube context ${place.context} answered ${refusal.status} to ${asked.verb} ${asked.resource}: ` +
      `${redactedMessage(refusal)}.`,
    'Try again; if the error persists, check the API server.',
    refusal,
  );
};
