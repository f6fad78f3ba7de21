import { LENS_PARAMETERS } from '../../geometry/lens.js';
import { HEAD_TERMS, type HeadTerm } from '../head/pointing-model.js';

export type LensParameter = (typeof LENS_PARAMETERS)[number];

/**
 * Which parameters of a scan are estimated together, and in which order they stand: for every stop what its own encoders err by
 * about their three axes, then the head's terms, then the lens of every zoom level.
 */
export interface ScanLayout {
  readonly stops: number;
  readonly terms: readonly HeadTerm[];
  readonly lensParameters: readonly LensParameter[];
  readonly levels: number;
}

export const layoutSize = ({ stops, terms, lensParameters, levels }: ScanLayout): number =>
  3 * stops + terms.length + levels * lensParameters.length;

export const ownColumn = (stop: number): number => 3 * stop;

/** Columns of all head terms in the order of HEAD_TERMS; −1 for one that is not estimated. */
export const headColumns = ({ stops, terms }: ScanLayout): Int32Array =>
  Int32Array.from(HEAD_TERMS, (term) => {
    const at = terms.indexOf(term);
    return at < 0 ? -1 : 3 * stops + at;
  });

/** Columns of a level's five lens parameters; −1 for one that is not estimated. */
export const lensColumns = (layout: ScanLayout, level: number): Int32Array => {
  const { stops, terms, lensParameters } = layout;
  const first = 3 * stops + terms.length + level * lensParameters.length;
  return Int32Array.from(LENS_PARAMETERS, (parameter) => {
    const at = lensParameters.indexOf(parameter);
    return at < 0 ? -1 : first + at;
  });
};

/** Whether a column is one of the layout's: what is not estimated has none. */
export const isEstimated = (column: number): boolean => column >= 0;
