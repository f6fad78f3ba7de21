import { radFromDeg } from '../geometry/angles.js';
import { invertSymmetric } from '../geometry/linear.js';
import { adjustBundle, type BundleProblem, type BundleSolution } from './bundle-adjustment.js';
import { headColumns, layoutSize } from './estimation/scan-layout.js';
import { HEAD_TERMS, type HeadTerm } from './head/pointing-model.js';

/** What every head has more or less of. */
export const ORDINARY_TERMS: readonly HeadTerm[] = [
  ...(['tiltAxis', 'tiltZero', 'collimation', 'roll', 'panGain', 'tiltGain'] as const),
];

/** Terms that few heads have: they are estimated only where a scan is wide enough to tell them from others, and asks for them. */
const RARE: readonly {
  readonly terms: readonly HeadTerm[];
  readonly isTold: (problem: BundleProblem) => boolean;
}[] = [
  {
    terms: ['eccentricitySin', 'eccentricityCos'],
    isTold: ({ stops }) => widthOf(stops.map(({ panRad }) => panRad)) > radFromDeg(270),
  },
  {
    terms: ['flexure'],
    isTold: ({ stops }) => widthOf(stops.map(({ tiltRad }) => tiltRad)) > radFromDeg(40),
  },
];
/** So many standard errors a rare term must be from nothing; what ties tell is somewhat less sure than it seems. */
const SURE_SIGMAS = 7;

const widthOf = (anglesRad: readonly number[]): number => Math.max(...anglesRad) - Math.min(...anglesRad);

/** How far the terms are from nothing, in standard errors: √(xᵀ·C⁻¹·x). */
const significance = (
  { layout, covariance, geometry }: BundleSolution,
  terms: readonly HeadTerm[],
): number => {
  const columns = headColumns(layout);
  const places = terms.map((term) => columns[HEAD_TERMS.indexOf(term)]!);
  const size = layoutSize(layout);
  const own = Float64Array.from(
    places.flatMap((row) => places.map((column) => covariance[row * size + column]!)),
  );
  const information = invertSymmetric(own, terms.length);
  if (information === null) return 0;
  const values = terms.map((term) => geometry.head[term]);
  return Math.sqrt(
    values.reduce(
      (sum, a, i) =>
        sum + values.reduce((part, b, j) => part + a * b * information[i * terms.length + j]!, 0),
      0,
    ),
  );
};

/** A solution with those of the rare terms that the scan asks for; the one there is where it asks for none. */
export const withRareTerms = (problem: BundleProblem, solution: BundleSolution): BundleSolution => {
  let best = solution;
  let { terms } = problem;
  if (terms.length === 0) return solution;
  for (const rare of RARE) {
    if (!rare.isTold(problem)) continue;
    const wider = [...terms, ...rare.terms];
    const tried = adjustBundle({ ...problem, terms: wider, start: best.geometry, encoders: best.encoders });
    if (significance(tried, rare.terms) > SURE_SIGMAS) [best, terms] = [tried, wider];
  }
  return best;
};
