import { readFile } from 'node:fs/promises';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { mapTelemetry, parseTelemetry } from './telemetry-mapping.js';
import type { Credentials, DeviceSettings } from '../../config/settings.js';
import { AppError, errorCodeOf } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { TelemetrySource } from '../../ports/telemetry.js';
import { Subscribers, type Subscriber } from './mqtt-subscribers.js';
import { orAborted } from '../../async/deadline.js';
import { redactedMessage } from '../runtime/redact.js';
import { timeoutSignal } from '../../async/timeout-signal.js';

interface MqttBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM file of the authority that signed the broker's certificate; null trusts the system's. */
  readonly caFile: string | null;
  /** Name in the broker's certificate when it is reached under another name, as through a tunnel. */
  readonly serverName?: string;
  readonly credentials: Credentials | null;
  readonly clientIdPrefix: string;
  readonly clock: Clock;
}

/** One connection that serves all devices of a broker; connected when first needed. */
export interface MqttBroker {
  telemetryFor(telemetry: DeviceSettings['telemetry']): TelemetrySource;
  /** Connects, if nothing has; AppErrors `broker_unreachable`, `broker_certificate` and `broker_refused`. */
  ready(): Promise<void>;
  /** True while an established connection is lost. */
  isLost(): boolean;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const RECONNECT_MS = 2_000;
const KEEPALIVE_S = 30;
/** CONNACK codes for a bad name or password and for being forbidden: MQTT 3.1.1 and 5. */
const REFUSED = new Set([4, 5, 134, 135, 138]);
const NOT_GRANTED = 128;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

class Broker implements MqttBroker {
  private readonly subscribers = new Subscribers();
  private connected: Promise<MqttClient> | null = null;
  private isUp = true;

  constructor(private readonly options: MqttBrokerOptions) {}

  telemetryFor(mapping: DeviceSettings['telemetry']): TelemetrySource {
    return { follow: (handlers, signal) => this.follow({ mapping, handlers, hasReceived: false }, signal) };
  }

  async ready(): Promise<void> {
    await this.client();
  }

  isLost(): boolean {
    return !this.isUp;
  }

  async close(): Promise<void> {
    this.subscribers.clear();
    const connected = this.connected;
    this.connected = null;
    const [outcome] = await Promise.allSettled([connected]);
    if (outcome.status === 'fulfilled' && outcome.value !== null) await outcome.value.endAsync(true);
  }

  private async follow(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const client = await orAborted(this.client(), signal);
    signal.throwIfAborted();
    this.subscribers.add(subscriber);
    signal.addEventListener('abort', () => this.leave(client, subscriber), { once: true });
    try {
      await this.subscribeInTime(client, subscriber.mapping.topic, signal);
    } catch (fault) {
      this.subscribers.remove(subscriber);
      throw fault;
    }
    signal.throwIfAborted();
  }

  /** While the connection is lost the client would keep a subscription pending forever. */
  private async subscribeInTime(client: MqttClient, topic: string, signal: AbortSignal): Promise<void> {
    const deadline = timeoutSignal(CONNECT_TIMEOUT_MS);
    try {
      await orAborted(this.subscribe(client, topic), AbortSignal.any([signal, deadline]));
    } catch (fault) {
      signal.throwIfAborted();
      throw deadline.aborted ? this.toAppError(new Error('it did not answer in time')) : fault;
    }
  }

  private async subscribe(client: MqttClient, topic: string): Promise<void> {
    const grants = await client.subscribeAsync(topic, { qos: 0 });
    if (grants.every((grant) => grant.qos < NOT_GRANTED)) return;
    throw new AppError(
      'broker_refused',
      `The MQTT broker denied the subscription to ${topic}.`,
      "Allow the broker's user to subscribe to the topic.",
    );
  }

  private leave(client: MqttClient, subscriber: Subscriber): void {
    const wasLast = this.subscribers.remove(subscriber);
    if (!client.connected || !wasLast) return;
    client.unsubscribe(subscriber.mapping.topic, (fault) => {
      if (fault) this.reportToAll(this.lost(fault));
    });
  }

  private client(): Promise<MqttClient> {
    this.connected ??= this.connect().catch((fault: unknown) => {
      this.connected = null;
      throw fault;
    });
    return this.connected;
  }

  private async connect(): Promise<MqttClient> {
    const client = mqtt.connect(await this.connectOptions());
    try {
      await firstConnection(client);
    } catch (fault) {
      await client.endAsync(true);
      throw this.toAppError(fault);
    }
    this.attend(client);
    return client;
  }

