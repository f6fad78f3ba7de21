import { connect, type Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { containerPortOf, type KubePod } from './cluster.js';
import type { KubeFault } from './faults.js';

/** Subprotocols of port-forward; real API servers settle on v4, v5 can tell the end of one stream. */
export const FORWARD_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

const DATA_CHANNEL = 0;
const ERROR_CHANNEL = 1;
const CLOSE_CHANNEL = 255;
const HIGH_WATER_BYTES = 1 << 20;

const frame = (channel: number, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([channel]), payload]);

const portHeader = (port: number): Buffer => Buffer.from([port & 0xff, port >> 8]);

/**
 * One forwarded connection as the kubelet serves it: binary messages whose first byte is the channel, the first message
 * of each channel the port, faults as text on channel 1, the end of the connection a close of the websocket.
 */
export class KubePortForward {
  #socket: Socket | null = null;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly ws: WebSocket,
    readonly pod: KubePod,
    private readonly port: number,
    private readonly fault: KubeFault | null,
  ) {}

  start(): void {
    this.ws.on('close', () => this.#end());
    this.ws.on('error', () => this.ws.terminate());
    if (this.fault?.kind === 'halfOpen') return;
    this.#noteTraffic();
    this.ws.on('ping', (data: Buffer) => this.ws.pong(data));
    this.ws.on('ping', () => this.#noteTraffic());
    for (const channel of [DATA_CHANNEL, ERROR_CHANNEL]) this.ws.send(frame(channel, portHeader(this.port)));
    const target = this.pod.service.ports.find((port) => containerPortOf(port) === this.port);
    if (target === undefined || this.fault?.kind === 'portClosed') this.#refuse('connection refused');
    else this.#forward(target.loopbackPort);
  }

  /** Cuts the connection without a word, as when the pod or the way to it is gone. */
  cut(): void {
    this.ws.terminate();
  }

  #forward(loopbackPort: number): void {
    const socket = connect({ host: '127.0.0.1', port: loopbackPort, allowHalfOpen: true });
    this.#socket = socket;
    let isConnected = false;
    socket.once('connect', () => (isConnected = true));
    socket.on('data', (chunk) => this.#toClient(socket, chunk));
    socket.once('end', () => {
      if (this.ws.protocol === FORWARD_PROTOCOLS[0])
        this.ws.send(frame(CLOSE_CHANNEL, Buffer.from([DATA_CHANNEL])));
      this.ws.close(1000);
    });
    socket.once('error', (error) => {
      if (isConnected) this.ws.close(1000);
      else this.#refuse(error.message);
    });
    this.ws.on('message', (message: Buffer) => this.#toPod(socket, message));
  }

  #toClient(socket: Socket, chunk: Buffer): void {
    this.#noteTraffic();
    this.ws.send(frame(DATA_CHANNEL, chunk), () => {
      if (this.ws.bufferedAmount < HIGH_WATER_BYTES) socket.resume();
    });
    if (this.ws.bufferedAmount >= HIGH_WATER_BYTES) socket.pause();
  }

  #toPod(socket: Socket, message: Buffer): void {
    this.#noteTraffic();
    if (message[0] === CLOSE_CHANNEL && this.ws.protocol === FORWARD_PROTOCOLS[0]) socket.end();
    if (message[0] !== DATA_CHANNEL || socket.write(message.subarray(1))) return;
    this.ws.pause();
    socket.once('drain', () => this.ws.resume());
  }

  #refuse(reason: string): void {
    const text =
      `error forwarding port ${this.port} to pod ${this.pod.name}, uid : failed to connect to ` +
      `localhost:${this.port} inside namespace: dial tcp4 127.0.0.1:${this.port}: connect: ${reason}`;
    this.ws.send(frame(ERROR_CHANNEL, Buffer.from(text)));
    this.ws.close(1000);
  }

  #noteTraffic(): void {
    if (this.fault?.kind !== 'idleCutOff') return;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.cut(), this.fault.afterMs);
  }

  #end(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#socket?.destroy();
  }
}
