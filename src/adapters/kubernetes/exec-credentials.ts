import type { Cluster, User } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.js';
import { runBounded, type ProcessRun } from '../process/bounded-process.js';
import { rememberedMs } from './failure-memory.js';
import { orAborted } from '../../async/deadline.js';
import { redact } from '../runtime/redact.js';

/** The kubeconfig's credential program, such as `aws eks get-token`, identified by its arguments and environment. */
export interface CredentialProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Credential {
  readonly token: string | null;
  /** A client certificate and its key, PEM. */
  readonly certificatePem: string | null;
  readonly keyPem: string | null;
}

/** A credential, or why there is none, without anything secret. */
type Fetched = { readonly credential: Credential } | { readonly why: string };

const execShape = z.object({
  apiVersion: z.string().default('client.authentication.k8s.io/v1beta1'),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  provideClusterInfo: z.boolean().nullish(),
});

const printedShape = z.object({
  status: z.object({
    token: z.string().min(1).nullish(),
    clientCertificateData: z.string().min(1).nullish(),
    clientKeyData: z.string().min(1).nullish(),
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  }),
});

/** A credential is renewed this long before it expires, or a tenth of its life before when that is less. */
const RENEW_MS = 60_000;

const clusterInfo = (cluster: Cluster): object => ({
  server: cluster.server,
  'insecure-skip-tls-verify': cluster.skipTLSVerify,
  ...(cluster.caData === undefined ? {} : { 'certificate-authority-data': cluster.caData }),
  ...(cluster.tlsServerName === undefined ? {} : { 'tls-server-name': cluster.tlsServerName }),
});

/** The credential program of the kubeconfig's user; null where there is none. */
export const credentialProgramOf = (user: User, cluster: Cluster): CredentialProgram | null => {
  if (user.exec === undefined || user.exec === null) return null;
  const { apiVersion, command, args, env, provideClusterInfo } = execShape.parse(user.exec);
  const spec = { interactive: false, ...(provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) };
  const told = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  return { command, args: args ?? [], env: { KUBERNETES_EXEC_INFO: told, ...variables } };
};

interface Run {
  readonly fetched: Fetched;
  readonly usableUntilMs: number;
}

interface Entry {
  readonly outcome: Promise<Fetched>;
  readonly giveUp: AbortController;
  /** The number of callers waiting for it. */
  waiting: number;
  usableUntilMs: number;
}

/** The first line of a failed program's stderr; never its stdout, which may contain the token. */
const failureOf = (run: ProcessRun, command: string, timeoutMs: number): string => {
  if (run.wasKilled) return `${command} did not finish within ${timeoutMs / 1000} s and was killed`;
  return redact(run.stderr.trim().split('\n')[0] ?? '') || 'the program failed';
};

const printedBy = (run: ProcessRun): z.infer<typeof printedShape>['status'] | null => {
  try {
    const { status } = printedShape.parse(JSON.parse(run.stdout.toString('utf8')));
    return status.token == null && status.clientCertificateData == null ? null : status;
  } catch {
    // Reported neither as cause nor in words: the output may contain the token.
    return null;
  }
};

/**
 * Runs credential programs for all links: one run serves all callers of the same program, its credential is kept until
 * shortly before it expires, and a failure for a while. A program is killed when it takes too long, or when no caller
 * waits for it any more.
 */
export class ClusterCredentials {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly options: { readonly clock: Clock; readonly timeoutMs: number }) {}

  /** Rejects with the signal's reason only. */
  async fetch(program: CredentialProgram, signal: AbortSignal): Promise<Fetched> {
    signal.throwIfAborted();
    const key = JSON.stringify(program);
    const known = this.#entries.get(key);
    const isUsable = known !== undefined && this.options.clock.nowMs() < known.usableUntilMs;
    const entry = isUsable ? known : this.#start(program, key);
    entry.waiting += 1;
    try {
      return await orAborted(entry.outcome, signal);
    } finally {
      entry.waiting -= 1;
      if (entry.waiting === 0) entry.giveUp.abort(new Error('nobody is waiting for the credentials'));
    }
  }

  /** The cluster rejected it: the next caller gets another one. */
  async forget(program: CredentialProgram, rejected: Credential): Promise<void> {
    const key = JSON.stringify(program);
    const entry = this.#entries.get(key);
    const fetched = await entry?.outcome;
    const isSame = fetched !== undefined && 'credential' in fetched && fetched.credential === rejected;
    if (isSame && this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #start(program: CredentialProgram, key: string): Entry {
    const giveUp = new AbortController();
    const fetching = this.#run(program, giveUp.signal).then(({ fetched, usableUntilMs }) => {
      entry.usableUntilMs = usableUntilMs;
      return fetched;
    });
    const entry: Entry = {
      ...{ outcome: fetching, giveUp, waiting: 0, usableUntilMs: Number.POSITIVE_INFINITY },
    };
    const drop = (): void => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    // After a failure the next caller starts it again.
    entry.outcome.catch(drop);
    giveUp.signal.addEventListener('abort', () => entry.usableUntilMs === Number.POSITIVE_INFINITY && drop());
    this.#entries.set(key, entry);
    return entry;
  }

  async #run({ command, args, env }: CredentialProgram, signal: AbortSignal): Promise<Run> {
    const { clock, timeoutMs } = this.options;
    const beganMs = clock.nowMs();
    const failed = (why: string): Run => {
      const nowMs = clock.nowMs();
      return { fetched: { why }, usableUntilMs: nowMs + rememberedMs(nowMs - beganMs) };
    };
    let run: ProcessRun;
    try {
      run = await runBounded(command, args, { timeoutMs, env: { ...process.env, ...env } }, signal);
    } catch (fault) {
      signal.throwIfAborted();
      return failed(fault instanceof Error ? fault.message : String(fault));
    }
    if (run.exitCode !== 0) return failed(failureOf(run, command, timeoutMs));
    const status = printedBy(run);
    if (status === null) return failed('the program printed no credential');
    const { token = null, clientCertificateData = null, clientKeyData = null } = status;
    return {
      fetched: { credential: { token, certificatePem: clientCertificateData, keyPem: clientKeyData } },
      usableUntilMs: renewalMs(status.expirationTimestamp ?? null, clock.nowMs()),
    };
  }
}

const renewalMs = (expires: string | null, nowMs: number): number => {
  if (expires === null) return Number.MAX_VALUE;
  const lifeMs = Date.parse(expires) - nowMs;
  return nowMs + lifeMs - Math.min(RENEW_MS, lifeMs / 10);
};
