import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { KubeFault } from '../../src/sandbox/kubernetes/api-server.js';
import { TOKEN } from '../support/virtual-cluster.js';
import { describeCells, type Cell } from './fault-cells.js';
import { cameraFault, PHASES, type Phase, type Slot, type Trouble } from './fault-rig.js';
import { BROKER_LOGIN, LOGIN } from './site-setup.js';

const kube = (fault: KubeFault): Trouble => ({
  strike: ({ cluster }) => cluster!.setFault(fault),
  relieve: ({ cluster }) => cluster!.setFault(null),
});
const login = (state: 'failing' | 'hanging'): Trouble => ({
  strike: ({ cluster }) => cluster!.setLogin(state),
  relieve: ({ cluster }) => cluster!.setLogin('ok'),
});
const restart = (readyAfterMs: number): Trouble => {
  const under = new Map<Slot, Promise<void>>();
  return {
    strike: (slot) => void under.set(slot, slot.cluster!.restartPods(readyAfterMs)),
    relieve: (slot) => under.get(slot),
  };
};
const both = (...troubles: readonly Trouble[]): Trouble => ({
  strike: (slot) => troubles.forEach((trouble) => trouble.strike(slot)),
  relieve: async (slot) => {
    for (const trouble of troubles) await trouble.relieve(slot);
  },
});

/** What a check comes to when the fault comes before it, while waiting for stillness, moving, grabbing, and returning. */
type Codes = readonly [string, string, string, string, string];
type Row = readonly [name: string, trouble: Trouble, codes: Codes, told: RegExp];
const OK = ['ok', 'ok', 'ok', 'ok', 'ok'] as const;
const away = (before: string, waiting = before) =>
  [before, waiting, 'camera_not_restored', 'camera_not_restored', 'camera_not_restored'] as const;

const MATRIX: readonly Row[] = [
  [
    'unreachable',
    kube({ kind: 'refuse' }),
    away('cluster_unreachable'),
    /cluster of kube context site-a cannot be reached: (connect ECONNREFUSED|other side closed|.*socket)/,
  ],
  [
    'hangs',
    kube({ kind: 'hang' }),
    away('cluster_unreachable'),
    /cluster of kube context site-a cannot be reached: no answer within 2 s/,
  ],
  [
    'forbidden',
    kube({ kind: 'forbidden', verb: 'get', resource: 'pods/portforward' }),
    away('cluster_forbidden'),
    /context site-a is not allowed to get pods\/portforward in namespace cameras/,
  ],
  ['token expired', kube({ kind: 'tokenExpired' }), away('cluster_unauthorized'), /rejected the credentials/],
  [
    'credentials fail',
    login('failing'),
    away('cluster_credentials'),
    /could not be fetched: The SSO session has expired/,
  ],
  [
    'credentials hang',
    login('hanging'),
    away('cluster_credentials'),
    /could not be fetched: .*get-token.* did not finish within 2 s and was killed/,
  ],
  [
    'no such service',
    kube({ kind: 'gone' }),
    away('broker_unreachable', 'service_not_found'),
    /There is no service (mqtt|onvif|rtsp) in namespace cameras of kube context site-a/,
  ],
  [
    'no ready pod',
    kube({ kind: 'notReady' }),
    ['broker_unreachable', 'no_ready_pod', 'ok', 'ok', 'ok'],
    /No pod is ready behind service (mqtt|onvif): .* is running but not ready/,
  ],
  [
    'port closed',
    kube({ kind: 'portClosed' }),
    away('broker_unreachable', 'port_closed'),
    /Nothing is listening on port 1 in pod .* of service (mqtt|onvif|rtsp)/,
  ],
  [
    'half-open',
    kube({ kind: 'halfOpen' }),
    away('broker_unreachable', 'forward_broken'),
    /connection through the cluster to pod .* of service (mqtt|onvif|rtsp) broke: it no longer answers/,
  ],
  ['pod restarts', restart(400), OK, /never/],
  [
    'pod does not come back',
    restart(20_000),
    away('broker_unreachable', 'pod_restarting'),
    /pod .* of service (mqtt|onvif|rtsp) is restarting: ContainerCreating/,
  ],
  ['idle connections are cut', kube({ kind: 'idleCutOff', afterMs: 400 }), OK, /never/],
  [
    'idle connections are cut, video hangs',
    both(kube({ kind: 'idleCutOff', afterMs: 400 }), cameraFault({ protocol: 'rtsp', kind: 'hang' })),
    ['idle_cut_off', 'idle_cut_off', 'idle_cut_off', 'idle_cut_off', 'ok'],
    /cluster cut the connection to pod rtsp-.* without data/,
  ],
];

/** Where the time is up before a hung call has told why. */
const OUT_OF_TIME = 'it took no command in the time allowed';

const cellOf = ([name, trouble, codes, told]: Row, phase: Phase): Cell => {
  const code = codes[PHASES.indexOf(phase)]!;
  return {
    name: `${name}, ${phase}`,
    code,
    told: code === 'camera_not_restored' ? new RegExp(`${told.source}|${OUT_OF_TIME}`) : told,
    ...{ trouble, phase, home: 'home', clock: createSystemClock(), timeoutS: 18 },
  };
};

const cells = MATRIX.flatMap((row) => PHASES.map((phase) => cellOf(row, phase)));
describeCells('a check through a cluster', cells, {
  atOnce: 8,
  isBehindCluster: true,
  secrets: [LOGIN.password, BROKER_LOGIN.password, TOKEN],
});
