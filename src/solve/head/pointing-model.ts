import { exponential, multiply, rotate, type Mat3, type Vec3 } from '../../geometry/rotation.js';

/**
 * Where a real pan-tilt head looks. No head is the ideal `Rz(pan)·Ry(tilt)`: axes are not square, encoders have a wrong zero and
 * count a little too much, the camera sits crooked on its arm. Telescopes (TPOINT: Wallace 1994), theodolites and PTZ cameras
 * (Davis & Chen, ICCV 2003; Wu & Radke, TPAMI 2013) are all described by the same few named terms:
 *
 *     mountFromBody = Rz(P)·Rx(tiltAxis)·Ry(T)·Rz(collimation)·Rx(roll)
 *     P = pan·(1 + panGain) + eccentricitySin·sin(pan) + eccentricityCos·cos(pan) − panBacklash/2·(way that it came)
 *     T = tilt·(1 + tiltGain) + tiltZero + flexure·cos(tilt) − tiltBacklash/2·(way that it came)
 *
 * Frames and signs as everywhere: mount x forward, y right, z down; pan positive to the right, tilt up, roll right side down.
 * Pan and tilt are what telemetry says, radians, not wrapped: the gain of a head with end stops counts from its pan zero.
 *
 * Degenerate cases. The zero of pan and the leaning of the pan axis are no terms: they are the mount's own rotation, which is what
 * a check measures. Seen at a single tilt, `tiltAxis` and `roll` differ only by sin(tilt), `tiltZero` and `tiltGain` not at all;
 * over a narrow range of pans, `panGain` looks like the lens's focal length. Priors hold what a scan does not show.
 */
export interface HeadTerms {
  /** The tilt axis is not square to the pan axis (NPAE, trunnion axis error), radians. */
  readonly tiltAxis: number;
  /** The tilt encoder's zero (IE, vertical index error), radians. */
  readonly tiltZero: number;
  /** The optical axis is not square to the tilt axis (CA), radians. */
  readonly collimation: number;
  /** The sensor is rolled in the body, radians. */
  readonly roll: number;
  /** A turn of the pan axis is 1 + this of what its encoder counts. */
  readonly panGain: number;
  /** The same of the tilt axis. */
  readonly tiltGain: number;
  /** The pan circle is read off its centre: the errors by sine and cosine of pan, radians. */
  readonly eccentricitySin: number;
  readonly eccentricityCos: number;
  /** The arm bends under the camera: so much at the horizon, less above and below (TF), radians. */
  readonly flexure: number;
  /** Play between the motors and what they drive: an axis stops short by half of it, on the side that it came from; radians. */
  readonly panBacklash: number;
  readonly tiltBacklash: number;
}

export type HeadTerm = keyof HeadTerms;

/** All terms, in the order of every vector and matrix of them. */
export const HEAD_TERMS = [
  'tiltAxis',
  'tiltZero',
  'collimation',
  'roll',
  'panGain',
  'tiltGain',
  'eccentricitySin',
  'eccentricityCos',
  'flexure',
  'panBacklash',
  'tiltBacklash',
] as const satisfies readonly HeadTerm[];

export const IDEAL_HEAD: HeadTerms = {
  tiltAxis: 0,
  tiltZero: 0,
  collimation: 0,
  roll: 0,
  panGain: 0,
  tiltGain: 0,
  eccentricitySin: 0,
  eccentricityCos: 0,
  flexure: 0,
  panBacklash: 0,
  tiltBacklash: 0,
};

/** What telemetry says of the two axes, radians. */
export interface PanTilt {
  readonly panRad: number;
  readonly tiltRad: number;
  /** Which way each axis came there: 1 upwards, −1 downwards; unknown where omitted. */
  readonly panWay?: number;
  readonly tiltWay?: number;
}

const aboutX = (angle: number): Mat3 => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.of(1, 0, 0, 0, c, -s, 0, s, c);
};
const aboutY = (angle: number): Mat3 => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.of(c, 0, s, 0, 1, 0, -s, 0, c);
};
const aboutZ = (angle: number): Mat3 => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1);
};

