import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../ports/clock.js';
import { newId } from '../workspace/ids.js';
import type { JsonObject } from '../workspace/json.js';
import { isObject, objectAt, parseJson, textAt } from '../workspace/json.js';

/** How long the app has to acknowledge an envelope. */
const ACK_MS = 3_000;
const MAX_SOCKETS = 10;
const PING_MS = 10_000;
const CLOSE_GRACE_MS = 1_000;

type EnvelopeType = 'slash_commands' | 'interactive' | 'events_api';

/** The outcome of one envelope. */
export type Delivery =
  | { readonly outcome: 'acked'; readonly response: JsonObject; readonly latencyMs: number }
  | { readonly outcome: 'timeout' }
  | { readonly outcome: 'no_socket' };

interface Waiting {
  readonly settle: (delivery: Delivery) => void;
  readonly sentAtMs: number;
  readonly acceptsResponse: boolean;
}

/** The workspace's end of Socket Mode: up to ten sockets of one app, each envelope sent to one of them. */
export class SocketMode {
  /** How long each acknowledgement took, in order. */
  readonly ackLatenciesMs: number[] = [];
  /** Envelopes acknowledged after the deadline. */
  readonly lateAcks: string[] = [];
  readonly #clock: Clock;
  readonly #appId: string;
  readonly #onPresence: (connections: number) => void;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #sockets: WebSocket[] = [];
  readonly #tickets = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #expired = new Set<string>();
  readonly #closing = new AbortController();
  #turn = 0;
  /** The last envelope, as it was sent. */
  #last = '';
  #pings: NodeJS.Timeout | null = null;

  /** Calls `onPresence` with the number of connected sockets whenever it changes. */
  constructor(clock: Clock, appId: string, onPresence: (connections: number) => void) {
    this.#clock = clock;
    this.#appId = appId;
    this.#onPresence = onPresence;
  }

  get connections(): number {
    return this.#sockets.length;
  }

  /** An address where the app can connect once. */
  newAddress(port: number): string {
    const ticket = newId('', 24);
    this.#tickets.add(ticket);
    return `ws://127.0.0.1:${port}/link/?ticket=${ticket}&app_id=${this.#appId}`;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'ws://127.0.0.1').searchParams.get('ticket') ?? '';
    if (!this.#tickets.delete(ticket)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connected) => this.#welcome(connected));
  }

  #welcome(socket: WebSocket): void {
    socket.on('error', (error) => process.emitWarning(error));
    if (this.#sockets.length >= MAX_SOCKETS) return this.#dismiss(socket, 'too_many_websockets');
    this.#sockets.push(socket);
    this.#onPresence(this.#sockets.length);
    this.#pings ??= setInterval(() => this.#sockets.forEach((each) => each.ping()), PING_MS).unref();
    socket.on('message', (data: Buffer) => this.#receive(data.toString('utf8')));
    socket.once('close', () => {
      const index = this.#sockets.indexOf(socket);
      if (index >= 0) this.#sockets.splice(index, 1);
      this.#onPresence(this.#sockets.length);
    });
    const hello = {
      type: 'hello',
      num_connections: this.#sockets.length,
      debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: 3600 },
      connection_info: { app_id: this.#appId },
    };
    socket.send(JSON.stringify(hello));
    socket.ping();
  }

  #receive(text: string): void {
    const message = parseJson(text);
    if (!isObject(message)) return;
    const id = textAt(message, 'envelope_id');
    if (this.#expired.delete(id)) this.lateAcks.push(id);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const latencyMs = this.#clock.nowMs() - waiting.sentAtMs;
    this.ackLatenciesMs.push(latencyMs);
    waiting.settle({
      outcome: 'acked',
      response: waiting.acceptsResponse ? objectAt(message, 'payload') : {},
      latencyMs,
    });
  }

  /** Sends an envelope to one of the app's sockets and waits for its acknowledgement. */
  async deliver(
    type: EnvelopeType,
    payload: JsonObject,
    retry?: { attempt: number; reason: string },
  ): Promise<Delivery> {
    const socket = this.#nextSocket();
    if (socket === undefined) return { outcome: 'no_socket' };
    const id = randomUUID();
    const acceptsResponse = type !== 'events_api';
    const answer = this.#expect(id, acceptsResponse);
    this.#last = JSON.stringify({
      envelope_id: id,
      type,
      accepts_response_payload: acceptsResponse,
      payload,
      ...(type === 'events_api'
        ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' }
        : {}),
    });
    socket.send(this.#last);
    return answer;
  }

  /** Sends the last envelope again, to the next socket, as Slack may do when connections change. */
  redeliver(): void {
    this.#nextSocket()?.send(this.#last);
  }

  #nextSocket(): WebSocket | undefined {
    const open = this.#sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
    return open[this.#turn++ % Math.max(1, open.length)];
  }

  async #expect(id: string, acceptsResponse: boolean): Promise<Delivery> {
    const deadline = new AbortController();
    const signal = AbortSignal.any([deadline.signal, this.#closing.signal]);
    const answered = new Promise<Delivery>((settle) => {
      this.#waiting.set(id, { settle, sentAtMs: this.#clock.nowMs(), acceptsResponse });
    });
    const late = this.#clock.sleep(ACK_MS, signal).then(
      (): Delivery => {
        this.#expired.add(id);
        return { outcome: 'timeout' };
      },
      (): Delivery => ({ outcome: 'no_socket' }),
    );
    const delivery = await Promise.race([answered, late]);
    this.#waiting.delete(id);
    deadline.abort();
    return delivery;
  }

  #dismiss(socket: WebSocket, reason: string): void {
    socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'sandbox' } }));
    const grace = setTimeout(() => socket.close(), CLOSE_GRACE_MS).unref();
    socket.once('close', () => clearTimeout(grace));
  }

  /** Asks every socket to reconnect, as Slack does about every hour. */
  refresh(): void {
    for (const socket of this.#sockets) this.#dismiss(socket, 'refresh_requested');
  }

  /** Breaks every connection without notice. */
  drop(): void {
    for (const socket of [...this.#sockets]) socket.terminate();
  }

  /** Closes every socket; those that do not answer are cut. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#pings !== null) clearInterval(this.#pings);
    const gone = this.#sockets.map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.close(1001);
    const impatience = setTimeout(() => this.drop(), CLOSE_GRACE_MS);
    await Promise.all(gone);
    clearTimeout(impatience);
    this.#server.close();
  }
}
