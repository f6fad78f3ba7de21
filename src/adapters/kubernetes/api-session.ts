import {
  createConfiguration,
  ServerConfiguration,
  type Configuration,
  type KubeConfig,
  type RequestContext,
} from '@kubernetes/client-node';
import {
  credentialProgramOf,
  type ClusterCredentials,
  type Credential,
  type CredentialProgram,
} from './exec-credentials.js';
import { credentialsFailed, kubeconfigUnusable } from './errors.js';

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

const base64 = (pem: string): string => Buffer.from(pem, 'utf8').toString('base64');

/**
 * One kubeconfig with one pool of connections (the library opens a new one for each request and leaves it open). We fetch
 * its program's credentials ourselves: the library starts the program for each waiting request, and lets it hang.
 */
export class KubernetesSession {
  /** Undefined until first read. */
  #program: CredentialProgram | null | undefined;
  #credential: Credential | null = null;
  #pool: Dispatcher | null = null;

  constructor(
    readonly config: KubeConfig,
    private readonly context: string,
    private readonly credentials: ClusterCredentials,
  ) {}

  /** Resolves when valid credentials are available; AppError `cluster_credentials`. */
  async ready(signal: AbortSignal): Promise<void> {
    this.#program ??= this.#programOf();
    if (this.#program === null) return;
    const fetched = await this.credentials.fetch(this.#program, signal);
    if ('why' in fetched) throw credentialsFailed(this.context, fetched.why);
    if (fetched.credential !== this.#credential) this.#use(fetched.credential);
  }

  /** The cluster rejected the credentials: they are not used again. */
  async reject(): Promise<void> {
    if (this.#program != null && this.#credential !== null)
      await this.credentials.forget(this.#program, this.#credential);
  }

  /** The configuration of a library client; its requests end when the signal aborts. */
  configuration(signal: AbortSignal): Configuration {
    return createConfiguration({
      baseServer: new ServerConfiguration(this.config.getCurrentCluster()?.server ?? '', {}),
      authMethods: { default: this.config },
      promiseMiddleware: [
        {
          pre: async (context) => {
            context.setSignal(signal);
            this.#pool ??= context.getDispatcher() ?? null;
            if (this.#pool !== null) context.setDispatcher(this.#pool);
            return context;
          },
          post: async (context) => context,
        },
      ],
    });
  }

  /** Cuts the pool's connections. */
  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #programOf(): CredentialProgram | null {
    const user = this.config.getCurrentUser();
    const cluster = this.config.getCurrentCluster();
    if (user === null || cluster === null) return null;
    try {
      return credentialProgramOf(user, cluster);
    } catch (fault) {
      throw kubeconfigUnusable(`the program of user ${user.name}`, fault);
    }
  }

  /** Puts it into the kubeconfig, as the library expects. */
  #use(credential: Credential): void {
    const { token, certificatePem, keyPem } = credential;
    const user = this.config.getCurrentUser();
    if (user === null) return;
    this.config.users = [
      {
        ...user,
        exec: undefined,
        ...(token === null ? {} : { token }),
        ...(certificatePem === null ? {} : { certData: base64(certificatePem) }),
        ...(keyPem === null ? {} : { keyData: base64(keyPem) }),
      },
    ];
    // Its connections carry the previous certificate; they end by themselves when idle.
    if (certificatePem !== this.#credential?.certificatePem) this.#pool = null;
    this.#credential = credential;
  }
}
