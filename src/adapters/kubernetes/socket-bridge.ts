import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';

const DATA_CHANNEL = 0;
const ERROR_CHANNEL = 1;
/** Of v5: the second byte names the channel whose stream has ended. */
const CLOSE_CHANNEL = 255;
const PORT_HEADER_BYTES = 2;
const HIGH_WATER_BYTES = 1 << 20;
/** How long the other side may take to close and to receive the last data. */
const LINGER_MS = 2_000;
/** The same when the forward is closing. */
const CLOSING_LINGER_MS = 200;
const NORMAL_CLOSURE = 1000;
/** One may be late. */
const MOST_UNANSWERED = 2;

/** How a forwarded connection ended. */
export type BridgeEnd =
  | { readonly kind: 'closed' }
  /** The cluster could not connect to the pod; the text is its own. */
  | { readonly kind: 'refused'; readonly text: string }
  /** Cut without a close frame, `idleMs` after the last data. */
  | { readonly kind: 'cut'; readonly idleMs: number }
  /** Open, but pings go unanswered. */
  | { readonly kind: 'unresponsive' };

interface BridgeOptions {
  readonly nowMs: () => number;
  readonly pingIntervalMs: number;
  /** Aborted when the forward itself is closed. */
  readonly closing: AbortSignal;
}

/**
 * Carries one TCP connection over one port-forward websocket: binary messages whose first byte is the channel, each
 * channel's first message the port. Either side's end is the other's, and neither is read faster than the other takes it.
 */
class Bridge {
  #errorText = '';
  #isUnresponsive = false;
  /** Pings since the last message from the other side. */
  #unanswered = 0;
  #lastDataMs: number;
  readonly #hasHeader = new Set<number>();

  constructor(
    private readonly socket: Socket,
    private readonly ws: WebSocket,
    private readonly options: BridgeOptions,
  ) {
    this.#lastDataMs = options.nowMs();
  }

  async run(): Promise<BridgeEnd> {
    const { socket, ws } = this;
    socket.on('data', (chunk: Buffer) => this.#toPod(chunk));
    socket.on('error', () => socket.destroy());
    ws.on('error', () => ws.terminate());
    ws.on('message', (message: RawData) => this.#fromPod(message));
    ws.on('pong', () => (this.#unanswered = 0));
    const pings = setInterval(() => this.#ping(), this.options.pingIntervalMs);
    const byClient = new Promise<null>((resolve) => {
      socket.once('end', () => resolve(null));
      socket.once('close', () => resolve(null));
      if (socket.destroyed) resolve(null);
    });
    const byCluster = new Promise<number>((resolve) => ws.once('close', resolve));
    ws.resume();
    socket.resume();
    this.#ping();
    const code = await Promise.race([byClient, byCluster]);
    clearInterval(pings);
    if (code === null) await this.#leave(byCluster);
    return this.#endOf(code);
  }

  #endOf(code: number | null): BridgeEnd {
    const end = ((): BridgeEnd => {
      if (this.#errorText !== '') return { kind: 'refused', text: this.#errorText };
      if (code === null || code === NORMAL_CLOSURE) return { kind: 'closed' };
      if (this.#isUnresponsive) return { kind: 'unresponsive' };
      return { kind: 'cut', idleMs: this.options.nowMs() - this.#lastDataMs };
    })();
    if (end.kind === 'closed') this.#closeSocket();
    // A reset, since a proper end would look like the end of the stream.
    else this.socket.resetAndDestroy();
    return end;
  }

  /** The client is gone: delivers what it sent, then closes the websocket, and cuts it when that takes too long. */
  async #leave(closed: Promise<number>): Promise<void> {
    this.ws.resume();
    this.ws.close(NORMAL_CLOSURE);
    const lingerMs = this.options.closing.aborted ? CLOSING_LINGER_MS : LINGER_MS;
    const late = setTimeout(() => this.ws.terminate(), lingerMs);
    await closed;
    clearTimeout(late);
  }

  /** All data has been received; lets the client read the rest. */
  #closeSocket(): void {
    if (this.socket.destroyed) return;
    const late = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.once('close', () => clearTimeout(late));
    this.socket.destroySoon();
  }

  #toPod(chunk: Buffer): void {
    const { socket, ws } = this;
    this.#lastDataMs = this.options.nowMs();
    const message = Buffer.allocUnsafe(chunk.length + 1);
    message[0] = DATA_CHANNEL;
    chunk.copy(message, 1);
    ws.send(message, () => {
      if (ws.bufferedAmount < HIGH_WATER_BYTES) socket.resume();
    });
    if (ws.bufferedAmount >= HIGH_WATER_BYTES) socket.pause();
  }

  #fromPod(data: RawData): void {
    this.#unanswered = 0;
    const message = data as Buffer;
    const channel = message[0] ?? CLOSE_CHANNEL;
    if (channel === CLOSE_CHANNEL) {
      if (message[1] === DATA_CHANNEL) this.socket.end();
      return;
    }
    const payload = message.subarray(this.#hasHeader.has(channel) ? 1 : 1 + PORT_HEADER_BYTES);
    this.#hasHeader.add(channel);
    if (channel === ERROR_CHANNEL) this.#errorText += payload.toString('utf8');
    else if (payload.length > 0) this.#toClient(payload);
  }

  #toClient(payload: Buffer): void {
    const { socket, ws } = this;
    this.#lastDataMs = this.options.nowMs();
    // Data that arrives after the client has left is dropped.
    if (!socket.writable || socket.write(payload)) return;
    ws.pause();
    socket.once('drain', () => ws.resume());
  }

  /** A paused websocket receives no pongs. */
  #ping(): void {
    if (this.ws.isPaused) return;
    if (this.#unanswered >= MOST_UNANSWERED) {
      this.#isUnresponsive = true;
      this.ws.terminate();
      return;
    }
    this.#unanswered += 1;
    this.ws.ping();
  }
}

/** Carries a connection over a paused websocket until either side ends; both are closed when it resolves. */
export const bridge = (socket: Socket, ws: WebSocket, options: BridgeOptions): Promise<BridgeEnd> =>
  new Bridge(socket, ws, options).run();
