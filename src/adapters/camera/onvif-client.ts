import { Agent } from 'node:http';
import type { Credentials } from '../../config/settings.js';
import { AppError } from '../../ports/app-error.js';
import {
  createSoapClient,
  elementsIn,
  type SoapCallback,
  type SoapClient,
  type XmlElement,
} from './onvif-soap.js';
import { redactedMessage } from '../runtime/redact.js';
import { timeoutSignal } from '../../async/timeout-signal.js';

export interface OnvifAddress {
  readonly host: string;
  readonly port: number;
  /** Path of the device service. */
  readonly path: string;
  readonly credentials: Credentials | null;
  /** For one request and its answer. */
  readonly callTimeoutMs?: number;
}

/** The camera refused a request, for a reason other than the password. */
export class OnvifRefusal extends Error {}

class AuthFault extends Error {}

type Call = (callback: SoapCallback) => void;

const CALL_TIMEOUT_MS = 7_000;
const CLOCK_SLACK_MS = 2_000;
const NOT_AUTHORIZED = /not\s?authorized|unauthorized|digest authentication/i;

/** Requests to one camera's ONVIF services, each with a deadline; services are reached at the given address only. */
export class OnvifClient {
  private readonly agent = new Agent({ keepAlive: false });
  private readonly client: SoapClient;
  private hasBeenAccepted = false;

  constructor(private readonly address: OnvifAddress) {
    this.client = createSoapClient({
      hostname: address.host,
      port: address.port,
      path: address.path,
      username: address.credentials?.username ?? '',
      password: address.credentials?.password ?? '',
      timeout: this.timeoutMs(),
      agent: this.agent,
    });
  }

  /** Reads the camera's clock and its list of services. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.readClock(signal);
    try {
      await this.authorised((done) => this.client.getServices(false, done), signal);
    } catch (fault) {
      const isOther = fault instanceof AppError && fault.code === 'onvif_not_understood';
      if (!isOther && !(fault instanceof OnvifRefusal)) throw fault;
      // The camera predates GetServices, or its list of services is one the package cannot read.
      await this.authorised((done) => this.client.getCapabilities(done), signal);
    }
  }

  has(service: 'media' | 'media2' | 'ptz'): boolean {
    return this.client.uri?.[service] !== undefined;
  }

  /** Profiles in one shape, whichever media service the camera has. */
  async profiles(signal: AbortSignal): Promise<unknown> {
    return this.authorised((done) => this.client.getProfiles(done), signal);
  }

  async absoluteMove(move: object, signal: AbortSignal): Promise<void> {
    await this.authorised((done) => this.client.absoluteMove({ ...move }, done), signal);
  }

