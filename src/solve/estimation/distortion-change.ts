import type { Lens } from '../../geometry/lens.js';
import { invertSymmetric } from '../../geometry/linear.js';
import { type Mat3, multiply, rotate, transpose } from '../../geometry/rotation.js';
import { lensAtZoom, type LensLevel } from '../model/lens-levels.js';
import type { CaptureGeometry, Observation } from '../model/observation.js';
import { fitRobustly, type NormalEquations, type RobustProblem, tukey } from './robust-least-squares.js';

/** One observation's radius against the expected lens, in units of the focal length. */
interface Radial {
  /** By focal length, k1, and the two shifts of the picture's middle. */
  readonly basis: readonly [number, number, number, number];
  /** Seen − expected. */
  readonly excess: number;
}

const PARAMETERS = 4;
const K1 = 1;
const ITERATIONS = 12;
const TUKEY_SPREADS = 4.7;
const MIN_OBSERVATIONS = 60;
/** Errors of neighbouring observations go together: standard errors are taken this much larger. */
const SIGMA_FACTOR = 2;
const MIN_CHI = 6;
/** A distortion that moves the picture's corner by less than this part of its radius is within the ageing of a lens. */
const MIN_CORNER = 0.009;
/** Along its range a zoom lens goes from barrel to pincushion: so much at the corner for a factor of e. */
const CORNER_PER_ZOOM = 0.09;

const radialOf = (
  { x, y, landmark }: Observation,
  { lens }: CaptureGeometry,
  bodyFromMount: Mat3,
  focalScale: number,
): Radial | null => {
  const [forward, right, down] = rotate(bodyFromMount, landmark);
  if (forward <= 1e-6) return null;
  const r = Math.hypot(right, down) / forward;
  if (r < 1e-3) return null;
  const [ux, uy] = [right / forward / r, down / forward / r];
  const focalPx = lens.focalPx * focalScale;
  const seen = ((x - lens.centreX) * ux + (y - lens.centreY) * uy) / focalPx;
  const expected = r * (1 + lens.k1 * r * r + lens.k2 * r ** 4);
  return { basis: [r, r ** 3, ux, uy], excess: seen - expected };
};

const residualOf = ({ basis, excess }: Radial, x: Float64Array): number =>
  excess - basis.reduce((sum, value, k) => sum + value * x[k]!, 0);

/** Robust spread from the median. */
const spreadOf = (lengths: Float64Array): number =>
  Math.max(1e-6, Float64Array.from(lengths).sort()[lengths.length >> 1]! / 0.6745);

const COLUMNS = Int32Array.of(0, 1, 2, 3);

class RadialFit implements RobustProblem<Float64Array> {
  readonly size = PARAMETERS;
  constructor(private readonly radials: readonly Radial[]) {}

  linearize(x: Float64Array, normal: NormalEquations, weightOf: (length: number) => number): Float64Array {
    return Float64Array.from(this.radials, (radial) => {
      const residual = residualOf(radial, x);
      normal.add(COLUMNS, radial.basis, -residual, weightOf(Math.abs(residual)));
      return Math.abs(residual);
    });
  }

  moved(x: Float64Array, step: Float64Array): Float64Array {
    return x.map((value, i) => value + step[i]!);
  }
}

/** k1's change and its standard error; null when it is not observable. */
const fitK1 = (radials: readonly Radial[]): { change: number; sigma: number } | null => {
  const { state, normal } = fitRobustly(new RadialFit(radials), new Float64Array(PARAMETERS), {
    ...{ iterations: ITERATIONS, spreadOf, convergedSigmas: 0.001 },
    loss: tukey(TUKEY_SPREADS),
  });
  const variance = invertSymmetric(normal.hessian, PARAMETERS)?.[K1 * PARAMETERS + K1];
  return variance === undefined ? null : { change: state[K1]!, sigma: SIGMA_FACTOR * Math.sqrt(variance) };
};

const cornerRadius = ({ centreX, centreY, focalPx }: Lens): number => Math.hypot(centreX, centreY) / focalPx;

/**
 * Whether the pictures were taken through another lens than the scan's: its distortion differs by more than a change of zoom
 * brings with it. The seen radii of the observations are held against the expected ones; a turn of the camera moves them to one
 * side, focal length and distortion move them outwards, by r and by r³. `observations` of all captures, found within a wide
 * search.
 */
export const isOtherLens = (
  looks: readonly {
    readonly capture: CaptureGeometry;
    readonly rotation: Mat3;
    readonly observations: readonly Observation[];
  }[],
  focalScale: number,
): boolean => {
  const radials = looks.flatMap(({ capture, rotation, observations }) => {
    const bodyFromMount = transpose(multiply(rotation, capture.claimed));
    return observations.flatMap(
      (observation) => radialOf(observation, capture, bodyFromMount, focalScale) ?? [],
    );
  });
  const fit = radials.length < MIN_OBSERVATIONS ? null : fitK1(radials);
  if (fit === null || Math.abs(fit.change) < MIN_CHI * fit.sigma) return false;
  const corner = Math.max(...looks.map(({ capture }) => cornerRadius(capture.lens))) / focalScale;
  return Math.abs(fit.change) * corner ** 2 > MIN_CORNER + CORNER_PER_ZOOM * Math.abs(Math.log(focalScale));
};

/** The focal length of a camera's widest zoom is known to a few parts in a hundred. */
const WIDER = 0.95;

/** Whether a picture is wider than the scan's camera can see: magnification 1 is its widest. `lens` as expected of the picture. */
export const isWiderThanWidest = (
  levels: readonly LensLevel[],
  { focalPx }: Lens,
  focalScale: number,
): boolean => focalPx * focalScale < WIDER * lensAtZoom(levels, 1, 1, 1).focalPx;
