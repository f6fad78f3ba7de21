import type { FaultSwitch } from '../site/device-faults.js';
import type { OnvifHead } from './moving-head.js';
import { attributesOf, OnvifFaultError, textOf } from './soap.js';
import {
  GENERIC_PAN_TILT,
  GENERIC_ZOOM,
  limitsXml,
  panTiltFrom,
  positionXml,
  spacesXml,
  zoomFrom,
} from './spaces.js';

export const PROFILE_TOKEN = 'profile_1';

/** What the PTZ service needs of its camera. */
export interface PtzContext {
  readonly head: OnvifHead;
  readonly faults: FaultSwitch;
  /** The device's own time. */
  deviceNowMs(): number;
}

export type Operation<Context> = (xml: string, context: Context) => string;

const DEFAULT_TIMEOUT_MS = 10_000;

export const ptzConfigurationXml = (tag: string): string =>
  `<${tag} token="ptz_1"><tt:Name>PTZ</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node_1</tt:NodeToken>` +
  `<tt:DefaultAbsolutePantTiltPositionSpace>${GENERIC_PAN_TILT}</tt:DefaultAbsolutePantTiltPositionSpace>` +
  `<tt:DefaultAbsoluteZoomPositionSpace>${GENERIC_ZOOM}</tt:DefaultAbsoluteZoomPositionSpace>` +
  `<tt:DefaultPTZTimeout>PT10S</tt:DefaultPTZTimeout>${limitsXml()}</${tag}>`;

const nodeXml = ({ head }: PtzContext): string =>
  `<tptz:PTZNode token="node_1" FixedHomePosition="false"><tt:Name>PTZ</tt:Name>` +
  `<tt:SupportedPTZSpaces>${spacesXml(head.model)}</tt:SupportedPTZSpaces>` +
  `<tt:MaximumNumberOfPresets>0</tt:MaximumNumberOfPresets><tt:HomeSupported>false</tt:HomeSupported></tptz:PTZNode>`;

const requireProfile = (xml: string): void => {
  if (textOf(xml, 'ProfileToken') === PROFILE_TOKEN) return;
  throw new OnvifFaultError(true, ['ter:InvalidArgVal', 'ter:NoProfile'], 'Profile token does not exist');
};

const numberOf = (attributes: ReadonlyMap<string, string>, name: string): number => {
  const text = attributes.get(name);
  if (text !== undefined && text !== '' && Number.isFinite(Number(text))) return Number(text);
  throw new OnvifFaultError(true, ['ter:InvalidArgVal'], `Attribute ${name} is not a number`);
};

const getStatus: Operation<PtzContext> = (xml, { head, faults, deviceNowMs }) => {
  requireProfile(xml);
  const fault = faults.onvif;
  const position = fault?.kind === 'noPosition' ? '' : positionXml(head.position(), head.model);
  const moving = head.isMoving() ? 'MOVING' : 'IDLE';
  const told = fault?.kind === 'frozenMoveStatus' ? (fault.value ?? 'MOVING') : moving;
  return (
    `<tptz:GetStatusResponse><tptz:PTZStatus>${position}<tt:MoveStatus><tt:PanTilt>${told}</tt:PanTilt>` +
    `<tt:Zoom>${told}</tt:Zoom></tt:MoveStatus><tt:UtcTime>${new Date(deviceNowMs()).toISOString()}</tt:UtcTime>` +
    `</tptz:PTZStatus></tptz:GetStatusResponse>`
  );
};

