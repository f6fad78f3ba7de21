import { writeFile } from 'node:fs/promises';

/** One context of a kubeconfig: where the cluster is and who asks. */
export interface KubeContext {
  readonly name: string;
  readonly server: string;
  /** The authority that signed the server's certificate. */
  readonly caPem: string;
  readonly user:
    | { readonly token: string }
    /** A program that prints an ExecCredential, as `aws eks get-token` does. */
    | { readonly command: string; readonly args: readonly string[] };
}

const userOf = ({ user }: KubeContext): object => {
  if ('token' in user) return { token: user.token };
  const { command, args } = user;
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command,
      args,
      interactiveMode: 'Never',
    },
  };
};

/** Writes a kubeconfig (JSON, which is YAML too) that only its owner can read; the first context is the current one. */
export const writeKubeconfig = async (file: string, contexts: readonly KubeContext[]): Promise<void> => {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contexts[0]?.name ?? '',
    clusters: contexts.map(({ name, server, caPem }) => ({
      name,
      cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
    })),
    users: contexts.map((context) => ({ name: `${context.name}-viewer`, user: userOf(context) })),
    contexts: contexts.map(({ name }) => ({
      name,
      context: { cluster: name, user: `${name}-viewer` },
    })),
  };
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
};
