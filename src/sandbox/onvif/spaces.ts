import type { PtzPosition } from '../../ports/telemetry.js';
import type { CameraModel } from '../camera/camera-model.js';
import { OnvifFaultError } from './soap.js';

const PAN_TILT = 'http://www.onvif.org/ver10/tptz/PanTiltSpaces';
const ZOOM = 'http://www.onvif.org/ver10/tptz/ZoomSpaces';

/** −1…1 over the ranges of pan and tilt. */
export const GENERIC_PAN_TILT = `${PAN_TILT}/PositionGenericSpace`;
/** Degrees as the encoders count them. */
const DEGREES_PAN_TILT = `${PAN_TILT}/SphericalPositionSpaceDegrees`;
/** 0…1 over the range of magnification. */
export const GENERIC_ZOOM = `${ZOOM}/PositionGenericSpace`;

type Range = readonly [number, number];
const UNIT: Range = [0, 1];
const SIGNED: Range = [-1, 1];

const mapRange = (value: number, from: Range, to: Range): number =>
  to[0] + ((value - from[0]) / (from[1] - from[0])) * (to[1] - to[0]);

const checked = (value: number, range: Range): number => {
  const slack = 1e-6 * (range[1] - range[0]);
  if (value >= range[0] - slack && value <= range[1] + slack) return value;
  throw new OnvifFaultError(true, ['ter:InvalidArgVal', 'ter:InvalidPosition'], 'Position out of bounds');
};

const unknownSpace = (): OnvifFaultError =>
  new OnvifFaultError(true, ['ter:InvalidArgVal', 'ter:SpaceNotSupported'], 'Space not supported');

export const panTiltFrom = (
  x: number,
  y: number,
  space: string,
  model: CameraModel,
): { panDeg: number; tiltDeg: number } => {
  const { panRangeDeg, tiltRangeDeg } = model;
  if (space === DEGREES_PAN_TILT)
    return { panDeg: checked(x, panRangeDeg), tiltDeg: checked(y, tiltRangeDeg) };
  if (space !== GENERIC_PAN_TILT) throw unknownSpace();
  return {
    panDeg: mapRange(checked(x, SIGNED), SIGNED, panRangeDeg),
    tiltDeg: mapRange(checked(y, SIGNED), SIGNED, tiltRangeDeg),
  };
};

export const zoomFrom = (x: number, space: string, model: CameraModel): { zoom: number } => {
  if (space !== GENERIC_ZOOM) throw unknownSpace();
  return { zoom: mapRange(checked(x, UNIT), UNIT, model.zoomRange) };
};

/** The position in generic spaces, as GetStatus tells it. */
export const positionXml = (position: PtzPosition, model: CameraModel): string => {
  const pan = mapRange(position.panDeg, model.panRangeDeg, SIGNED).toFixed(7);
  const tilt = mapRange(position.tiltDeg, model.tiltRangeDeg, SIGNED).toFixed(7);
  const zoom = mapRange(position.zoom, model.zoomRange, UNIT).toFixed(7);
  return (
    `<tt:Position><tt:PanTilt x="${pan}" y="${tilt}" space="${GENERIC_PAN_TILT}"/>` +
    `<tt:Zoom x="${zoom}" space="${GENERIC_ZOOM}"/></tt:Position>`
  );
};

const axis = (name: string, range: Range): string =>
  `<tt:${name}><tt:Min>${range[0]}</tt:Min><tt:Max>${range[1]}</tt:Max></tt:${name}>`;

const space = (name: string, uri: string, x: Range, y?: Range): string =>
  `<tt:${name}><tt:URI>${uri}</tt:URI>${axis('XRange', x)}${y === undefined ? '' : axis('YRange', y)}</tt:${name}>`;

/** All spaces the node announces: generic ones first, as clients take the first for the default. */
export const spacesXml = (model: CameraModel): string =>
  space('AbsolutePanTiltPositionSpace', GENERIC_PAN_TILT, SIGNED, SIGNED) +
  space('AbsolutePanTiltPositionSpace', DEGREES_PAN_TILT, model.panRangeDeg, model.tiltRangeDeg) +
  space('AbsoluteZoomPositionSpace', GENERIC_ZOOM, UNIT) +
  space('ContinuousPanTiltVelocitySpace', `${PAN_TILT}/VelocityGenericSpace`, SIGNED, SIGNED) +
  space('ContinuousZoomVelocitySpace', `${ZOOM}/VelocityGenericSpace`, SIGNED) +
  space('PanTiltSpeedSpace', `${PAN_TILT}/GenericSpeedSpace`, UNIT) +
  space('ZoomSpeedSpace', `${ZOOM}/ZoomGenericSpeedSpace`, UNIT);

export const limitsXml = (): string =>
  `<tt:PanTiltLimits>${space('Range', GENERIC_PAN_TILT, SIGNED, SIGNED)}</tt:PanTiltLimits>` +
  `<tt:ZoomLimits>${space('Range', GENERIC_ZOOM, UNIT)}</tt:ZoomLimits>`;
