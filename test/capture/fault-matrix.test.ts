import { createSystemClock } from '../../src/adapters/runtime/system-clock.js';
import type { Fault } from '../../src/sandbox/site/site.js';
import { describeCells, type Cell } from './fault-cells.js';
import { cameraFault, OPERATORS, PHASES, type Phase } from './fault-rig.js';
import { BROKER_LOGIN, fastClock, LOGIN } from './site-setup.js';

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

/** Depending on whether the head had already moved a little. */
const FROZEN_ON_THE_WAY = 'camera_not_moving|telemetry_mismatch';

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
    ...(['camera_not_moving', 'camera_not_moving', FROZEN_ON_THE_WAY, 'ok', 'ok'] as const),
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
    /could not be put back to pan 10°, tilt -5°, zoom 2: (it took .*|The camera .* refused to move .*|The camera's ONVIF service .* did not answer .*)\. Put it back/,
  camera_not_moving: /accepted the command .* telemetry shows no movement/,
  camera_not_drivable: /refused to move/,
  telemetry_mismatch: /but its telemetry says it stands elsewhere/,
  no_telemetry: /no usable telemetry came; still waiting for/,
  interference: /Somebody else moved the camera/,
  rtsp_timeout: /delivered no frame in time|does not speak RTSP/,
  rtsp_corrupt: /sent damaged video/,
  rtsp_unreachable: /cannot be reached/,
  rtsp_not_found: /has no stream at the configured path/,
  rtsp_auth: /rejected the user name and password/,
};

const toldOf = (codes: string): RegExp =>
  new RegExp(
    codes
      .split('|')
      .map((code) => TOLD[code]?.source ?? 'never')
      .join('|'),
  );

/** What waits for deadlines runs on a fast clock; what waits for the camera's own services needs the true one. */
const cellOf = ([fault, ...codes]: Row, phase: Phase): Cell => {
  // A camera that speaks on changes only is asked by ONVIF in between.
  const isAsked = fault.kind === 'onChangeOnly';
  const isFast = (fault.protocol === 'mqtt' && !isAsked) || fault.protocol === 'ptz';
  const meant = fault.kind === 'operator' && phase === 'returning' ? operator('move') : fault;
  const code = codes[PHASES.indexOf(phase)]!;
  return {
    name: `${fault.protocol} ${fault.kind}, ${phase}`,
    ...{ code, told: toldOf(code), trouble: cameraFault(meant), phase },
    home: fault.kind === 'operator' ? 'operators' : 'home',
    clock: isFast ? fastClock(5) : createSystemClock(),
    timeoutS: isFast || isAsked ? 60 : fault.protocol === 'rtsp' ? 12 : 15,
  };
};

const cells = MATRIX.flatMap((row) => PHASES.map((phase) => cellOf(row, phase)));
describeCells('a check', cells, {
  atOnce: 12,
  secrets: [LOGIN.password, BROKER_LOGIN.password],
});
