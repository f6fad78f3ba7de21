import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startProgram } from './started-program.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const READY = /Running on (http:\/\/127\.0\.0\.1:\d+)/;

/** AWS services as moto plays them, on loopback. */
export interface Moto {
  readonly url: string;
  /** A line for each call, `GET /bucket/key`, and all else that it said. */
  log(): string;
  close(): Promise<void>;
}

/** Anything does; the SDK wants some. */
export const MOTO_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
  AWS_EC2_METADATA_DISABLED: 'true',
};

export const useMotoCredentials = (): void => void Object.assign(process.env, MOTO_CREDENTIALS);

export const startMoto = async (): Promise<Moto> => {
  useMotoCredentials();
  const server = await startProgram({
    command: path.join(root, '.cache/cloud-tools/bin/python'),
    args: [path.join(root, 'test/servers/serve-moto.py')],
    ready: READY,
    packages: 'python3-venv, then npm run test:cloud',
  });
  const url = READY.exec(server.output())?.[1] ?? '';
  return { url, log: () => server.output(), close: () => server.stop('SIGKILL') };
};
