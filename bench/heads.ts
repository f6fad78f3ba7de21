import { Random } from './random.js';

/**
 * How the head of a virtual camera is built, as observatories and surveyors write it; degrees, gains as shares.
 *
 *     mountFromBody = Rz(P)·Rx(tiltAxis)·Ry(T)·Rz(collimation)·Rx(roll)
 *     P = pan·(1 + panGain) + eccentricitySin·sin(pan) + eccentricityCos·cos(pan)
 *     T = tilt·(1 + tiltGain) + tiltZero
 *
 * Pan is the one that telemetry tells, not wrapped: a head with end stops counts from its pan zero.
 */
export interface Head {
  /** The tilt axis is not square to the pan axis. */
  readonly tiltAxisDeg: number;
  /** The tilt encoder's zero is off. */
  readonly tiltZeroDeg: number;
  /** The optical axis is not square to the tilt axis. */
  readonly collimationDeg: number;
  /** The sensor is rolled in the body. */
  readonly rollDeg: number;
  readonly panGain: number;
  readonly tiltGain: number;
  readonly eccentricitySinDeg: number;
  readonly eccentricityCosDeg: number;
}

/** Where the optical axis meets the picture, against its middle. */
export interface PrincipalPoint {
  /** At zoom 1, as shares of the picture's width. */
  readonly xShare: number;
  readonly yShare: number;
  /** What each doubling of zoom adds. */
  readonly xWanderPx: number;
  readonly yWanderPx: number;
}

/** How truly the axes stand where telemetry says. */
export interface Encoders {
  /** Of each axis, normal. */
  readonly noiseDeg: number;
  /** Play between both directions of approach. */
  readonly backlashDeg: number;
  /** What telemetry is rounded to; 0: not at all. */
  readonly stepDeg: number;
}

/** One camera as it left the works: no two of a type are alike. */
export interface Build {
  readonly head: Head;
  readonly principalPoint: PrincipalPoint;
}

export const IDEAL_HEAD: Head = {
  ...{ tiltAxisDeg: 0, tiltZeroDeg: 0, collimationDeg: 0, rollDeg: 0, panGain: 0, tiltGain: 0 },
  ...{ eccentricitySinDeg: 0, eccentricityCosDeg: 0 },
};

export const IN_THE_MIDDLE: PrincipalPoint = { xShare: 0, yShare: 0, xWanderPx: 0, yWanderPx: 0 };

/** No camera is built so: it has to be asked for by name. */
export const IDEAL: Build = { head: IDEAL_HEAD, principalPoint: IN_THE_MIDDLE };

export const EXACT: Encoders = { noiseDeg: 0, backlashDeg: 0, stepDeg: 0 };

/** Spread of what is ordinary, and where the works' inspection cuts it off. */
const ANGLE_DEG = { sigma: 0.3, most: 1 };
const GAIN = { sigma: 0.001, most: 0.005 };
const POINT_SHARE = { sigma: 0.008, most: 0.02 };
/** Four zooms, each twice the one before, see the principal point wander by 20 px at most. */
const MOST_WANDER_PX = 20 / 3;

const cutNormal = ({ sigma, most }: typeof ANGLE_DEG, random: Random): number => {
  for (;;) {
    const value = sigma * random.gauss();
    if (Math.abs(value) <= most) return value;
  }
};

const ordinaryPoint = (random: Random): PrincipalPoint => {
  const [towards, wanderPx] = [random.between(0, 2 * Math.PI), random.between(0, MOST_WANDER_PX)];
  return {
    xShare: cutNormal(POINT_SHARE, random),
    yShare: cutNormal(POINT_SHARE, random),
    xWanderPx: wanderPx * Math.cos(towards),
    yWanderPx: wanderPx * Math.sin(towards),
  };
};

/** An ordinary camera; the same for the same name. */
export const ordinaryBuild = (name: string): Build => {
  const random = new Random(`build of ${name}`);
  return {
    head: {
      tiltAxisDeg: cutNormal(ANGLE_DEG, random),
      tiltZeroDeg: cutNormal(ANGLE_DEG, random),
      collimationDeg: cutNormal(ANGLE_DEG, random),
      rollDeg: cutNormal(ANGLE_DEG, random),
      panGain: cutNormal(GAIN, random),
      tiltGain: cutNormal(GAIN, random),
      ...{ eccentricitySinDeg: 0, eccentricityCosDeg: 0 },
    },
    principalPoint: ordinaryPoint(random),
  };
};

/** Where an axis is, in its encoder's count, and what telemetry says of it. */
export interface AxisReading {
  readonly axisDeg: number;
  readonly toldDeg: number;
}

/** An axis that was sent to an angle, from below (1) or from above (−1). It stops somewhere within its encoder's step. */
export const sendAxis = (
  { noiseDeg, backlashDeg, stepDeg }: Encoders,
  commandedDeg: number,
  approach: 1 | -1,
  random: Random,
): AxisReading => {
  const stoppedDeg = commandedDeg + stepDeg * random.between(-0.5, 0.5);
  return {
    axisDeg: stoppedDeg - (approach * backlashDeg) / 2 + noiseDeg * random.gauss(),
    toldDeg: stepDeg === 0 ? stoppedDeg : Math.round(stoppedDeg / stepDeg) * stepDeg,
  };
};
