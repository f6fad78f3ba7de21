import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { CameraModel } from '../camera/camera-model.js';
import type { FaultSwitch } from '../site/device-faults.js';
import { DigestGate, type Login } from '../site/http-digest.js';
import { LoopbackServer } from '../site/loopback-server.js';
import { judgeCredentials } from './auth.js';
import { DEVICE_OPERATIONS, MEDIA_OPERATIONS, PATHS, type DeviceContext } from './device-service.js';
import { OnvifHead } from './moving-head.js';
import { PTZ_OPERATIONS, type Operation } from './ptz-service.js';
import { envelope, faultEnvelope, OnvifFaultError, operationOf } from './soap.js';

interface OnvifOptions {
  readonly model: CameraModel;
  readonly deviceId: string;
  readonly login: Login;
  readonly streamUri: string;
  readonly fps: number;
  readonly faults: FaultSwitch;
}

interface OnvifServer {
  readonly port: number;
  close(): Promise<void>;
}

const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation<DeviceContext>>>>> = {
  [PATHS.device]: DEVICE_OPERATIONS,
  [PATHS.media]: MEDIA_OPERATIONS,
  [PATHS.ptz]: PTZ_OPERATIONS,
};

const MAX_BODY_BYTES = 65_536;
const DRIBBLE_MS = 300;
const MS_PER_MINUTE = 60_000;

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new OnvifFaultError(true, ['ter:InvalidArgs'], 'Request too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

interface Answer {
  readonly status: number;
  readonly xml: string;
  readonly challenge?: string;
}

const refusal = (fault: OnvifFaultError): Answer => ({
  status: fault.sender ? 400 : 500,
  xml: faultEnvelope(fault),
});

/** One virtual camera's ONVIF services behind one HTTP address. */
class OnvifService {
  readonly #digest: DigestGate;
  readonly #dribbles = new Set<NodeJS.Timeout>();

  constructor(
    private readonly options: OnvifOptions,
    private readonly context: DeviceContext,
  ) {
    this.#digest = new DigestGate('camera', options.login, true);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const xml = await readBody(request);
    const fault = this.options.faults.onvif?.kind;
    if (fault === 'hang') return;
    const answer = this.#answer(request, xml);
    response.statusCode = answer.status;
    response.setHeader('Content-Type', 'application/soap+xml; charset=utf-8');
    if (answer.challenge !== undefined) response.setHeader('WWW-Authenticate', answer.challenge);
    if (fault === 'dribble') this.#dribble(response, answer.xml);
    else response.end(answer.xml);
  }

  close(): void {
    for (const timer of this.#dribbles) clearInterval(timer);
  }

  #answer(request: IncomingMessage, xml: string): Answer {
    const name = operationOf(xml);
    if (name !== 'GetSystemDateAndTime') {
      const denied = this.#deny(request, xml);
      if (denied !== null) return denied;
    }
    const operation = OPERATIONS[request.url?.split('?')[0] ?? '']?.[name];
    try {
      if (operation === undefined)
        throw new OnvifFaultError(false, ['ter:ActionNotSupported'], `${name} is not implemented`);
      return { status: 200, xml: envelope(operation(xml, this.context)) };
    } catch (error) {
      if (error instanceof OnvifFaultError) return refusal(error);
      throw error;
    }
  }

  #deny(request: IncomingMessage, xml: string): Answer | null {
    const { authorization } = request.headers;
    const verdict = judgeCredentials(
      { method: request.method ?? 'POST', authorization, xml },
      {
        login: this.options.login,
        digest: this.#digest,
        deviceNowMs: this.context.deviceNowMs(),
        httpDigestOnly: this.options.faults.onvif?.kind === 'httpDigestOnly',
      },
    );
    if (verdict === 'allowed') return null;
    const told = refusal(new OnvifFaultError(true, ['ter:NotAuthorized'], 'Sender not authorized'));
    return verdict === 'rejected' ? told : { ...told, status: 401, challenge: this.#digest.challenge() };
  }

  #dribble(response: ServerResponse, xml: string): void {
    const bytes = Buffer.from(xml);
    response.setHeader('Content-Length', bytes.length);
    let sent = 0;
    const timer = setInterval(() => response.write(bytes.subarray(sent, ++sent)), DRIBBLE_MS);
    this.#dribbles.add(timer);
    response.once('close', () => {
      clearInterval(timer);
      this.#dribbles.delete(timer);
    });
  }
}

/** Serves one camera's ONVIF device, media and PTZ services by HTTP on loopback. */
export const startOnvifServer = async (options: OnvifOptions): Promise<OnvifServer> => {
  const { model, deviceId, streamUri, fps, faults } = options;
  const head = new OnvifHead(model, faults);
  const deviceNowMs = (): number => {
    const fault = faults.onvif;
    return Date.now() + (fault?.kind === 'clockSkew' ? fault.minutes * MS_PER_MINUTE : 0);
  };
  const server = createServer((request, response) => {
    service.serve(request, response).catch((error: unknown) => {
      process.emitWarning(error instanceof Error ? error : String(error));
      response.destroy();
    });
  });
  const loopback = new LoopbackServer(server);
  const port = await loopback.listen();
  const baseUrl = `http://127.0.0.1:${port}`;
  const service = new OnvifService(options, { head, faults, deviceNowMs, deviceId, fps, baseUrl, streamUri });
  return {
    port,
    close: async () => {
      service.close();
      head.close();
      await loopback.close();
    },
  };
};
