import type { SolveAnswer } from '../src/solve/model/answer.js';
import { alignedText } from './aligned-text.js';
import { EXACT, type Build } from './heads.js';
import { buildOf, type ScanPlan } from './scans.js';
import { principalPointAt } from './view.js';

/** What an answer may tell of the camera. */
interface Told {
  readonly head: SolveAnswer['head'];
  readonly lens: SolveAnswer['lens'];
}

interface Term {
  readonly name: string;
  readonly unit: '°' | ' %' | ' px';
  /** How far the worst may be off; null where none is set. */
  readonly target: number | null;
  readonly error: (told: Told, build: Build, pointPx: readonly [number, number]) => number | null;
}

const headTerm = (
  name: string,
  key: keyof NonNullable<SolveAnswer['head']>['terms'],
  truth: (build: Build) => number,
  target: number | null,
  unit: Term['unit'] = '°',
): Term => ({
  ...{ name, unit, target },
  error: ({ head }, build) => {
    const found = head?.terms[key];
    return found === undefined ? null : (found - truth(build)) * (unit === ' %' ? 100 : 1);
  },
});

const SHARP_DEG = 0.01;
const SHARP_PX = 2;

const TERMS: readonly Term[] = [
  headTerm('tilt axis', 'tilt_axis_deg', ({ head }) => head.tiltAxisDeg, SHARP_DEG),
  headTerm('tilt zero', 'tilt_zero_deg', ({ head }) => head.tiltZeroDeg, SHARP_DEG),
  headTerm('collimation', 'collimation_deg', ({ head }) => head.collimationDeg, null),
  headTerm('roll', 'roll_deg', ({ head }) => head.rollDeg, SHARP_DEG),
  headTerm('pan gain', 'pan_gain', ({ head }) => head.panGain, null, ' %'),
  headTerm('tilt gain', 'tilt_gain', ({ head }) => head.tiltGain, null, ' %'),
  headTerm('eccentricity, sine', 'eccentricity_sin_deg', ({ head }) => head.eccentricitySinDeg, null),
  headTerm('eccentricity, cosine', 'eccentricity_cos_deg', ({ head }) => head.eccentricityCosDeg, null),
  {
    ...{ name: 'principal point', unit: ' px', target: SHARP_PX },
    error: ({ lens }, _build, [x, y]) => (lens === null ? null : Math.hypot(lens.cx - x, lens.cy - y)),
  },
];

/** Found − true of each term, as far as it was told, in the order of the table. */
export type TermErrors = readonly (number | null)[];

const isExact = ({ stops, encoders }: ScanPlan): boolean =>
  stops.length === 36 &&
  Object.entries(EXACT).every(([fault, none]) => encoders[fault as keyof typeof EXACT] === none);

/** How well an answer knows the camera's terms; null where the scan is not one that has to show them all. */
export const termErrorsOf = (
  told: Told & Pick<SolveAnswer, 'success'>,
  plan: ScanPlan,
  placeName: string,
  zoom: number,
): TermErrors | null => {
  if (!told.success || !isExact(plan)) return null;
  const build = buildOf(plan, placeName);
  const pointPx = principalPointAt(build.principalPoint, plan.camera, zoom);
  return TERMS.map(({ error }) => error(told, build, pointPx));
};

interface Judged {
  readonly condition: string;
  readonly place: string;
  readonly termErrors: TermErrors | null;
}

const said = (value: number, unit: Term['unit']): string => `${value.toFixed(unit === ' px' ? 2 : 4)}${unit}`;

/** A line a term: how many answers tell it, how far off the worst is, and where. */
export const formatTerms = (outcomes: readonly Judged[]): string => {
  const lines = TERMS.map(({ name, unit, target }, term) => {
    const told = outcomes.flatMap(({ termErrors, condition, place }) => {
      const error = termErrors?.[term] ?? null;
      return error === null ? [] : [{ worst: Math.abs(error), where: `${condition}, ${place}` }];
    });
    const [most] = told.sort((a, b) => b.worst - a.worst);
    return [
      ...[name, String(told.length), most ? said(most.worst, unit) : '–'],
      ...[target === null ? '–' : `${target}${unit}`, most?.where ?? ''],
    ];
  });
  const answered = outcomes.filter(({ termErrors }) => termErrors !== null).length;
  const head = [`${answered} answers, 36 stops, exact encoders`, 'told', 'worst', 'target', 'worst at'];
  return alignedText([head, ...lines]);
};
