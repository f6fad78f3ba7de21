import { once, setMaxListeners } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { AppError } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { OpenService } from '../../ports/service-link.js';
import { bridge, type BridgeEnd } from './socket-bridge.js';
import { ApiRefusal, type KubeEndpoint } from './errors.js';
import { forwardBroken, forwardSlow, idleCutOff, podRestarting, portClosed } from './pod-errors.js';
import { resolveTarget, type PodTarget, type Resolver } from './pod-target.js';

export interface ForwardTimings {
  /** How long to wait for a restarting pod. */
  readonly restartTimeoutMs: number;
  readonly pingIntervalMs: number;
  /** A connection cut after this long without data counts as cut for idleness. */
  readonly idleAfterMs: number;
}

interface Dialled {
  readonly ws: WebSocket;
  readonly target: PodTarget;
}

/** After this long without a connection the link is to blame. */
const SLOW_MS = 3_000;
/** While a pod is being replaced there is briefly none, or one that is running but not ready. */
const REPLACING_MS = 3_000;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 4_000;

/** Retries with growing pauses while it fails with one of the codes and time is left. */
const retrying = async <T>(
  options: { readonly clock: Clock; readonly timeoutMs: number; readonly codes: readonly string[] },
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> => {
  const { clock, timeoutMs, codes } = options;
  const untilMs = clock.nowMs() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (fault) {
      const mayPass = fault instanceof AppError && codes.includes(fault.code);
      if (!mayPass || clock.nowMs() + pauseMs > untilMs) throw fault;
      await clock.sleep(pauseMs, signal);
    }
  }
};

/** A loopback port whose connections lead to the pod behind one endpoint, even after that pod was replaced. */
export class Forward implements OpenService {
  readonly host = '127.0.0.1';
  readonly #server: Server;
  readonly #serving = new Map<Socket, Promise<void>>();
  readonly #closing = new AbortController();
  /** Connections being established, and since when. */
  readonly #dialing = new Map<Socket, number>();
  #target: PodTarget | null = null;
  #failure: AppError | null = null;
  #closed: Promise<void> | null = null;

  constructor(
    private readonly resolver: Resolver,
    private readonly endpoint: KubeEndpoint,
    private readonly options: ForwardTimings & { readonly clock: Clock; readonly onClosed: () => void },
  ) {
    // One listener for each connection being established.
    setMaxListeners(0, this.#closing.signal);
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Finds the pod, then listens. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, restartTimeoutMs: timeoutMs } = this.options;
    const briefly = { clock, timeoutMs: Math.min(timeoutMs, REPLACING_MS), codes: ['no_ready_pod'] };
    this.#target = await retrying({ clock, timeoutMs, codes: ['pod_restarting'] }, signal, () =>
      retrying(briefly, signal, () => resolveTarget(this.resolver, this.endpoint, signal)),
    );
    signal.throwIfAborted();
    this.#server.listen(0, this.host);
    await once(this.#server, 'listening');
    // Closed before it was listening, when there was nothing to close yet.
    if (this.#closing.signal.aborted) this.#server.close();
    signal.throwIfAborted();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  failure(): AppError | null {
    const forMs = this.options.clock.nowMs() - Math.min(...this.#dialing.values());
    return this.#failure ?? (forMs >= SLOW_MS ? forwardSlow(this.endpoint, forMs) : null);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Error('the forward was closed'));
    const stopped = this.#server.listening ? once(this.#server, 'close') : Promise.resolve();
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#serving.keys()) socket.destroy();
    await Promise.all([stopped, ...this.#serving.values()]);
    this.options.onClosed();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const served = this.#serve(socket).finally(() => this.#serving.delete(socket));
    this.#serving.set(socket, served);
  }

  async #serve(socket: Socket): Promise<void> {
    const { signal } = this.#closing;
    try {
      const { ws, target } = await this.#dialFor(socket, signal);
      const end = await bridge(socket, ws, {
        nowMs: () => this.options.clock.nowMs(),
        pingIntervalMs: this.options.pingIntervalMs,
        closing: signal,
      });
      this.#note(end, target);
    } catch (fault) {
      socket.resetAndDestroy();
      if (signal.aborted) return;
      if (!(fault instanceof AppError)) throw fault;
      this.#failure = fault;
    }
  }

  async #dialFor(socket: Socket, signal: AbortSignal): Promise<Dialled> {
    this.#dialing.set(socket, this.options.clock.nowMs());
    try {
      return await this.#dial(signal);
    } finally {
      this.#dialing.delete(socket);
    }
  }

  /** Nothing was sent yet, so retrying is safe: a replaced pod is looked up until its successor is ready. */
  #dial(signal: AbortSignal): Promise<Dialled> {
    const { clock, restartTimeoutMs: timeoutMs } = this.options;
    const codes = ['pod_restarting', 'no_ready_pod'];
    return retrying({ clock, timeoutMs, codes }, signal, async () => {
      const target = this.#target ?? (await this.#resolved(signal));
      const ws = await this.resolver.api.portForward(target.pod, target.port, signal);
      if (ws instanceof ApiRefusal) {
        this.#target = null;
        this.#failure = podRestarting(this.endpoint, target.pod, ws.message);
        throw this.#failure;
      }
      this.#target = target;
      this.#failure = null;
      return { ws, target };
    });
  }

  /** Records the failure at once, so that callers see it before the wait for the pod is over. */
  async #resolved(signal: AbortSignal): Promise<PodTarget> {
    try {
      return await resolveTarget(this.resolver, this.endpoint, signal);
    } catch (fault) {
      if (fault instanceof AppError) this.#failure = fault;
      throw fault;
    }
  }

  #note(end: BridgeEnd, { pod, port }: PodTarget): void {
    if (end.kind === 'closed' || this.#closing.signal.aborted) return;
    this.#target = null;
    this.#failure = this.#failureOf(end, pod, port);
  }

  #failureOf(end: Exclude<BridgeEnd, { kind: 'closed' }>, pod: string, port: number): AppError {
    const { endpoint } = this;
    if (end.kind === 'refused') {
      const isClosed = /refused|failed to connect/i.test(end.text);
      return isClosed ? portClosed(endpoint, pod, port, end.text) : forwardBroken(endpoint, pod, end.text);
    }
    if (end.kind === 'unresponsive') return forwardBroken(endpoint, pod, 'it no longer answers');
    return end.idleMs >= this.options.idleAfterMs
      ? idleCutOff(endpoint, pod, end.idleMs)
      : forwardBroken(endpoint, pod, 'it was cut, as happens when a pod is replaced');
  }
}
