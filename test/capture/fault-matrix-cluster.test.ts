import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { createSystemClock } from '../../src/adapters/system-clock.js';
import type { KubeFault } from '../../src/sandbox/kube-api-server.js';
import { TOKEN } from '../support/virtual-cluster.js';
import {
  cameraFault,
  checkAll,
  PHASES,
  startFaultRig,
  type CellReport,
  type FaultRig,
  type Phase,
  type Slot,
  type Suffering,
  type Trouble,
} from './fault-rig.js';
import { BROKER_LOGIN, LOGIN, until } from './site-setup.js';

const AT_ONCE = 8;
const TIMEOUT_S = 12;

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
  [
    'token expired',
    kube({ kind: 'tokenExpired' }),
    away('cluster_unauthorized'),
    /does not accept our credentials/,
  ],
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
    /could not be fetched: .*get-token.* did not end within 2 s and was stopped/,
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
    /No pod is ready behind service (mqtt|onvif): .* runs but is not ready/,
  ],
  [
    'port closed',
    kube({ kind: 'portClosed' }),
    away('broker_unreachable', 'port_closed'),
    /Nothing listens on port 1 in pod .* of service (mqtt|onvif|rtsp)/,
  ],
  [
    'half-open',
    kube({ kind: 'halfOpen' }),
    away('broker_unreachable', 'forward_broken'),
    /connection through the cluster to pod .* of service (mqtt|onvif|rtsp) broke: it does not answer any more/,
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
const OUT_OF_TIME = /it took no command in the time allowed/;

interface Cell extends Suffering {
  readonly name: string;
  readonly code: string;
  readonly told: RegExp;
}

const cellOf = ([name, trouble, codes, told]: Row, phase: Phase): Cell => ({
  name: `${name}, ${phase}`,
  code: codes[PHASES.indexOf(phase)]!,
  ...{ told, trouble, phase, clock: createSystemClock(), timeoutS: TIMEOUT_S },
});

const cells = MATRIX.flatMap((row) => PHASES.map((phase) => cellOf(row, phase)));
let reports: Map<Cell, Promise<CellReport>>;
let rig: FaultRig;

beforeAll(async () => {
  rig = await startFaultRig(AT_ONCE, true);
  reports = checkAll(rig, cells, AT_ONCE);
});
afterAll(() => rig.close());

describe('a check through a cluster', () => {
  it.each(cells)(
    'that is struck by $name: $code',
    async (cell) => {
      const { code, rows, place, placeAfterwards, left, tookMs } = (await reports.get(cell))!;
      const [row] = rows;
      expect(code).toBe(cell.code);
      expect(rows).toHaveLength(1);
      expect({ success: row!.success, isMeasured: row!.yaw_offset !== null }).toEqual({
        success: code === 'ok',
        isMeasured: code === 'ok',
      });
      const log = row!.failure_log ?? '';
      if (code !== 'ok' && !(code === 'camera_not_restored' && OUT_OF_TIME.test(log)))
        expect(log).toMatch(cell.told);
      for (const secret of [LOGIN.password, BROKER_LOGIN.password, TOKEN]) expect(log).not.toContain(secret);
      expect({ place, placeAfterwards }).toEqual({
        place: code === 'camera_not_restored' ? 'stop' : 'home',
        placeAfterwards: 'home',
      });
      expect(left).toEqual([]);
      expect(tookMs).toBeLessThan((TIMEOUT_S + 2) * 1000);
    },
    150_000,
  );

  it('leaves no socket and no process', async () => {
    await rig.close();
    const open = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP|Process/.test(kind));
    await until(() => open().length === 0);
    expect(open()).toEqual([]);
  });
});
