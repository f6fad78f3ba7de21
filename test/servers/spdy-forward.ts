import { connect, type Socket } from 'node:net';
import type { ForwardUpgrade } from '../../src/sandbox/kubernetes/api-server.js';
import { containerPortOf } from '../../src/sandbox/kubernetes/cluster.js';
import { SpdySession } from './spdy-session.js';

const PROTOCOL = 'portforward.k8s.io';

/**
 * What `kubectl port-forward` opens: one SPDY connection for all it forwards, with an error stream and a data stream for
 * each connection, told apart by their headers `streamtype`, `port` and `requestid`.
 */
class SpdyForward {
  readonly #session: SpdySession;
  /** The stream that tells a connection's fault, by the connection's request. */
  readonly #errorStreams = new Map<string, number>();
  readonly #byDataStream = new Map<number, Socket>();

  constructor(private readonly upgrade: ForwardUpgrade) {
    this.#session = new SpdySession(upgrade.socket, {
      onStream: (id, headers) => this.#open(id, headers),
      onData: (id, data) => this.#toPod(id, data),
      onEnd: (id) => this.#byDataStream.get(id)?.end(),
    });
  }

  get pod(): ForwardUpgrade['pod'] {
    return this.upgrade.pod;
  }

  start(): void {
    const { socket, head } = this.upgrade;
    socket.once('close', () => this.#end());
    const answer = [
      'HTTP/1.1 101 Switching Protocols',
      'connection: Upgrade',
      'upgrade: SPDY/3.1',
      `x-stream-protocol-version: ${PROTOCOL}`,
    ];
    socket.write(`${answer.join('\r\n')}\r\n\r\n`);
    this.#session.start(head);
  }

  cut(): void {
    this.upgrade.socket.destroy();
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
    if (target === undefined || this.upgrade.fault?.kind === 'portClosed') {
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
    this.upgrade.socket.once('drain', () => socket.resume());
  }

  #toPod(id: number, data: Buffer): void {
    const socket = this.#byDataStream.get(id);
    if (socket === undefined || socket.write(data)) return;
    this.upgrade.socket.pause();
    socket.once('drain', () => this.upgrade.socket.resume());
  }

  #end(): void {
    for (const socket of this.#byDataStream.values()) socket.destroy();
  }
}

/** Serves kubectl's forwards; null for any other upgrade. */
export const acceptSpdy = (upgrade: ForwardUpgrade): SpdyForward | null => {
  if (upgrade.request.headers.upgrade !== 'SPDY/3.1') return null;
  const forward = new SpdyForward(upgrade);
  forward.start();
  return forward;
};
