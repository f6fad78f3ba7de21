import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { createSelfSigned } from '../../src/sandbox/kubernetes/certificate.js';
import { freePort, startProgram, type StartedProgram } from './started-program.js';

export const MQTT_LOGIN = { username: 'reader', password: 's3 cret:#"' };

/** Debian's MQTT broker on loopback, with a password, plain and by TLS. */
export interface Mosquitto {
  readonly port: number;
  readonly tlsPort: number;
  /** The authority of its certificate. */
  readonly caFile: string;
  /** An authority that has nothing to do with it. */
  readonly otherCaFile: string;
  log(): string;
  /** Ends it and starts it again on the same ports, with what it had kept. */
  restart(): Promise<void>;
  /** Stops answering without closing anything, until told otherwise. */
  freeze(isFrozen: boolean): void;
  close(): Promise<void>;
}

const READY = /mosquitto version [\d.]+ running/;

const listener = (port: number, dir: string): string[] => [
  `listener ${port} 127.0.0.1`,
  'allow_anonymous false',
  `password_file ${dir}/passwords`,
];

const configuration = (port: number, tlsPort: number, dir: string): string =>
  [
    'per_listener_settings true',
    `user ${userInfo().username}`,
    'log_dest stderr',
    'persistence true',
    `persistence_location ${dir}/`,
    ...listener(port, dir),
    ...listener(tlsPort, dir),
    `certfile ${dir}/certificate.pem`,
    `keyfile ${dir}/key.pem`,
  ].join('\n');

const writePasswords = async (dir: string): Promise<void> => {
  const { username, password } = MQTT_LOGIN;
  const run = promisify(execFile)('mosquitto_passwd', ['-b', '-c', `${dir}/passwords`, username, password]);
  await run.catch((cause: unknown) => {
    throw new Error('Please type: sudo apt-get install -y mosquitto', { cause });
  });
};

/** Starts the broker on two free ports, all its files in a folder of its own. */
export const startMosquitto = async (): Promise<Mosquitto> => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mosquitto-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const own = createSelfSigned('mosquitto');
  await writeFile(`${dir}/certificate.pem`, own.certificatePem);
  await writeFile(`${dir}/key.pem`, own.keyPem);
  await writeFile(`${dir}/other.pem`, createSelfSigned('somebody else').certificatePem);
  await writePasswords(dir);
  await writeFile(`${dir}/mosquitto.conf`, configuration(port, tlsPort, dir));
  const start = (): Promise<StartedProgram> =>
    startProgram({
      command: 'mosquitto',
      args: ['-c', `${dir}/mosquitto.conf`],
      ready: READY,
      packages: 'mosquitto',
    });
  let program = await start();
  return {
    ...{ port, tlsPort, caFile: `${dir}/certificate.pem`, otherCaFile: `${dir}/other.pem` },
    log: () => program.output(),
    restart: async () => {
      await program.stop();
      program = await start();
    },
    freeze: (isFrozen) => process.kill(program.pid, isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    close: async () => {
      await program.stop('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
};
