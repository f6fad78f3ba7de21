import type { EventEmitter } from 'node:events';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { createSelfSigned } from './certificate.js';
import { KubeCluster, type KubeNamespace, type KubePod } from './cluster.js';
import type { KubeFault } from './faults.js';
import { statusObject } from './objects.js';
import { FORWARD_PROTOCOLS, KubePortForward } from './port-forward.js';
import { answerRest, forbidden, notFound, type KubeAnswer } from './rest.js';
import { LoopbackServer } from '../site/loopback-server.js';

export type { KubeFault } from './faults.js';
export type { KubeNamespace, KubePort, KubeService } from './cluster.js';

interface KubeApiServerOptions {
  readonly namespaces: readonly KubeNamespace[];
  readonly token: string;
  /** Of Kubernetes 1.x (default 32); from 35 on a forward needs `create` besides `get`. */
  readonly minorVersion?: number;
  /** The subprotocol settled on (default that of real servers, v4). */
  readonly protocol?: (typeof FORWARD_PROTOCOLS)[number];
  /** Serves upgrades to protocols other than websockets; null leaves an upgrade to the server. */
  readonly acceptUpgrade?: (upgrade: ForwardUpgrade) => OpenForward | null;
}

/** A permitted request to forward to a pod's ports, its connection not yet upgraded. */
export interface ForwardUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client has sent after the request's head. */
  readonly head: Buffer;
  readonly pod: KubePod;
  readonly fault: KubeFault | null;
}

/** A running stand-in for a cluster's API server, reachable on 127.0.0.1 only. */
export interface KubeApiServer {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly caPem: string;
  /** How many forwarded connections are open. */
  readonly forwards: number;
  /** How many requests came, by path without the query. */
  readonly requests: ReadonlyMap<string, number>;
  /** Gives the cluster one fault, or takes it away; it replaces the earlier one and holds for new connections. */
  setFault(fault: KubeFault | null): void;
  /** The name of the pod behind a service. */
  podOf(namespace: string, service: string): string;
  /** Replaces a service's pod: old connections die at once, the new pod is ready after `readyAfterMs`. */
  restartPod(namespace: string, service: string, readyAfterMs?: number): Promise<void>;
  /** Accepts this token from now on, and no other. */
  setToken(token: string): void;
  close(): Promise<void>;
}

type OpenForward = Pick<KubePortForward, 'pod' | 'cut'>;

const FIRST_VERSION_WITH_CREATE = 35;
const FORWARD_PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward$/;

const asError = (fault: unknown): Error => (fault instanceof Error ? fault : new Error(String(fault)));

class ApiServer implements KubeApiServer {
  readonly requests = new Map<string, number>();
  readonly #certificate = createSelfSigned('virtual-cluster');
  readonly #cluster: KubeCluster;
  readonly #forwards = new Set<OpenForward>();
  readonly #loopback: LoopbackServer;
  readonly #upgrader: WebSocketServer;
  #token: string;
  #port = 0;

