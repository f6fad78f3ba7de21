import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { containerPortOf, type KubePod } from './cluster.js';
import type { KubeFault } from './faults.js';
import { SpdySession } from './spdy-session.js';

const PROTOCOL = 'portforward.k8s.io';

/**
 * What `kubectl port-forward` opens: one SPDY connection for all it forwards, with an error stream and a data stream for
 * each connection, told apart by their headers `streamtype`, `port` and `requestid`.
 */
export class KubeSpdyForward {
  readonly #session: SpdySession;
  /** The stream that tells a connection's fault, by the connection's request. */
  readonly #errorStreams = new Map<string, number>();
  readonly #byDataStream = new Map<number, Socket>();

  constructor(
    private readonly client: Duplex,
    readonly pod: KubePod,
    private readonly fault: KubeFault | null,
  ) {
    this.#session = new SpdySession(client, {
      onStream: (id, headers) => this.#open(id, headers),
      onData: (id, data) => this.#toPod(id, data),
      onEnd: (id) => this.#byDataStream.get(id)?.end(),
    });
  }

  start(head: Buffer): void {
    this.client.once('close', () => this.#end());
    const answer = [
      'HTTP/1.1 101 Switching Protocols',
      'connection: Upgrade',
      'upgrade: SPDY/3.1',
      `x-stream-protocol-version: ${PROTOCOL}`,
    ];
    this.client.write(`${answer.join('\r\n')}\r\n\r\n`);
    this.#session.start(head);
  }

  cut(): void {
    this.client.destroy();
  }

  #open(id: number, headers: ReadonlyMap<string, string>): void {
    const request = headers.get('requestid') ?? '';
    if (headers.get('streamtype') === 'error') {
      this.#errorStreams.set(request, id);
      return;
    }
    const errorStream = this.#errorStreams.get(request);
    this.#errorStreams.delete(request);
    if (errorStream !== undefined) this.#forward(id, Number(headers.get('port')), errorStream);
  }

  #forward(id: number, port: number, errorStream: number): void {
    const target = this.pod.service.ports.find((one) => containerPortOf(one) === port);
    if (target === undefined || this.fault?.kind === 'portClosed') {
      const text = `error forwarding port ${port} to pod ${this.pod.name}, uid : connection refused`;
      this.#session.send(errorStream, Buffer.from(text));
      this.#finish(id, errorStream);
      return;
    }
    const socket = connect({ host: '127.0.0.1', port: target.loopbackPort, allowHalfOpen: true });
    this.#byDataStream.set(id, socket);
    socket.on('data', (chunk) => this.#toClient(id, socket, chunk));
    socket.once('error', (error) => this.#session.send(errorStream, Buffer.from(error.message)));
    socket.once('end', () => socket.end());
    socket.once('close', () => this.#finish(id, errorStream));
  }

  #finish(id: number, errorStream: number): void {
    this.#byDataStream.delete(id);
    this.#session.end(id);
    this.#session.end(errorStream);
  }

  #toClient(id: number, socket: Socket, chunk: Buffer): void {
    if (this.#session.send(id, chunk)) return;
    socket.pause();
    this.client.once('drain', () => socket.resume());
  }

  #toPod(id: number, data: Buffer): void {
    const socket = this.#byDataStream.get(id);
    if (socket === undefined || socket.write(data)) return;
    this.client.pause();
    socket.once('drain', () => this.client.resume());
  }

  #end(): void {
    for (const socket of this.#byDataStream.values()) socket.destroy();
  }
}