  private async connectOptions(): Promise<IClientOptions> {
    const { host, port, tls, caFile, serverName, credentials, clientIdPrefix } = this.options;
    const suffix = Math.random().toString(16).slice(2, 10);
    return {
      protocol: tls ? 'mqtts' : 'mqtt',
      host,
      port,
      clientId: `${clientIdPrefix}-${suffix}`,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: RECONNECT_MS,
      resubscribe: false,
      ...(credentials ?? {}),
      ...(caFile === null ? {} : { ca: await readCertificate(caFile) }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    };
  }

  /** After the first connection the client reconnects by itself; this renews the subscriptions. */
  private attend(client: MqttClient): void {
    client.on('message', (topic, payload, packet) => this.deliver(topic, payload, packet));
    client.on('close', () => {
      if (this.isUp) this.reportToAll(this.lost(null));
      this.isUp = false;
    });
    client.on('error', (fault) => this.reportToAll(this.lost(fault)));
    client.on('connect', () => {
      this.isUp = true;
      this.subscribeAgain(client).catch((fault: unknown) => this.reportToAll(this.lost(fault)));
    });
  }

  private async subscribeAgain(client: MqttClient): Promise<void> {
    for (const subscriber of this.subscribers.all()) subscriber.hasReceived = false;
    await Promise.all(this.subscribers.topics().map((topic) => this.subscribe(client, topic)));
  }

  private deliver(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const nowMs = this.options.clock.nowMs();
    const message = parseTelemetry(payload);
    for (const subscriber of this.subscribers.of(topic)) {
      if (packet.retain && subscriber.hasReceived) continue;
      const mapped = mapTelemetry(subscriber.mapping, message, nowMs, packet.retain);
      if (mapped === 'other device') continue;
      if (mapped instanceof AppError) subscriber.handlers.onFault(mapped);
      else {
        subscriber.hasReceived = true;
        subscriber.handlers.onSample(mapped);
      }
    }
  }

  private reportToAll(fault: AppError): void {
    for (const { handlers } of this.subscribers.all()) handlers.onFault(fault);
  }

  private lost(fault: unknown): AppError {
    const why = fault === null ? '' : `: ${redactedMessage(fault, this.options.credentials)}`;
    return new AppError(
      'telemetry_lost',
      `The connection to the MQTT broker was lost${why}.`,
      'It reconnects by itself; if the error persists, check the broker.',
    );
  }

  private toAppError(fault: unknown): AppError {
    const { host, port, credentials } = this.options;
    const why = redactedMessage(fault, credentials) || 'no answer';
    const code = errorCodeOf(fault);
    if (typeof code === 'number' && REFUSED.has(code))
      return new AppError(
        'broker_refused',
        `The MQTT broker at ${host}:${port} rejected the user name and password.`,
        "Check the deployment's MQTT credentials.",
        new Error(why),
      );
    if (typeof code === 'string' && CERTIFICATE.test(code))
      return new AppError(
        'broker_certificate',
        `The certificate of the MQTT broker at ${host}:${port} is not trusted: ${why}.`,
        "Set ca_file in the deployment's mqtt section to the authority that signed it.",
        new Error(why),
      );
    return new AppError(
      'broker_unreachable',
      `The MQTT broker at ${host}:${port} cannot be reached: ${why}.`,
      'Check that the broker is running, and its address, port and TLS settings.',
      new Error(why),
    );
  }
}

const readCertificate = async (file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (fault) {
    throw new AppError(
      'broker_unreachable',
      `The certificate file ${file} cannot be read.`,
      "Correct ca_file in the deployment's mqtt section.",
      fault,
    );
  }
};

/** A restarting broker is away for a moment: the client retries by itself after a pause. */
const FIRST_TRIES = 2;

const isFinal = (fault: unknown): boolean => {
  const code = errorCodeOf(fault);
  return typeof code === 'number' ? REFUSED.has(code) : CERTIFICATE.test(String(code));
};

/** Resolves with the first connection; rejects with the last attempt's fault, where the client would retry forever. */
const firstConnection = (client: MqttClient): Promise<void> =>
  new Promise((resolve, reject) => {
    let tries = 0;
    let latest: Error | null = null;
    const timer = setTimeout(() => done(new Error('it did not answer in time')), CONNECT_TIMEOUT_MS);
    const done = (fault?: Error): void => {
      clearTimeout(timer);
      client.removeAllListeners('connect');
      client.removeListener('error', failed);
      client.removeListener('close', closed);
      // Errors while the client closes have been reported already.
      if (fault !== undefined) client.on('error', () => undefined);
      if (fault === undefined) resolve();
      else reject(fault);
    };
    const failed = (fault: Error): void => {
      latest = fault;
      if (isFinal(fault)) done(fault);
    };
    const closed = (): void => {
      tries += 1;
      if (tries === FIRST_TRIES) done(latest ?? new Error('it closed the connection'));
    };
    client.once('connect', () => done());
    client.on('error', failed);
    client.on('close', closed);
  });

/** Telemetry from one MQTT broker, one connection for all its devices. */
export const createMqttBroker = (options: MqttBrokerOptions): MqttBroker => new Broker(options);