const absoluteMove: Operation<PtzContext> = (xml, { head, faults }) => {
  requireProfile(xml);
  const position = /<(?:[\w-]+:)?Position\b[\s\S]*?<\/(?:[\w-]+:)?Position>/.exec(xml)?.[0] ?? '';
  const panTilt = attributesOf(position, 'PanTilt');
  const zoom = attributesOf(position, 'Zoom');
  if (faults.onvif?.kind === 'refuseMove')
    throw new OnvifFaultError(false, ['ter:ActionNotSupported'], 'AbsoluteMove is not supported');
  if (faults.onvif?.kind === 'splitMoves' && panTilt !== null && zoom !== null)
    throw new OnvifFaultError(true, ['ter:InvalidArgVal'], 'Pan/tilt and zoom cannot move in one request');
  const { model } = head;
  head.move({
    ...(panTilt === null
      ? {}
      : panTiltFrom(
          numberOf(panTilt, 'x'),
          numberOf(panTilt, 'y'),
          panTilt.get('space') ?? GENERIC_PAN_TILT,
          model,
        )),
    ...(zoom === null ? {} : zoomFrom(numberOf(zoom, 'x'), zoom.get('space') ?? GENERIC_ZOOM, model)),
  });
  return '<tptz:AbsoluteMoveResponse/>';
};

/** Turns towards the end of the range until stopped or timed out; the model knows one speed only. */
const continuousMove: Operation<PtzContext> = (xml, { head }) => {
  requireProfile(xml);
  const { panRangeDeg, tiltRangeDeg, zoomRange } = head.model;
  const panTilt = attributesOf(xml, 'PanTilt');
  const zoom = attributesOf(xml, 'Zoom');
  const end = (velocity: number, range: readonly [number, number]): number =>
    velocity > 0 ? range[1] : range[0];
  const x = panTilt === null ? 0 : numberOf(panTilt, 'x');
  const y = panTilt === null ? 0 : numberOf(panTilt, 'y');
  const z = zoom === null ? 0 : numberOf(zoom, 'x');
  head.stop();
  if (x === 0 && y === 0 && z === 0) return '<tptz:ContinuousMoveResponse/>';
  head.move({
    ...(x === 0 ? {} : { panDeg: end(x, panRangeDeg) }),
    ...(y === 0 ? {} : { tiltDeg: end(y, tiltRangeDeg) }),
    ...(z === 0 ? {} : { zoom: end(z, zoomRange) }),
  });
  const seconds = /^PT([\d.]+)S$/.exec(textOf(xml, 'Timeout') ?? '')?.[1];
  head.stopAfter(seconds === undefined ? DEFAULT_TIMEOUT_MS : Number(seconds) * 1000);
  return '<tptz:ContinuousMoveResponse/>';
};

export const PTZ_OPERATIONS: Readonly<Record<string, Operation<PtzContext>>> = {
  GetServiceCapabilities: () =>
    '<tptz:GetServiceCapabilitiesResponse><tptz:Capabilities MoveStatus="true" StatusPosition="true"/>' +
    '</tptz:GetServiceCapabilitiesResponse>',
  GetNodes: (_xml, context) => `<tptz:GetNodesResponse>${nodeXml(context)}</tptz:GetNodesResponse>`,
  GetNode: (_xml, context) => `<tptz:GetNodeResponse>${nodeXml(context)}</tptz:GetNodeResponse>`,
  GetConfigurations: () =>
    `<tptz:GetConfigurationsResponse>${ptzConfigurationXml('tptz:PTZConfiguration')}</tptz:GetConfigurationsResponse>`,
  GetConfiguration: () =>
    `<tptz:GetConfigurationResponse>${ptzConfigurationXml('tptz:PTZConfiguration')}</tptz:GetConfigurationResponse>`,
  GetConfigurationOptions: (_xml, { head }) =>
    `<tptz:GetConfigurationOptionsResponse><tptz:PTZConfigurationOptions><tt:Spaces>${spacesXml(head.model)}</tt:Spaces>` +
    '<tt:PTZTimeout><tt:Min>PT1S</tt:Min><tt:Max>PT60S</tt:Max></tt:PTZTimeout>' +
    '</tptz:PTZConfigurationOptions></tptz:GetConfigurationOptionsResponse>',
  GetStatus: getStatus,
  AbsoluteMove: absoluteMove,
  ContinuousMove: continuousMove,
  Stop: (xml, { head }) => {
    requireProfile(xml);
    head.stop();
    return '<tptz:StopResponse/>';
  },
};
