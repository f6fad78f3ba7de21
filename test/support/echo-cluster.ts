import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { ServiceLink } from '../../src/ports/service-link.js';
import {
  startEcho,
  startVirtualCluster,
  TIMINGS,
  TOKEN,
  type LoopbackService,
  type VirtualCluster,
} from './virtual-cluster.js';

/** What the tests of one file share; the link is a new one for each test. */
export interface EchoCluster {
  readonly echo: LoopbackService;
  readonly cluster: VirtualCluster;
  readonly link: ServiceLink;
}

/** Starts, for the tests of a file, a cluster with a service that echoes and one that is scaled away. */
export const useEchoCluster = (): EchoCluster => {
  const used: { echo?: LoopbackService; cluster?: VirtualCluster; link?: ServiceLink } = {};
  const present = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('it is not started yet');
    return thing;
  };
  beforeAll(async () => {
    used.echo = await startEcho();
    const loopbackPort = used.echo.port;
    used.cluster = await startVirtualCluster([
      { name: 'echo', ports: [{ name: 'plain', port: 7, containerPort: 7007, loopbackPort }] },
      { name: 'away', ports: [{ port: 7, loopbackPort }], replicas: 0 },
    ]);
  });
  beforeEach(() => {
    used.link = present(used.cluster).link({ timings: TIMINGS });
  });
  afterEach(async () => {
    used.cluster?.api.setFault(null);
    used.cluster?.api.setToken(TOKEN);
    await used.link?.close();
  });
  afterAll(async () => {
    await used.cluster?.close();
    await used.echo?.close();
  });
  return {
    get echo() {
      return present(used.echo);
    },
    get cluster() {
      return present(used.cluster);
    },
    get link() {
      return present(used.link);
    },
  };
};
