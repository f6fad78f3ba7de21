import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { createSystemClock } from '../../src/adapters/system-clock.js';
import type { Fault } from '../../src/sandbox/virtual-site.js';
import {
  cameraFault,
  checkAll,
  OPERATORS,
  PHASES,
  startFaultRig,
  type CellReport,
  type FaultRig,
  type Phase,
  type Suffering,
} from './fault-rig.js';
import { BROKER_LOGIN, fastClock, LOGIN, until } from './site-setup.js';

const AT_ONCE = 12;
const operator = (since: 'now' | 'move'): Fault => ({
  ...{ protocol: 'ptz', kind: 'operator', afterMs: 0, target: OPERATORS },
  since,
});

/** What a check comes to when the fault comes before it, while waiting for stillness, moving, grabbing, and returning. */
type Row = readonly [fault: Fault, ...codes: [string, string, string, string, string]];
const OK = ['ok', 'ok', 'ok', 'ok', 'ok'] as const;
const videoless = (code: string) => [code, code, code, code, 'ok'] as const;
/** Once the camera stands at a stop and takes no commands any more, it cannot be put back before the fault goes. */
const away = (code: string) =>
  [code, code, 'camera_not_restored', 'camera_not_restored', 'camera_not_restored'] as const;

// The slow ones first: they run beside the others.
const MATRIX: readonly Row[] = [
  [{ protocol: 'onvif', kind: 'hang' }, ...away('onvif_timeout')],
  [{ protocol: 'onvif', kind: 'dribble' }, 'onvif_timeout', 'onvif_timeout', 'ok', 'ok', 'ok'],
  [{ protocol: 'ptz', kind: 'stuck' }, ...away('camera_not_moving')],
  [{ protocol: 'onvif', kind: 'refuseMove' }, ...away('camera_not_drivable')],
  [{ protocol: 'mqtt', kind: 'garbage' }, 'no_telemetry', 'no_telemetry', 'no_telemetry', 'ok', 'ok'],
  [{ protocol: 'mqtt', kind: 'silent' }, 'no_telemetry', 'no_telemetry', 'no_telemetry', 'ok', 'ok'],
  [
    { protocol: 'mqtt', kind: 'frozen' },
    ...(['camera_not_moving', 'camera_not_moving', 'camera_not_moving', 'ok', 'ok'] as const),
  ],
  [{ protocol: 'mqtt', kind: 'onChangeOnly' }, ...OK],
  [{ protocol: 'rtsp', kind: 'hang' }, ...videoless('rtsp_timeout')],
  [{ protocol: 'rtsp', kind: 'stall', afterPackets: 1 }, ...videoless('rtsp_timeout')],
  [{ protocol: 'rtsp', kind: 'drop', afterPackets: 1 }, ...videoless('rtsp_corrupt')],
  [{ protocol: 'rtsp', kind: 'refuse' }, ...videoless('rtsp_unreachable')],
  [{ protocol: 'rtsp', kind: 'notFound' }, ...videoless('rtsp_not_found')],
  [{ protocol: 'rtsp', kind: 'badPassword' }, ...videoless('rtsp_auth')],
  [{ protocol: 'onvif', kind: 'splitMoves' }, ...OK],
  [{ protocol: 'onvif', kind: 'noPosition' }, ...OK],
  [{ protocol: 'onvif', kind: 'httpDigestOnly' }, ...OK],
  [{ protocol: 'onvif', kind: 'frozenMoveStatus' }, ...OK],
  [{ protocol: 'onvif', kind: 'clockSkew', minutes: 90 }, ...OK],
  [operator('now'), 'ok', 'ok', 'interference', 'interference', 'ok'],
];

/** What the row says of each failure. */
const TOLD: Readonly<Record<string, RegExp>> = {
  onvif_timeout: /ONVIF service at .* did not answer within 7 s/,
  camera_not_restored:
    /could not be put back to pan 10°, tilt -5°, zoom 2: (it took .*|The camera .* refuses to move .*)\. Put it back/,
  camera_not_moving: /accepted the command .* telemetry shows no movement/,
  camera_not_drivable: /refuses to move/,
  no_telemetry: /no usable telemetry came; still waiting for/,
  interference: /Somebody else moved the camera/,
  rtsp_timeout: /gave no frame in time|did not answer as RTSP does/,
  rtsp_corrupt: /sent damaged video/,
  rtsp_unreachable: /cannot be reached/,
  rtsp_not_found: /has no stream at the configured path/,
  rtsp_auth: /does not accept the user name and password/,
};

interface Cell extends Suffering {
  readonly fault: Fault;
  readonly name: string;
  readonly code: string;
}

/** What waits for deadlines runs on a fast clock; what waits for the camera's own services needs the true one. */
const cellOf = ([fault, ...codes]: Row, phase: Phase): Cell => {
  // A camera that speaks on changes only is asked by ONVIF in between.
  const isAsked = fault.kind === 'onChangeOnly';
  const isFast = (fault.protocol === 'mqtt' && !isAsked) || fault.protocol === 'ptz';
  const meant = fault.kind === 'operator' && phase === 'returning' ? operator('move') : fault;
  return {
    name: `${fault.protocol} ${fault.kind}, ${phase}`,
    code: codes[PHASES.indexOf(phase)]!,
    ...{ fault: meant, trouble: cameraFault(meant), phase },
    clock: isFast ? fastClock(5) : createSystemClock(),
    timeoutS: isFast || isAsked ? 60 : fault.protocol === 'rtsp' ? 9 : 15,
  };
};

const cells = MATRIX.flatMap((row) => PHASES.map((phase) => cellOf(row, phase)));
let reports: Map<Cell, Promise<CellReport>>;
let rig: FaultRig;

beforeAll(async () => {
  rig = await startFaultRig(AT_ONCE);
  reports = checkAll(rig, cells, AT_ONCE);
});
afterAll(() => rig.close());

describe('a check', () => {
  it.each(cells)(
    'under $name: $code',
    async (cell) => {
      const { code, rows, place, placeAfterwards, left, tookMs } = (await reports.get(cell))!;
      expect(code).toBe(cell.code);
      expect(rows).toHaveLength(1);
      const { success, failure_log: log, yaw_offset: yaw } = rows[0]!;
      expect({ success, isMeasured: yaw !== null }).toEqual({
        success: code === 'ok',
        isMeasured: code === 'ok',
      });
      if (code !== 'ok') expect(log).toMatch(TOLD[code]!);
      for (const { password } of [LOGIN, BROKER_LOGIN]) expect(log ?? '').not.toContain(password);
      const home = cell.fault.kind === 'operator' ? 'operators' : 'home';
      expect({ place, placeAfterwards }).toEqual({
        place: code === 'camera_not_restored' ? 'stop' : home,
        placeAfterwards: home,
      });
      expect(left).toEqual([]);
      expect(tookMs).toBeLessThan((cell.timeoutS + 1) * 1000);
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
