import { Aedes } from 'aedes';
import { createServer } from 'node:net';
import type { Login } from './http-digest.js';
import { LoopbackServer } from './loopback-server.js';

interface MqttPublisher {
  readonly topic: string;
  /** The next payload, or null to stay silent this time. */
  nextPayload(): string | null;
}

interface MqttOptions {
  /** Null: anybody may read. */
  readonly login: Login | null;
  readonly rateHz: number;
  readonly publishers: readonly MqttPublisher[];
}

export interface MqttBroker {
  readonly port: number;
  close(): Promise<void>;
}

const requireLogin = (broker: Aedes, login: Login): void => {
  broker.authenticate = (_client, username, password, done) =>
    done(null, username === login.username && password?.toString('utf8') === login.password);
};

/** A broker on loopback whose cameras publish retained telemetry at a fixed rate. */
export const startMqttBroker = async (options: MqttOptions): Promise<MqttBroker> => {
  const broker = await Aedes.createBroker();
  if (options.login !== null) requireLogin(broker, options.login);
  const loopback = new LoopbackServer(createServer((socket) => broker.handle(socket)));
  const port = await loopback.listen();
  const publish = ({ topic, nextPayload }: MqttPublisher): void => {
    const payload = nextPayload();
    if (payload === null) return;
    // An empty retained payload would delete the retained message, so it is sent without.
    const packet = { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: payload !== '' } as const;
    broker.publish(packet, (error) => {
      if (error) process.emitWarning(error);
    });
  };
  const publishAll = (): void => options.publishers.forEach(publish);
  publishAll();
  const timer = setInterval(publishAll, 1000 / options.rateHz);
  return {
    port,
    close: async () => {
      clearInterval(timer);
      await loopback.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
};
