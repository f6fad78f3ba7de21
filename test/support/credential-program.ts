import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeKubeconfig } from '../../src/sandbox/kubernetes/kubeconfig-file.js';
import type { VirtualCluster } from './virtual-cluster.js';

/** A program that prints credentials, and the kubeconfig that names it. */
export interface CredentialProgram {
  readonly kubeconfigFile: string;
  readonly file: string;
  /** How often it was started. */
  runs(): Promise<number>;
}

/** What such a program prints. */
export const credentialJson = (token: string, expiresInS?: number): string =>
  JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: {
      token,
      ...(expiresInS === undefined
        ? {}
        : { expirationTimestamp: new Date(Date.now() + expiresInS * 1000).toISOString() }),
    },
  });

let written = 0;

/** Writes a shell script as the program of the cluster's context `site-a`. */
export const writeCredentialProgram = async (
  { dir, api }: Pick<VirtualCluster, 'dir' | 'api'>,
  script: string,
): Promise<CredentialProgram> => {
  written += 1;
  const file = path.join(dir, `get-token-${written}`);
  const log = `${file}.runs`;
  const kubeconfigFile = `${file}.kubeconfig`;
  await writeFile(log, '');
  await writeFile(file, `#!/bin/sh\necho run >> ${log}\n${script}\n`);
  await chmod(file, 0o700);
  const { url: server, caPem } = api;
  await writeKubeconfig(kubeconfigFile, [
    { name: 'site-a', server, caPem, user: { command: file, args: [] } },
  ]);
  return {
    kubeconfigFile,
    file,
    runs: async () => (await readFile(log, 'utf8')).split('run').length - 1,
  };
};
