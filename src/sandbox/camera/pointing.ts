import { radFromDeg } from '../../geometry/angles.js';
import { AppError } from '../../ports/app-error.js';
import { createRandom, hashOf, type SeededRandom } from '../scenery/random.js';
import { aboutX, aboutY, aboutZ, product, type Matrix3 } from './matrix.js';

/** How a head differs from one whose axes are square and whose encoders are exact. */
export interface HeadTerms {
  /** The tilt axis is not square to the pan axis: its right end is so much too low. */
  readonly tiltAxisDeg: number;
  /** So far up the camera looks when the tilt encoder says 0. */
  readonly tiltZeroDeg: number;
  /** The camera looks so far to the right of square to the tilt axis. */
  readonly collimationDeg: number;
  /** The sensor is rolled in the body, right side down. */
  readonly rollDeg: number;
  /** The pan axis turns by 1 + this of what its encoder counts; 0 where it turns endlessly: a whole turn is a whole turn. */
  readonly panGain: number;
  /** The same of the tilt axis. */
  readonly tiltGain: number;
  /** The pan circle is read off its centre: the errors by sine and cosine of pan. */
  readonly eccentricitySinDeg: number;
  readonly eccentricityCosDeg: number;
}

/** Where the optical axis meets the picture: shares of the picture's width, to the right of and below its middle. */
export interface PrincipalPoint {
  readonly xShare: number;
  readonly yShare: number;
}

/** Where a camera points, and through which point of its picture. */
export interface Pointing extends HeadTerms {
  /** At the widest zoom. */
  readonly principal: PrincipalPoint;
  /** How far the principal point wanders from the widest zoom to the longest. */
  readonly wander: PrincipalPoint;
}

const MIDDLE: PrincipalPoint = { xShare: 0, yShare: 0 };

/** A head and lens as no factory makes them. */
export const IDEAL_POINTING: Pointing = {
  tiltAxisDeg: 0,
  tiltZeroDeg: 0,
  collimationDeg: 0,
  rollDeg: 0,
  panGain: 0,
  tiltGain: 0,
  eccentricitySinDeg: 0,
  eccentricityCosDeg: 0,
  principal: MIDDLE,
  wander: MIDDLE,
};

/**
 * Attitude of the camera's body in the mount frame (both x forward, y right, z down) when the axes stand at `panDeg` and `tiltDeg`,
 * as their encoders count: Rz(P)·Rx(tiltAxis)·Ry(T)·Rz(collimation)·Rx(roll). Pan is not wrapped: its gain counts from 0.
 */
export const mountFromBody = (terms: HeadTerms, panDeg: number, tiltDeg: number): Matrix3 => {
  const panRad = radFromDeg(panDeg);
  const readOffCentreDeg =
    terms.eccentricitySinDeg * Math.sin(panRad) + terms.eccentricityCosDeg * Math.cos(panRad);
  return product(
    aboutZ(panDeg * (1 + terms.panGain) + readOffCentreDeg),
    aboutX(terms.tiltAxisDeg),
    aboutY(tiltDeg * (1 + terms.tiltGain) + terms.tiltZeroDeg),
    aboutZ(terms.collimationDeg),
    aboutX(terms.rollDeg),
  );
};

/** The principal point at a zoom; it wanders by the same for each doubling. */
export const principalPointAt = (
  { principal, wander }: Pointing,
  [widest, longest]: readonly [number, number],
  zoom: number,
): PrincipalPoint => {
  const way = longest > widest ? Math.log(zoom / widest) / Math.log(longest / widest) : 0;
  return { xShare: principal.xShare + way * wander.xShare, yShare: principal.yShare + way * wander.yShare };
};

/** A normal distribution about 0, and what lies beyond the cut drawn again. */
interface Spread {
  readonly sigma: number;
  readonly cut: number;
}

const AXIS_DEG: Spread = { sigma: 0.25, cut: 0.7 };
const GAIN: Spread = { sigma: 0.001, cut: 0.003 };
const ECCENTRICITY_DEG: Spread = { sigma: 0.02, cut: 0.06 };
const PRINCIPAL_SHARE: Spread = { sigma: 0.006, cut: 0.015 };
/** 20 px of a picture 1280 px wide. */
const LARGEST_WANDER_SHARE = 20 / 1280;
const LARGEST_BACKLASH_DEG = 0.02;
/** Keep what is drawn for the head apart from whatever else is drawn from the camera's seed. */
const POINTING_STREAM = 0x9001;
const BACKLASH_STREAM = 0x9002;

const draw = (random: SeededRandom, { sigma, cut }: Spread): number => {
  for (;;) {
    const drawn = random.gauss() * sigma;
    if (Math.abs(drawn) <= cut) return drawn;
  }
};

const drawWander = (random: SeededRandom): PrincipalPoint => {
  const [length, direction] = [random.between(0, LARGEST_WANDER_SHARE), random.between(0, 2 * Math.PI)];
  return { xShare: length * Math.cos(direction), yShare: length * Math.sin(direction) };
};

/** A head and lens as factories make them: the same for the same seed. */
export const drawPointing = (seed: number, turnsEndlessly: boolean): Pointing => {
  const random = createRandom(hashOf(seed, POINTING_STREAM));
  const drawn: Pointing = {
    tiltAxisDeg: draw(random, AXIS_DEG),
    tiltZeroDeg: draw(random, AXIS_DEG),
    collimationDeg: draw(random, AXIS_DEG),
    rollDeg: draw(random, AXIS_DEG),
    panGain: draw(random, GAIN),
    tiltGain: draw(random, GAIN),
    eccentricitySinDeg: draw(random, ECCENTRICITY_DEG),
    eccentricityCosDeg: draw(random, ECCENTRICITY_DEG),
    principal: { xShare: draw(random, PRINCIPAL_SHARE), yShare: draw(random, PRINCIPAL_SHARE) },
    wander: drawWander(random),
  };
  return turnsEndlessly ? { ...drawn, panGain: 0 } : drawn;
};

/** The play of a camera's gears, degrees: the same for the same seed. */
export const drawBacklashDeg = (seed: number): number =>
  createRandom(hashOf(seed, BACKLASH_STREAM)).between(0, LARGEST_BACKLASH_DEG);

/** Which head a camera gets: one drawn by its seed, the ideal one, or the ideal one but for these terms. */
export type HeadChoice = 'drawn' | 'ideal' | Partial<Pointing>;

export const choosePointing = (choice: HeadChoice, seed: number, turnsEndlessly: boolean): Pointing => {
  if (choice === 'drawn') return drawPointing(seed, turnsEndlessly);
  const pointing = choice === 'ideal' ? IDEAL_POINTING : { ...IDEAL_POINTING, ...choice };
  if (turnsEndlessly && pointing.panGain !== 0)
    throw new AppError(
      'head_impossible',
      `A virtual head that turns endlessly cannot have a pan gain of ${pointing.panGain}.`,
      'Give it end stops (a pan range other than 360°), or an eccentricity instead.',
    );
  return pointing;
};