  constructor(private readonly options: KubeApiServerOptions) {
    this.#cluster = new KubeCluster(options.namespaces);
    this.#token = options.token;
    const { keyPem, certificatePem } = this.#certificate;
    const server = createServer({ key: keyPem, cert: certificatePem });
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((fault: unknown) => response.destroy(asError(fault)));
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#loopback = new LoopbackServer(server);
    this.#upgrader = new WebSocketServer({
      noServer: true,
      autoPong: false,
      handleProtocols: (offered) => {
        const wanted = options.protocol ?? 'v4.channel.k8s.io';
        return offered.has(wanted) ? wanted : false;
      },
    });
  }

  async listen(): Promise<void> {
    this.#port = await this.#loopback.listen();
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  get caPem(): string {
    return this.#certificate.certificatePem;
  }

  get forwards(): number {
    return this.#forwards.size;
  }

  setFault(fault: KubeFault | null): void {
    this.#cluster.fault = fault;
    if (fault?.kind === 'refuse') this.#loopback.suspend();
    else this.#loopback.resume();
  }

  setToken(token: string): void {
    this.#token = token;
  }

  podOf(namespace: string, service: string): string {
    const pod = this.#cluster.pods(namespace).find((one) => one.service.name === service);
    if (pod === undefined) throw new RangeError(`${namespace} has no pod of ${service}`);
    return pod.name;
  }

  async restartPod(namespace: string, service: string, readyAfterMs = 0): Promise<void> {
    const { gone, pod } = this.#cluster.replacePod(namespace, service);
    for (const forward of this.#forwards) if (forward.pod === gone) forward.cut();
    await sleep(readyAfterMs);
    pod.state = 'running';
  }

  async close(): Promise<void> {
    for (const forward of this.#forwards) forward.cut();
    await this.#loopback.close();
    this.#upgrader.close();
  }

  /** Null when the request may go on. */
  #refusal(request: IncomingMessage): KubeAnswer | null {
    const isKnown = request.headers.authorization === `Bearer ${this.#token}`;
    if (isKnown && this.#cluster.fault?.kind !== 'tokenExpired') return null;
    return { code: 401, body: statusObject(401, 'Unauthorized', 'Unauthorized') };
  }

  #count({ pathname }: URL): void {
    this.requests.set(pathname, (this.requests.get(pathname) ?? 0) + 1);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    this.#count(url);
    if (this.#cluster.fault?.kind === 'hang') return;
    const body = await text(request);
    const { method = 'GET' } = request;
    const { code, body: answer } =
      this.#refusal(request) ?? answerRest(this.#cluster, this.#minorVersion, { method, url, body });
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  get #minorVersion(): number {
    return this.options.minorVersion ?? 32;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', this.url);
    this.#count(url);
    socket.on('error', () => socket.destroy());
    if (this.#cluster.fault?.kind === 'hang') return;
    const [, namespace = '', name = ''] = FORWARD_PATH.exec(url.pathname) ?? [];
    const pod = this.#cluster.pod(namespace, name);
    const refusal = this.#refusal(request) ?? this.#forwardRefusal(namespace, name);
    if (refusal !== null || pod === null) {
      reject(socket, refusal ?? notFound('pods', name));
      return;
    }
    const { fault } = this.#cluster;
    const accepted = this.options.acceptUpgrade?.({ request, socket, head, pod, fault }) ?? null;
    if (accepted !== null) {
      this.#keep(accepted, socket);
      return;
    }
    const port = Number(url.searchParams.get('ports'));
    this.#upgrader.handleUpgrade(request, socket, head, (ws) => {
      const forward = new KubePortForward(ws, pod, port, fault);
      this.#keep(forward, ws);
      forward.start();
    });
  }

  #keep(forward: OpenForward, connection: EventEmitter): void {
    this.#forwards.add(forward);
    connection.once('close', () => this.#forwards.delete(forward));
  }

  #forwardRefusal(namespace: string, name: string): KubeAnswer | null {
    const verbs = this.#minorVersion < FIRST_VERSION_WITH_CREATE ? ['get'] : ['get', 'create'];
    const missing = verbs.find((verb) => this.#cluster.isForbidden(verb, 'pods/portforward'));
    if (missing !== undefined) return forbidden(missing, 'pods/portforward', namespace, name);
    const pod = this.#cluster.pod(namespace, name);
    if (pod?.state !== 'starting') return null;
    const message = 'unable to forward port because pod is not running. Current status=Pending';
    return { code: 500, body: statusObject(500, 'InternalError', message) };
  }
}

const reject = (socket: Duplex, { code, body }: KubeAnswer): void => {
  const json = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(json)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`);
};

/** Starts an API server for a cluster whose pods are ports of loopback. */
export const startKubeApiServer = async (options: KubeApiServerOptions): Promise<KubeApiServer> => {
  const server = new ApiServer(options);
  await server.listen();
  return server;
};
