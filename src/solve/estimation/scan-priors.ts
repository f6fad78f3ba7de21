import { radFromDeg } from '../../geometry/angles.js';
import type { Lens } from '../../geometry/lens.js';
import type { EncoderSigma } from '../head/encoder-noise.js';
import { HEAD_TERMS, type HeadTerm } from '../head/pointing-model.js';
import type { NormalEquations } from './robust-least-squares.js';
import type { ScanGeometry } from './scan-geometry.js';
import { headColumns, isEstimated, lensColumns, ownColumn, type ScanLayout } from './scan-layout.js';

/** What is known of any head before it is seen, one standard error: ordinary ones are built to some tenths of a degree. */
const AXIS_PRIOR_RAD = radFromDeg(0.5);
const TERM_PRIOR: Readonly<Record<HeadTerm, number>> = {
  tiltAxis: AXIS_PRIOR_RAD,
  tiltZero: AXIS_PRIOR_RAD,
  collimation: AXIS_PRIOR_RAD,
  roll: AXIS_PRIOR_RAD,
  panGain: 0.0025,
  tiltGain: 0.0025,
  eccentricitySin: radFromDeg(0.2),
  eccentricityCos: radFromDeg(0.2),
  flexure: radFromDeg(0.2),
  panBacklash: radFromDeg(0.1),
  tiltBacklash: radFromDeg(0.1),
};
/** The principal point lies within so much of the middle, as a share of the width. */
const CENTRE_PRIOR = 0.01;
/** A focal length that nothing shows may be half or twice as long; distortion moves the corner by a third at most. */
const [LOG_FOCAL_PRIOR, CORNER_PRIOR] = [0.7, 0.3];

/** What is known of the lenses: the size of their pictures, and about how long they are. */
interface LensPrior {
  readonly widthPx: number;
  readonly heightPx: number;
  /** One a zoom level. */
  readonly lenses: readonly Lens[];
}

/** Adds what is known of a scan before its pictures are asked: heads, encoders and lenses are of an ordinary make. */
export const addPriors = (
  state: ScanGeometry,
  normal: NormalEquations,
  layout: ScanLayout,
  { panRad, tiltRad, playRad }: EncoderSigma,
  frame: LensPrior,
): void => {
  const information = [panRad, tiltRad, playRad].map((sigma) => 1 / sigma ** 2);
  state.own.forEach((own, stop) =>
    own.forEach((error, axis) => normal.addPrior(ownColumn(stop) + axis, error, information[axis]!)),
  );
  headColumns(layout).forEach((column, i) => {
    const term = HEAD_TERMS[i]!;
    if (isEstimated(column)) normal.addPrior(column, state.head[term], 1 / TERM_PRIOR[term] ** 2);
  });
  state.lenses.forEach((lens, level) => addLensPriors(lens, level, normal, layout, frame));
};

const addLensPriors = (
  lens: Lens,
  level: number,
  normal: NormalEquations,
  layout: ScanLayout,
  { widthPx, heightPx, lenses }: LensPrior,
): void => {
  const corner = Math.hypot(widthPx, heightPx) / 2 / lens.focalPx;
  const centreSigma = CENTRE_PRIOR * widthPx;
  const excess = [
    Math.log(lens.focalPx / lenses[level]!.focalPx),
    ...[lens.k1, lens.k2, lens.centreX - (widthPx - 1) / 2, lens.centreY - (heightPx - 1) / 2],
  ];
  const sigmas = [LOG_FOCAL_PRIOR, CORNER_PRIOR / corner ** 2, CORNER_PRIOR / corner ** 4, centreSigma, centreSigma]; // prettier-ignore
  lensColumns(layout, level).forEach((column, k) => {
    if (isEstimated(column)) normal.addPrior(column, excess[k]!, 1 / sigmas[k]! ** 2);
  });
};
