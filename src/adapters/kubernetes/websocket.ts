import type { KubeConfig } from '@kubernetes/client-node';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket, type ClientOptions } from 'ws';
import { ApiRefusal, reasonIn } from './errors.js';

/** Offered in the order of the library. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const refusalOf = async (response: IncomingMessage): Promise<ApiRefusal> =>
  new ApiRefusal(response.statusCode ?? 0, reasonIn(await text(response)));

/**
 * Opens a websocket to the API server, paused, so that no data arrives before a listener is attached. Rejects with an
 * {@link ApiRefusal} when the server answers otherwise, and with the system's error when it cannot be reached. The library's
 * own handler is not used: it hides the refusal's reason, knows no backpressure, and lets the server end our standard output.
 */
export const openWebSocket = async (
  config: KubeConfig,
  path: string,
  signal: AbortSignal,
): Promise<WebSocket> => {
  const options: ClientOptions = { perMessageDeflate: false };
  await config.applyToHTTPSOptions(options);
  signal.throwIfAborted();
  const server = config.getCurrentCluster()?.server ?? '';
  const ws = new WebSocket(`${server.replace(/^http/, 'ws').replace(/\/$/, '')}${path}`, PROTOCOLS, options);
  const abandon = (): void => ws.terminate();
  signal.addEventListener('abort', abandon, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      ws.on('error', reject);
      ws.once('unexpected-response', (_request, response) => {
        refusalOf(response).then(reject, reject);
      });
      ws.once('open', () => {
        ws.pause();
        resolve();
      });
    });
    signal.throwIfAborted();
    return ws;
  } catch (fault) {
    ws.terminate();
    throw fault;
  } finally {
    signal.removeEventListener('abort', abandon);
  }
};
