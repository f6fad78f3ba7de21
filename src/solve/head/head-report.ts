import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import type { HeadFigures, HeadReport } from '../model/answer.js';
import { headColumns, layoutSize } from '../estimation/scan-layout.js';
import type { Reference } from '../model/reference.js';
import { HEAD_TERMS, IDEAL_HEAD, type HeadTerm, type HeadTerms } from './pointing-model.js';

const NAMES: Readonly<Record<HeadTerm, keyof HeadFigures>> = {
  tiltAxis: 'tilt_axis_deg',
  tiltZero: 'tilt_zero_deg',
  collimation: 'collimation_deg',
  roll: 'roll_deg',
  panGain: 'pan_gain',
  tiltGain: 'tilt_gain',
  eccentricitySin: 'eccentricity_sin_deg',
  eccentricityCos: 'eccentricity_cos_deg',
  flexure: 'flexure_deg',
  panBacklash: 'pan_backlash_deg',
  tiltBacklash: 'tilt_backlash_deg',
};

/** Angles are told in degrees, gains as they are. */
const told = (name: keyof HeadFigures, value: number): number =>
  name.endsWith('_deg') ? degFromRad(value) : value;

/** What a scan found of the camera's head, with standard errors. */
export const headReport = ({
  head,
  posterior: { layout, covariance },
  encoders,
}: Pick<Reference, 'head' | 'posterior' | 'encoders'>): HeadReport => {
  const columns = headColumns(layout);
  const size = layoutSize(layout);
  const terms: HeadFigures = {};
  const sigma: HeadFigures = {};
  HEAD_TERMS.forEach((term, i) => {
    const column = columns[i]!;
    if (column < 0) return;
    const name = NAMES[term];
    terms[name] = told(name, head[term]);
    sigma[name] = told(name, Math.sqrt(covariance[column * size + column]!));
  });
  const { panRad, tiltRad, playRad } = encoders;
  return {
    ...{ terms, sigma },
    encoders: { pan: degFromRad(panRad), tilt: degFromRad(tiltRad), play: degFromRad(playRad) },
  };
};

/** The head that a report tells of; what it does not tell is nothing. */
export const headOfReport = ({ terms }: HeadReport): HeadTerms => {
  const head: Record<HeadTerm, number> = { ...IDEAL_HEAD };
  for (const term of HEAD_TERMS) {
    const value = terms[NAMES[term]] ?? 0;
    head[term] = NAMES[term].endsWith('_deg') ? radFromDeg(value) : value;
  }
  return head;
};
