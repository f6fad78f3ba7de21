import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createKubernetesLink,
  type KubernetesLinkOptions,
} from '../../src/adapters/kubernetes/service-link.js';
import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import { AppError } from '../../src/ports/app-error.js';
import type { Endpoint, OpenService, ServiceLink } from '../../src/ports/service-link.js';
import {
  startKubeApiServer,
  type KubeApiServer,
  type KubeService,
} from '../../src/sandbox/kubernetes/api-server.js';
import { writeKubeconfig } from '../../src/sandbox/kubernetes/kubeconfig-file.js';
import { LoopbackServer } from '../../src/sandbox/site/loopback-server.js';

export const NAMESPACE = 'cameras';
export const TOKEN = 'secret-token-1';

/** The service that the tests' clusters have. */
export const ECHO = {
  kind: 'kubernetes',
  resource: 'service',
  name: 'echo',
  port: 7,
} satisfies Endpoint;

/** Short enough for a test to see them pass. */
export const TIMINGS = {
  requestTimeoutMs: 1_000,
  openTimeoutMs: 4_000,
  restartTimeoutMs: 1_500,
  pingIntervalMs: 10_000,
  idleAfterMs: 200,
};

export interface LoopbackService {
  readonly port: number;
  /** Connections open now. */
  connections(): number;
  close(): Promise<void>;
}

const serve = async (server: Server): Promise<LoopbackService> => {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  });
  const loopback = new LoopbackServer(server);
  const port = await loopback.listen();
  return { port, connections: () => open.size, close: () => loopback.close() };
};

/** Answers with what it gets. */
export const startEcho = (): Promise<LoopbackService> =>
  serve(createServer((socket) => void socket.pipe(socket)));

/** Sends a body and closes, whatever is asked. */
export const startDownload = (body: Buffer): Promise<LoopbackService> =>
  serve(createServer((socket) => socket.once('data', () => socket.end(body))));

/** Answers a POST with the SHA-256 of its body. */
export const startHashing = (): Promise<LoopbackService> =>
  serve(
    createHttpServer((request, response) => {
      const hash = createHash('sha256');
      request.on('data', (chunk: Buffer) => hash.update(chunk));
      request.on('end', () => response.end(`${request.url} ${hash.digest('hex')}`));
    }),
  );

export interface VirtualCluster {
  readonly api: KubeApiServer;
  readonly kubeconfigFile: string;
  readonly dir: string;
  /** A link to the cluster by its kubeconfig; closed with the cluster. */
  link(options?: Partial<KubernetesLinkOptions>): ServiceLink;
  close(): Promise<void>;
}

/** A cluster with one namespace, and the kubeconfig whose context `site-a` leads there. */
export const startVirtualCluster = async (
  services: readonly KubeService[],
  options: Partial<Omit<Parameters<typeof startKubeApiServer>[0], 'namespaces' | 'token'>> = {},
): Promise<VirtualCluster> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'kube-'));
  const api = await startKubeApiServer({
    namespaces: [{ name: NAMESPACE, services }],
    token: TOKEN,
    ...options,
  });
  const kubeconfigFile = path.join(dir, 'kubeconfig');
  await writeKubeconfig(kubeconfigFile, [
    { name: 'site-a', server: api.url, caPem: api.caPem, user: { token: TOKEN } },
  ]);
  const links: ServiceLink[] = [];
  return {
    api,
    kubeconfigFile,
    dir,
    link: (changes = {}) => {
      const clock = createSystemClock();
      const link = createKubernetesLink({
        context: 'site-a',
        namespace: NAMESPACE,
        kubeconfigFile,
        clock,
        ...changes,
      });
      links.push(link);
      return link;
    },
    close: async () => {
      await Promise.all(links.map((link) => link.close()));
      await api.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

export const connectTo = async ({ host, port }: Pick<OpenService, 'host' | 'port'>): Promise<Socket> => {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  return socket;
};

/** What one connection answers to a text: up to as many bytes, or `reset`. */
export const ask = async (service: Pick<OpenService, 'host' | 'port'>, text: string): Promise<string> => {
  const socket = await connectTo(service);
  socket.write(text);
  try {
    const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'end').then(() => ['end'])])) as [
      Buffer | string,
    ];
    return chunk.toString();
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'ECONNRESET' ? 'reset' : String(fault);
  } finally {
    socket.destroy();
  }
};

/** The failure that something is expected to end with. */
export const failureOf = async (opening: Promise<unknown>): Promise<AppError> => {
  try {
    await opening;
  } catch (fault) {
    if (fault instanceof AppError) return fault;
    throw fault;
  }
  throw new Error('it did not fail');
};

export const told = ({ code, message }: AppError): { code: string; message: string } => ({ code, message });

/** Handles that keep a process alive: sockets, servers, processes. */
export const busyHandles = (): number =>
  process.getActiveResourcesInfo().filter((name) => /Process|TCP|TLS|Pipe/.test(name)).length;

/** Waits until something holds; false when it does not in time. */
export const eventually = async (holds: () => boolean, timeoutMs = 3_000): Promise<boolean> => {
  const untilMs = Date.now() + timeoutMs;
  while (!holds() && Date.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 10));
  return holds();
};
