import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../../ports/app-error.js';
import { timeoutSignal } from '../../async/timeout-signal.js';

/** What a program says of itself. */
interface Health {
  /** Null while its work proceeds; else what has stopped. */
  stuck(): string | null;
  /** Rejects with an AppError when it cannot do its work now. */
  ready(signal: AbortSignal): Promise<void>;
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

const READY_MS = 5_000;

const say = (
  reply: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void => {
  reply.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  reply.end(text);
};

const sayReady = async (health: Health, reply: ServerResponse): Promise<void> => {
  try {
    await health.ready(timeoutSignal(READY_MS));
    say(reply, 200, 'ready\n');
  } catch (fault) {
    const isTold = fault instanceof AppError;
    say(
      reply,
      503,
      isTold ? `${fault.message} ${fault.remedy}\n` : `no answer within ${READY_MS / 1000} s\n`,
    );
  }
};

const answer = async (health: Health, path: string, reply: ServerResponse): Promise<void> => {
  if (path === '/healthz') {
    const stuck = health.stuck();
    return say(reply, stuck === null ? 200 : 503, `${stuck ?? 'alive'}\n`);
  }
  if (path === '/readyz') return sayReady(health, reply);
  if (path === '/metrics')
    return say(reply, 200, await health.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
  say(reply, 404, 'There are /healthz, /readyz and /metrics.\n');
};

const unusable = (place: string, cause: unknown): AppError =>
  new AppError(
    'health_port',
    `${place} cannot be bound.`,
    'Set another port or host under health in devices.yaml.',
    cause,
  );

/** `/healthz`, `/readyz` and `/metrics` for operators; they expose no secrets. */
export const startHealthServer = async (
  health: Health,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HealthServer> => {
  const server = createServer((call, reply) => {
    const path = (call.url ?? '/').split('?')[0] ?? '/';
    answer(health, path, reply).catch((fault: unknown) => reply.destroy(fault as Error));
  }).listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw unusable(`${host}:${port}`, cause);
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
