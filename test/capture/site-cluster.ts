import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../src/config/settings.js';
import type { Endpoint, ServiceLink } from '../../src/ports/service-link.js';
import type { KubeFault } from '../../src/sandbox/kubernetes/api-server.js';
import type { Site } from '../../src/sandbox/site/site.js';
import { credentialJson, writeCredentialProgram } from '../support/credential-program.js';
import { processesWith } from '../support/processes.js';
import { NAMESPACE, startVirtualCluster, TIMINGS, TOKEN } from '../support/virtual-cluster.js';

const SERVICES = ['mqtt', 'onvif', 'rtsp'] as const;

export const serviceOf = (name: (typeof SERVICES)[number]): Endpoint => ({
  ...{ kind: 'kubernetes', resource: 'service', name, port: 1 },
});

/** The same site, reached through its cluster. */
export const behindCluster = (settings: Settings): Settings => ({
  ...settings,
  deployments: settings.deployments.map((deployment) => ({
    ...deployment,
    kube: { context: 'site-a', namespace: NAMESPACE, kubeconfigFile: null },
    mqtt: { ...deployment.mqtt, endpoint: serviceOf('mqtt') },
  })),
});

/** A cluster that one camera and its broker stand behind, entered with credentials from a program. */
export interface SiteCluster {
  link(): ServiceLink;
  setFault(fault: KubeFault | null): void;
  /** The token expires, and the program that prints a new one fails or hangs; `ok` mends both. */
  setLogin(state: 'ok' | 'failing' | 'hanging'): void;
  /** Replaces the pods of all services; resolves when the new ones are ready. */
  restartPods(readyAfterMs: number): Promise<void>;
  /** Forwards that are open, and credentials programs that run. */
  left(): string[];
  close(): Promise<void>;
}

const scriptFor = (state: string): string =>
  [
    `case "$(cat ${state})" in`,
    `ok) echo '${credentialJson(TOKEN)}' ;;`,
    `failing) echo 'The SSO session has expired' >&2; exit 255 ;;`,
    '*) sleep 60 ;;',
    'esac',
  ].join('\n');

export const startSiteCluster = async (site: Site, index: number): Promise<SiteCluster> => {
  const { onvifPort, rtspPort } = site.cameras[index]!;
  const ports = { mqtt: site.mqttPort, onvif: onvifPort, rtsp: rtspPort };
  const cluster = await startVirtualCluster(
    SERVICES.map((name) => ({ name, ports: [{ port: 1, loopbackPort: ports[name] }] })),
  );
  const { api, dir } = cluster;
  const state = path.join(dir, 'login');
  const setLogin: SiteCluster['setLogin'] = (to) => {
    writeFileSync(state, to);
    api.setToken(to === 'ok' ? TOKEN : 'another token');
  };
  setLogin('ok');
  const { file, kubeconfigFile } = await writeCredentialProgram(cluster, scriptFor(state));
  const timings = {
    ...TIMINGS,
    requestTimeoutMs: 2_000,
    openTimeoutMs: 8_000,
    pingIntervalMs: 1_000,
    idleAfterMs: 300,
  };
  return {
    ...{ setLogin, close: () => cluster.close() },
    link: () => cluster.link({ kubeconfigFile, timings }),
    setFault: (fault) => api.setFault(fault),
    restartPods: async (readyAfterMs) => {
      await Promise.all(SERVICES.map((name) => api.restartPod(NAMESPACE, name, readyAfterMs)));
    },
    left: () => [
      ...processesWith(file),
      ...Array.from({ length: api.forwards }, (_, forward) => `forward ${forward}`),
    ],
  };
};
