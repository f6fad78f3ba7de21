import type { HeadFigures, HeadReport } from '../../solve/model/answer.js';

/** A head term in words, with its figure. */
interface Phrase {
  readonly term: keyof HeadFigures;
  readonly name: string;
  readonly say: (value: number, sigma: number) => string;
}

const deg = (value: number, sigma: number): string => `${Math.abs(value).toFixed(3)}° ± ${sigma.toFixed(3)}°`;
const percent = (value: number, sigma: number): string =>
  `${(100 * Math.abs(value)).toFixed(3)} % ± ${(100 * sigma).toFixed(3)} %`;

const PHRASES: readonly Phrase[] = [
  { term: 'tilt_axis_deg', name: 'tilt axis', say: (v, s) => `tilt axis ${deg(v, s)} out of square` },
  { term: 'tilt_zero_deg', name: 'tilt zero', say: (v, s) => `tilt reads ${deg(v, s)} too ${v > 0 ? 'low' : 'high'}` },
  { term: 'collimation_deg', name: 'collimation', say: (v, s) => `lens points ${deg(v, s)} to the ${v > 0 ? 'right' : 'left'}` },
  { term: 'roll_deg', name: 'roll', say: (v, s) => `body rolled ${deg(v, s)} ${v > 0 ? 'clockwise' : 'counter-clockwise'}` },
  { term: 'pan_gain', name: 'pan gain', say: (v, s) => `pan turns ${percent(v, s)} ${v > 0 ? 'more' : 'less'} than its encoder reads` },
  { term: 'tilt_gain', name: 'tilt gain', say: (v, s) => `tilt turns ${percent(v, s)} ${v > 0 ? 'more' : 'less'} than its encoder reads` },
  { term: 'eccentricity_sin_deg', name: 'eccentricity', say: (v, s) => `pan circle ${deg(v, s)} off centre (sine)` },
  { term: 'eccentricity_cos_deg', name: 'eccentricity', say: (v, s) => `pan circle ${deg(v, s)} off centre (cosine)` },
  { term: 'pan_backlash_deg', name: 'pan play', say: (v, s) => `pan has ${deg(v, s)} of play` },
  { term: 'tilt_backlash_deg', name: 'tilt play', say: (v, s) => `tilt has ${deg(v, s)} of play` },
  { term: 'flexure_deg', name: 'flexure', say: (v, s) => `arm flexes by ${deg(v, s)}` },
]; // prettier-ignore

/** Terms less certain than this are not determined by the scan: degrees, or the share of a gain. */
const [SHOWN_DEG, SHOWN_SHARE] = [0.1, 0.001];

const isShown = ({ sigma }: HeadReport, term: keyof HeadFigures): boolean =>
  (sigma[term] ?? Infinity) < (term.endsWith('_deg') ? SHOWN_DEG : SHOWN_SHARE);

/** What a scan found about the camera's head, and what it could not determine; one line each. ± is one standard error. */
export const headInWords = (head: HeadReport): string[] => {
  const told = PHRASES.filter(({ term }) => head.terms[term] !== undefined);
  const shown = told.filter(({ term }) => isShown(head, term));
  const hidden = told.filter(({ term }) => !isShown(head, term)).map(({ name }) => name);
  const { pan, tilt } = head.encoders;
  return [
    ...(shown.length === 0
      ? []
      : [`head: ${shown.map(({ term, say }) => say(head.terms[term]!, head.sigma[term]!)).join(', ')}`]),
    ...(hidden.length === 0 ? [] : [`not determined by this scan: ${hidden.join(', ')} of the head`]),
    ...(pan + tilt === 0
      ? []
      : [`encoders repeatable to ${pan.toFixed(3)}° in pan, ${tilt.toFixed(3)}° in tilt`]),
  ];
};
