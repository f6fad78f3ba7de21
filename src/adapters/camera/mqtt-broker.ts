import { readFile } from 'node:fs/promises';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { mapTelemetry, parseTelemetry } from './telemetry-mapping.js';
import type { Credentials, DeviceSettings } from '../../config/settings.js';
import { AppError, errorCodeOf } from '../../ports/app-error.js';
import type { Clock } from '../../ports/clock.js';
import type { TelemetrySource } from '../../ports/telemetry.js';
import { Followers, type Follower } from './mqtt-subscribers.js';
import { orAborted } from '../../async/deadline.js';
import { redactedMessage } from '../runtime/redact.js';
import { timeoutSignal } from '../../async/timeout-signal.js';

interface MqttBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM file of the authority that signed the broker's certificate; null trusts the system's. */
  readonly caFile: string | null;
  /** Name in the broker's certificate where it is reached by another one, as through a tunnel. */
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
  /** True while a connection that once stood is lost. */
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
  private readonly followers = new Followers();
  private connected: Promise<MqttClient> | null = null;
  private isUp = true;

  constructor(private readonly options: MqttBrokerOptions) {}

  telemetryFor(mapping: DeviceSettings['telemetry']): TelemetrySource {
    return { follow: (handlers, signal) => this.follow({ mapping, handlers, hasHeard: false }, signal) };
  }

  async ready(): Promise<void> {
    await this.client();
  }

  isLost(): boolean {
    return !this.isUp;
  }

  async close(): Promise<void> {
    this.followers.clear();
    const connected = this.connected;
    this.connected = null;
    const [outcome] = await Promise.allSettled([connected]);
    if (outcome.status === 'fulfilled' && outcome.value !== null) await outcome.value.endAsync(true);
  }

  private async follow(follower: Follower, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const client = await orAborted(this.client(), signal);
    signal.throwIfAborted();
    this.followers.add(follower);
    signal.addEventListener('abort', () => this.leave(client, follower), { once: true });
    try {
      await this.subscribeInTime(client, follower.mapping.topic, signal);
    } catch (fault) {
      this.followers.remove(follower);
      throw fault;
    }
    signal.throwIfAborted();
  }

  /** While the connection is lost the client would keep a subscription waiting for ever. */
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
      `The MQTT broker does not let us read ${topic}.`,
      "Let the broker's user subscribe to the topic.",
    );
  }

  private leave(client: MqttClient, follower: Follower): void {
    const wasLast = this.followers.remove(follower);
    if (!client.connected || !wasLast) return;
    client.unsubscribe(follower.mapping.topic, (fault) => {
      if (fault) this.tellAll(this.lost(fault));
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

  /** After the first connection the client reconnects by itself; subscriptions are made anew here. */
  private attend(client: MqttClient): void {
    client.on('message', (topic, payload, packet) => this.deliver(topic, payload, packet));
    client.on('close', () => {
      if (this.isUp) this.tellAll(this.lost(null));
      this.isUp = false;
    });
    client.on('error', (fault) => this.tellAll(this.lost(fault)));
    client.on('connect', () => {
      this.isUp = true;
      this.subscribeAgain(client).catch((fault: unknown) => this.tellAll(this.lost(fault)));
    });
  }

  private async subscribeAgain(client: MqttClient): Promise<void> {
    for (const follower of this.followers.all()) follower.hasHeard = false;
    await Promise.all(this.followers.topics().map((topic) => this.subscribe(client, topic)));
  }

  private deliver(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const nowMs = this.options.clock.nowMs();
    const message = parseTelemetry(payload);
    for (const follower of this.followers.of(topic)) {
      if (packet.retain && follower.hasHeard) continue;
      const mapped = mapTelemetry(follower.mapping, message, nowMs, packet.retain);
      if (mapped === 'other device') continue;
      if (mapped instanceof AppError) follower.handlers.onFault(mapped);
      else {
        follower.hasHeard = true;
        follower.handlers.onSample(mapped);
      }
    }
  }

  private tellAll(fault: AppError): void {
    for (const { handlers } of this.followers.all()) handlers.onFault(fault);
  }

  private lost(fault: unknown): AppError {
    const why = fault === null ? '' : `: ${redactedMessage(fault, this.options.credentials)}`;
    return new AppError(
      'telemetry_lost',
      `The connection to the MQTT broker broke${why}.`,
      'It is tried again by itself; check the broker if this stays.',
    );
  }

  private toAppError(fault: unknown): AppError {
    const { host, port, credentials } = this.options;
    const why = redactedMessage(fault, credentials) || 'no answer';
    const code = errorCodeOf(fault);
    if (typeof code === 'number' && REFUSED.has(code))
      return new AppError(
        'broker_refused',
        `The MQTT broker at ${host}:${port} does not accept the user name and password.`,
        "Check the deployment's MQTT credentials.",
        new Error(why),
      );
    if (typeof code === 'string' && CERTIFICATE.test(code))
      return new AppError(
        'broker_certificate',
        `The certificate of the MQTT broker at ${host}:${port} is not trusted: ${why}.`,
        "Give the deployment's mqtt section the ca_file of the authority that signed it.",
        new Error(why),
      );
    return new AppError(
      'broker_unreachable',
      `The MQTT broker at ${host}:${port} cannot be reached: ${why}.`,
      'Check that the broker runs, and its address, port and TLS settings.',
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
      "Correct ca_file of the deployment's mqtt section.",
      fault,
    );
  }
};

/** A broker that restarts is away for a moment: the client tries again by itself after its pause. */
const FIRST_TRIES = 2;

const isFinal = (fault: unknown): boolean => {
  const code = errorCodeOf(fault);
  return typeof code === 'number' ? REFUSED.has(code) : CERTIFICATE.test(String(code));
};

/** Resolves with the first connection; rejects with the fault of the last try, which the client would otherwise repeat for ever. */
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
      // What the client still says while it is being ended has been told already.
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
