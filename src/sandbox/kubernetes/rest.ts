import type { KubeCluster } from './cluster.js';
import { endpointSliceObject, listObject, podObject, serviceObject, statusObject } from './objects.js';

/** What is asked of the API, its credentials already accepted. */
interface KubeRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

export interface KubeAnswer {
  readonly code: number;
  readonly body: object;
}

interface Found extends KubeRequest {
  readonly cluster: KubeCluster;
  readonly minorVersion: number;
  readonly namespace: string;
  readonly name: string;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  /** The permission it takes; null for what everybody may. */
  readonly needs: { readonly verb: string; readonly resource: string } | null;
  answer(found: Found): KubeAnswer;
}

const SLICES = 'discovery.k8s.io';
const ok = (body: object): KubeAnswer => ({ code: 200, body });

/** Refused with the words of a real API server. */
export const forbidden = (verb: string, resource: string, namespace: string, name: string): KubeAnswer => {
  const group = resource === 'endpointslices' ? SLICES : '';
  const [plural = ''] = resource.split('/');
  const subject = `${plural}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` "${name}"`}`;
  const message =
    `${subject} is forbidden: User "viewer" cannot ${verb} resource "${resource}" ` +
    `in API group "${group}" in the namespace "${namespace}"`;
  return { code: 403, body: statusObject(403, 'Forbidden', message) };
};

/** Not there, with the words of a real API server. */
export const notFound = (resource: string, name: string): KubeAnswer => ({
  code: 404,
  body: statusObject(404, 'NotFound', `${resource} "${name}" not found`),
});

const wantedLabel = (url: URL, label: string): string | null => {
  const [key, value = ''] = (url.searchParams.get('labelSelector') ?? '').split(/==?/);
  return key === label ? value : null;
};

const reviewAccess = ({ cluster, body }: Found): KubeAnswer => {
  const review = JSON.parse(body) as {
    spec: { resourceAttributes?: { verb?: string; resource?: string; subresource?: string } };
  };
  const { verb = '', resource = '', subresource } = review.spec.resourceAttributes ?? {};
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const allowed = !cluster.isForbidden(verb, whole);
  return { code: 201, body: { ...review, status: { allowed } } };
};

const listSlices = ({ cluster, namespace, url }: Found): KubeAnswer => {
  const service = cluster.service(namespace, wantedLabel(url, 'kubernetes.io/service-name') ?? '');
  const items = service === null ? [] : [endpointSliceObject(cluster, namespace, service)];
  return ok(listObject(`${SLICES}/v1`, 'EndpointSliceList', items));
};

const readService = ({ cluster, namespace, name }: Found): KubeAnswer => {
  const service = cluster.service(namespace, name);
  return service === null ? notFound('services', name) : ok(serviceObject(namespace, service));
};

const readPod = ({ cluster, namespace, name }: Found): KubeAnswer => {
  const pod = cluster.pod(namespace, name);
  return pod === null ? notFound('pods', name) : ok(podObject(cluster, pod));
};

const listPods = ({ cluster, namespace, url }: Found): KubeAnswer => {
  const app = wantedLabel(url, 'app');
  const pods = cluster.pods(namespace).filter((pod) => app === null || pod.service.name === app);
  return ok(
    listObject(
      'v1',
      'PodList',
      pods.map((pod) => podObject(cluster, pod)),
    ),
  );
};

const version = ({ minorVersion }: Found): KubeAnswer =>
  ok({ major: '1', minor: String(minorVersion), gitVersion: `v1.${minorVersion}.0` });

/** What there is, for clients such as kubectl that look first. */
const discovery = (kind: string, content: object) => (): KubeAnswer =>
  ok({ kind, apiVersion: 'v1', ...content });
const kindOf = (name: string, kind: string, short: string): object => ({
  name,
  singularName: kind.toLowerCase(),
  shortNames: [short],
  namespaced: true,
  kind,
  verbs: ['get', 'list'],
});

const CORE = '/api/v1/namespaces/(?<namespace>[^/]+)';
const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/version\/?$/, needs: null, answer: version },
  {
    method: 'GET',
    path: /^\/api$/,
    needs: null,
    answer: discovery('APIVersions', { versions: ['v1'] }),
  },
  { method: 'GET', path: /^\/apis$/, needs: null, answer: discovery('APIGroupList', { groups: [] }) },
  {
    method: 'GET',
    path: /^\/api\/v1$/,
    needs: null,
    answer: discovery('APIResourceList', {
      groupVersion: 'v1',
      resources: [kindOf('services', 'Service', 'svc'), kindOf('pods', 'Pod', 'po')],
    }),
  },
  {
    method: 'POST',
    path: /^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews$/,
    needs: { verb: 'create', resource: 'selfsubjectaccessreviews' },
    answer: reviewAccess,
  },
  {
    method: 'GET',
    path: new RegExp(`^${CORE}/services/(?<name>[^/]+)$`),
    needs: { verb: 'get', resource: 'services' },
    answer: readService,
  },
  {
    method: 'GET',
    path: new RegExp(`^${CORE}/pods/(?<name>[^/]+)$`),
    needs: { verb: 'get', resource: 'pods' },
    answer: readPod,
  },
  {
    method: 'GET',
    path: new RegExp(`^${CORE}/pods$`),
    needs: { verb: 'list', resource: 'pods' },
    answer: listPods,
  },
  {
    method: 'GET',
    path: /^\/apis\/discovery\.k8s\.io\/v1\/namespaces\/(?<namespace>[^/]+)\/endpointslices$/,
    needs: { verb: 'list', resource: 'endpointslices' },
    answer: listSlices,
  },
];

/** Answers one request as far as a virtual cluster can; what it does not know is not found. */
export const answerRest = (cluster: KubeCluster, minorVersion: number, request: KubeRequest): KubeAnswer => {
  for (const { method, path, needs, answer } of ROUTES) {
    const match = method === request.method ? path.exec(request.url.pathname) : null;
    if (match === null) continue;
    const { namespace = '', name = '' } = match.groups ?? {};
    if (needs !== null && cluster.isForbidden(needs.verb, needs.resource))
      return forbidden(needs.verb, needs.resource, namespace, name);
    return answer({ ...request, cluster, minorVersion, namespace, name });
  }
  return {
    code: 404,
    body: statusObject(404, 'NotFound', 'the server could not find the requested resource'),
  };
};