  /** Sends a request to the PTZ service; resolves to the response's element. */
  async ask(operation: string, content: string, signal: AbortSignal): Promise<XmlElement> {
    const request = `<${operation} xmlns="http://www.onvif.org/ver20/ptz/wsdl">${content}</${operation}>`;
    const { client } = this;
    const body = await this.authorised((done) => {
      const envelope = client._envelopeHeader() + request + client._envelopeFooter();
      client._request({ service: 'ptz', body: envelope }, done);
    }, signal);
    const name = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}Response`;
    const response = Array.isArray(body) ? elementsIn(body[0], name)[0] : undefined;
    if (response === undefined) throw this.notUnderstood(new Error(`there is no ${name}`));
    return response;
  }

  close(): void {
    this.agent.destroy();
  }

  /** Names this camera's service in messages. */
  name(): string {
    return `${this.address.host}:${this.address.port}`;
  }

  /** An authentication fault may come from the clock, or from a camera that accepts HTTP digest only. */
  private async authorised(call: Call, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.accepted(call, signal);
    } catch (fault) {
      if (!(fault instanceof AuthFault)) throw fault;
      return this.authorisedAgain(call, fault, signal);
    }
  }

  /** Few attempts only: cameras lock out a client that fails too often. */
  private async authorisedAgain(call: Call, first: AuthFault, signal: AbortSignal): Promise<unknown> {
    const { client } = this;
    try {
      if (await this.clockHasMoved(signal)) return await this.accepted(call, signal);
      if (this.hasBeenAccepted || !client.useWSSecurity) throw first;
      client.useWSSecurity = false;
      return await this.accepted(call, signal);
    } catch (fault) {
      if (!this.hasBeenAccepted) client.useWSSecurity = true;
      throw fault instanceof AuthFault ? this.notAuthorised(fault) : fault;
    }
  }

  private async accepted(call: Call, signal: AbortSignal): Promise<unknown> {
    const body = await this.bounded(call, signal);
    this.hasBeenAccepted = true;
    return body;
  }

  private async clockHasMoved(signal: AbortSignal): Promise<boolean> {
    const before = this.client.timeShift ?? 0;
    await this.readClock(signal);
    return Math.abs((this.client.timeShift ?? 0) - before) > CLOCK_SLACK_MS;
  }

  private async readClock(signal: AbortSignal): Promise<void> {
    this.client.timeShift = undefined;
    try {
      await this.bounded((done) => this.client.getSystemDateAndTime(done), signal);
    } catch (fault) {
      if (!(fault instanceof AuthFault || fault instanceof OnvifRefusal)) throw fault;
    }
    // A camera that does not report its time is assumed to have ours.
    this.client.timeShift ??= Date.now() - process.uptime() * 1000;
  }

  /**
   * The package never calls back when a peer dribbles or closes in the middle, so the deadline is ours, and ends the
   * connection.
   */
  private bounded(call: Call, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const deadline = timeoutSignal(this.timeoutMs());
    const ended = AbortSignal.any([signal, deadline]);
    return new Promise<unknown>((resolve, reject) => {
      const end = (): void => {
        this.agent.destroy();
        const reason: unknown = signal.reason;
        const aborted = reason instanceof Error ? reason : new Error(String(reason));
        reject(signal.aborted ? aborted : this.timedOut());
      };
      ended.addEventListener('abort', end, { once: true });
      call((fault, body, xml, status) => {
        ended.removeEventListener('abort', end);
        if (fault) reject(this.toError(fault, xml ?? '', status));
        else resolve(body);
      });
    });
  }

  private toError(fault: Error, xml: string, status: number | undefined): Error {
    const { message } = fault;
    if (status === 401 || NOT_AUTHORIZED.test(message) || NOT_AUTHORIZED.test(xml))
      return new AuthFault(message);
    if (message.startsWith('ONVIF SOAP Fault')) return new OnvifRefusal(this.redacted(fault));
    if (message === 'Network timeout') return this.timedOut();
    if ('code' in fault) return this.unreachable(fault);
    return this.notUnderstood(fault);
  }

  private timeoutMs(): number {
    return this.address.callTimeoutMs ?? CALL_TIMEOUT_MS;
  }

  private redacted(fault: unknown): string {
    return redactedMessage(fault, this.address.credentials);
  }

  private timedOut(): AppError {
    return new AppError(
      'onvif_timeout',
      `The camera's ONVIF service at ${this.name()} did not answer within ${this.timeoutMs() / 1000} s.`,
      'Check that the camera is working, and that the connection to it is good enough.',
    );
  }

  private unreachable(fault: Error): AppError {
    return new AppError(
      'onvif_unreachable',
      `The camera's ONVIF service at ${this.name()} cannot be reached: ${this.redacted(fault)}.`,
      'Check that the camera is on, and that its address and port are correct.',
      new Error(this.redacted(fault)),
    );
  }

  private notUnderstood(fault: unknown): AppError {
    return new AppError(
      'onvif_not_understood',
      `The service at ${this.name()}${this.address.path} does not speak ONVIF: ${this.redacted(fault)}.`,
      'Correct the port and path in the onvif section of devices.yaml.',
      new Error(this.redacted(fault)),
    );
  }

  private notAuthorised(fault: Error): AppError {
    return new AppError(
      'onvif_auth',
      `The camera's ONVIF service at ${this.name()} rejected the user name and password.`,
      "Check the camera's ONVIF credentials, and that the user is allowed to use PTZ.",
      new Error(this.redacted(fault)),
    );
  }
}
