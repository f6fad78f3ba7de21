import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** A TCP (or HTTP) server on loopback that can refuse connections for a while and closes without leaving sockets behind. */
export class LoopbackServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Starts listening on the given port, or a free one, and answers which. */
  async listen(port = 0): Promise<number> {
    this.#server.listen(port, LOOPBACK);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#server.on('error', (error) => process.emitWarning(error));
    return this.#port;
  }

  /** Cuts every connection and refuses new ones until {@link resume}. */
  suspend(): void {
    if (this.#server.listening) this.#server.close();
    this.#cut();
  }

  resume(): void {
    if (!this.#server.listening) this.#server.listen(this.#port, LOOPBACK);
  }

  async close(): Promise<void> {
    const gone = [...this.#sockets].map((socket) => once(socket, 'close'));
    const stopped = this.#server.listening ? once(this.#server, 'close') : Promise.resolve();
    if (this.#server.listening) this.#server.close();
    this.#cut();
    await Promise.all([stopped, ...gone]);
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