/** True angles of the two axes, radians. */
const axisAngles = (
  head: HeadTerms,
  { panRad, tiltRad, panWay = 0, tiltWay = 0 }: PanTilt,
): readonly [number, number] => [
  panRad * (1 + head.panGain) +
    head.eccentricitySin * Math.sin(panRad) +
    head.eccentricityCos * Math.cos(panRad) -
    (head.panBacklash / 2) * panWay,
  tiltRad * (1 + head.tiltGain) +
    head.tiltZero +
    head.flexure * Math.cos(tiltRad) -
    (head.tiltBacklash / 2) * tiltWay,
];

/** The frame in which the tilt axis is y, in the mount's: Rz(P)·Rx(tiltAxis). */
const mountFromArm = (head: HeadTerms, pan: number): Mat3 => multiply(aboutZ(pan), aboutX(head.tiltAxis));

/** Attitude of the camera's body in the mount frame, as the head turns it. */
export const attitudeOf = (head: HeadTerms, at: PanTilt): Mat3 => {
  const [pan, tilt] = axisAngles(head, at);
  const body = multiply(aboutZ(head.collimation), aboutX(head.roll));
  return multiply(multiply(mountFromArm(head, pan), aboutY(tilt)), body);
};

/**
 * The axes about which the encoders' errors turn the body, in the mount frame, unit: pan axis, tilt axis, and across both, about
 * which nothing but the head's play turns it.
 */
export const encoderAxes = (head: HeadTerms, at: PanTilt): readonly [Vec3, Vec3, Vec3] => {
  const arm = mountFromArm(head, axisAngles(head, at)[0]);
  return [[0, 0, 1], rotate(arm, [0, 1, 0]), rotate(arm, [1, 0, 0])];
};

/** The small rotation, as a vector in the mount frame, that errors about {@link encoderAxes} make, radians. */
const turnAbout = (axes: readonly [Vec3, Vec3, Vec3], own: Vec3): Vec3 => {
  const along = (k: 0 | 1 | 2): number => axes[0][k] * own[0] + axes[1][k] * own[1] + axes[2][k] * own[2];
  return [along(0), along(1), along(2)];
};

/** Attitude with the errors of a stop's own encoders, radians about {@link encoderAxes}. */
export const attitudeAtStop = (head: HeadTerms, at: PanTilt, own: Vec3): Mat3 =>
  multiply(exponential(turnAbout(encoderAxes(head, at), own)), attitudeOf(head, at));

const scaled = (v: Vec3, factor: number): Vec3 => [v[0] * factor, v[1] * factor, v[2] * factor];

/**
 * Derivative of {@link attitudeOf} by every term of {@link HEAD_TERMS}, each as a rotation vector v in the mount frame:
 * d(mountFromBody) = [v]×·mountFromBody.
 */
export const attitudeByTerms = (head: HeadTerms, at: PanTilt): readonly Vec3[] => {
  const { panRad, tiltRad, panWay = 0, tiltWay = 0 } = at;
  const [pan, tilt] = axisAngles(head, at);
  const arm = mountFromArm(head, pan);
  const cradle = multiply(arm, aboutY(tilt));
  const panAxis: Vec3 = [0, 0, 1];
  const tiltAxis = rotate(arm, [0, 1, 0]);
  return [
    rotate(aboutZ(pan), [1, 0, 0]),
    tiltAxis,
    rotate(cradle, [0, 0, 1]),
    rotate(multiply(cradle, aboutZ(head.collimation)), [1, 0, 0]),
    scaled(panAxis, panRad),
    scaled(tiltAxis, tiltRad),
    scaled(panAxis, Math.sin(panRad)),
    scaled(panAxis, Math.cos(panRad)),
    scaled(tiltAxis, Math.cos(tiltRad)),
    scaled(panAxis, -panWay / 2),
    scaled(tiltAxis, -tiltWay / 2),
  ];
};

/** The head whose terms differ from another's by a vector of them. */
export const withTermsAdded = (head: HeadTerms, step: ArrayLike<number>): HeadTerms => {
  const moved: Record<HeadTerm, number> = { ...head };
  HEAD_TERMS.forEach((term, i) => (moved[term] += step[i] ?? 0));
  return moved;
};
