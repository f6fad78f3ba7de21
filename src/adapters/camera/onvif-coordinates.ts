import type { DeviceSettings } from '../../config/settings.js';
import type { PtzReach } from '../../ports/ptz-controller.js';
import { attributeOf, elementsIn, numberFrom, textIn, type XmlElement } from './onvif-soap.js';

export type Range = readonly [number, number];

/** A coordinate system that a camera's node offers for absolute positions. */
interface PanTiltSpace {
  readonly uri: string;
  readonly x: Range;
  readonly y: Range;
}

interface ZoomSpace {
  readonly uri: string;
  readonly x: Range;
}

export interface NodeSpaces {
  readonly panTilt: readonly PanTiltSpace[];
  readonly zoom: readonly ZoomSpace[];
}

const GENERIC = /\/PositionGenericSpace$/;
const DEGREES = /\/SphericalPositionSpaceDegrees$/;

const rangeIn = (space: XmlElement, name: string): Range | null => {
  const range = elementsIn(space, name)[0];
  const min = numberFrom(textIn(range, 'min'));
  const max = numberFrom(textIn(range, 'max'));
  return min === null || max === null || min >= max ? null : [min, max];
};

/** The absolute spaces of a `PTZNode`; those without whole ranges are left out. */
export const spacesOf = (node: XmlElement): NodeSpaces => {
  const spaces = elementsIn(node, 'supportedPTZSpaces')[0];
  const panTilt = elementsIn(spaces, 'absolutePanTiltPositionSpace').flatMap((space) => {
    const [uri, x, y] = [textIn(space, 'URI'), rangeIn(space, 'XRange'), rangeIn(space, 'YRange')];
    return uri === null || x === null || y === null ? [] : [{ uri, x, y }];
  });
  const zoom = elementsIn(spaces, 'absoluteZoomPositionSpace').flatMap((space) => {
    const [uri, x] = [textIn(space, 'URI'), rangeIn(space, 'XRange')];
    return uri === null || x === null ? [] : [{ uri, x }];
  });
  return { panTilt, zoom };
};

const mapRange = (value: number, from: Range, to: Range): number =>
  to[0] + ((value - from[0]) / (from[1] - from[0])) * (to[1] - to[0]);

/** Turns an axis's numbers of one space into the product's and back. */
interface AxisScale {
  toProduct(value: number): number;
  toDevice(value: number): number;
  readonly reach: Range;
}

const scaleOf = (device: Range, meaning: Range, sign: 1 | -1): AxisScale => {
  const [a, b] = [sign * meaning[0], sign * meaning[1]];
  return {
    toProduct: (value) => sign * mapRange(value, device, meaning),
    toDevice: (value) => mapRange(sign * value, meaning, device),
    reach: a <= b ? [a, b] : [b, a],
  };
};

/** A pan/tilt space whose numbers can be converted to degrees. */
export interface PanTiltScale {
  readonly uri: string;
  readonly pan: AxisScale;
  readonly tilt: AxisScale;
}

export interface ZoomScale {
  readonly uri: string;
  readonly zoom: {
    /** Null for a number whose magnification is not known. */
    toProduct(value: number): number | null;
    toDevice(magnification: number): number;
    readonly reach: Range;
  };
}

/**
 * The pan/tilt spaces that have a meaning in degrees, the one to drive in first. Normalised numbers get theirs from the
 * settings, else from the range of the node's space in degrees; without either they have none.
 */
export const panTiltScales = (spaces: NodeSpaces, settings: DeviceSettings['ptz']): PanTiltScale[] => {
  const degrees = spaces.panTilt.find(({ uri }) => DEGREES.test(uri));
  const panRange = settings.panRangeDeg ?? degrees?.x ?? null;
  const tiltRange = settings.tiltRangeDeg ?? degrees?.y ?? null;
  const scales = spaces.panTilt.flatMap((space) => {
    const isDegrees = DEGREES.test(space.uri);
    const [x, y] = isDegrees ? [space.x, space.y] : [panRange, tiltRange];
    if (x === null || y === null || !(isDegrees || GENERIC.test(space.uri))) return [];
    const pan = scaleOf(space.x, x, settings.panSign);
    return [{ uri: space.uri, pan, tilt: scaleOf(space.y, y, settings.tiltSign) }];
  });
  // Who states ranges means the normalised numbers; otherwise degrees need no assumption.
  const first = settings.panRangeDeg === null ? DEGREES : GENERIC;
  return [...scales.filter(({ uri }) => first.test(uri)), ...scales.filter(({ uri }) => !first.test(uri))];
};

/** Cameras round what they report. */
const WIDEST_SLACK = 0.002;

/** Without the settings' word only the lowest number has a meaning: the widest view is magnification 1. */
const widestOnly = ([low, high]: Range): ZoomScale['zoom'] => ({
  toProduct: (value) => (value - low <= WIDEST_SLACK * (high - low) ? 1 : null),
  toDevice: () => low,
  reach: [1, 1],
});

/** The zoom spaces that have a meaning as magnification: the generic one, as far as the settings tell its range. */
export const zoomScales = (spaces: NodeSpaces, { zoomRange }: DeviceSettings['ptz']): ZoomScale[] =>
  spaces.zoom
    .filter(({ uri }) => GENERIC.test(uri))
    .map(({ uri, x }) => ({ uri, zoom: zoomRange === null ? widestOnly(x) : scaleOf(x, zoomRange, 1) }));

export const reachOf = (panTilt: PanTiltScale | undefined, zoom: ZoomScale | undefined): PtzReach => ({
  panDeg: panTilt?.pan.reach ?? null,
  tiltDeg: panTilt?.tilt.reach ?? null,
  zoom: zoom?.zoom.reach ?? null,
});

/** The pan or a full turn more or less, whichever is within reach and nearest to what was asked; null when none is. */
export const panWithin = (panDeg: number, [low, high]: Range): number | null => {
  const slackDeg = 1e-6;
  const turned = [panDeg, panDeg - 360, panDeg + 360].find(
    (angleDeg) => angleDeg >= low - slackDeg && angleDeg <= high + slackDeg,
  );
  return turned === undefined ? null : Math.min(high, Math.max(low, turned));
};

/** The raw position in a `GetStatus` answer: numbers and their space; null for what it lacks. */
interface RawPosition {
  readonly panTilt: { readonly x: number; readonly y: number; readonly space: string | null } | null;
  readonly zoom: { readonly x: number; readonly space: string | null } | null;
}

export const rawPositionOf = (status: XmlElement): RawPosition => {
  const position = elementsIn(elementsIn(status, 'PTZStatus')[0], 'position')[0];
  const panTilt = elementsIn(position, 'panTilt')[0];
  const zoom = elementsIn(position, 'zoom')[0];
  const numberOf = (element: XmlElement | undefined, name: string): number | null =>
    numberFrom(attributeOf(element, name));
  const [x, y, z] = [numberOf(panTilt, 'x'), numberOf(panTilt, 'y'), numberOf(zoom, 'x')];
  return {
    panTilt: x === null || y === null ? null : { x, y, space: attributeOf(panTilt, 'space') },
    zoom: z === null ? null : { x: z, space: attributeOf(zoom, 'space') },
  };
};
