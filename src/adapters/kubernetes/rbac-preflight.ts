import type { KubernetesApi } from './api.js';
import { forbidden, type KubeEndpoint, type KubePlace, type Permission } from './errors.js';

const FORWARD: readonly Permission[] = [{ verb: 'get', resource: 'pods/portforward' }];
/** Needed besides `get` from Kubernetes 1.35 on. */
const FORWARD_CREATE: Permission = { verb: 'create', resource: 'pods/portforward' };
const FIRST_VERSION_WITH_CREATE = 35;

const NEEDED: Readonly<Record<KubeEndpoint['resource'], readonly Permission[]>> = {
  service: [
    { verb: 'get', resource: 'services' },
    { verb: 'list', resource: 'endpointslices', group: 'discovery.k8s.io' },
    ...FORWARD,
  ],
  pod: [{ verb: 'get', resource: 'pods' }, ...FORWARD],
};

/**
 * Asks the cluster whether a forward to a service or pod will be allowed, to report all missing permissions at once.
 * AppError `cluster_forbidden`. Where the cluster does not permit the question, the forward itself will fail.
 */
export const preflight = async (
  api: KubernetesApi,
  place: KubePlace,
  resource: KubeEndpoint['resource'],
  signal: AbortSignal,
): Promise<void> => {
  const isMissing = async (permission: Permission): Promise<boolean> =>
    (await api.isAllowed(permission, signal)) === false;
  const wanted = [...NEEDED[resource], FORWARD_CREATE];
  const answers = await Promise.all(wanted.map(isMissing));
  let missing = wanted.filter((_, index) => answers[index]);
  if (missing.includes(FORWARD_CREATE)) {
    const minor = await api.minorVersion(signal);
    if (minor === null || minor < FIRST_VERSION_WITH_CREATE)
      missing = missing.filter((permission) => permission !== FORWARD_CREATE);
  }
  if (missing.length > 0) throw forbidden(place, missing);
};
