import { radFromDeg } from '../../geometry/angles.js';
import { invertSymmetric } from '../../geometry/linear.js';
import {
  adjustBundle,
  NOISE_ROUNDS,
  type BundleProblem,
  type BundleSolution,
} from '../estimation/bundle-adjustment.js';
import { headColumns, layoutSize } from '../estimation/scan-layout.js';
import { HEAD_TERMS, type HeadTerm, type HeadTerms } from './pointing-model.js';

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
  { terms: ['panBacklash'], isTold: ({ stops }) => comesBothWays(stops.map(({ panWay = 0 }) => panWay)) },
  { terms: ['tiltBacklash'], isTold: ({ stops }) => comesBothWays(stops.map(({ tiltWay = 0 }) => tiltWay)) },
];
/** So many standard errors a rare term must be from nothing; what ties tell is somewhat less sure than it seems. */
const SURE_SIGMAS = 5;
const MIN_STOPS_A_WAY = 2;

/** An axis that always comes from one side shows no play, but another zero. */
const comesBothWays = (ways: readonly number[]): boolean =>
  [1, -1].every((way) => ways.filter((other) => other === way).length >= MIN_STOPS_A_WAY);

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
  const possible = problem.terms.length === 0 ? [] : RARE.filter(({ isTold }) => isTold(problem));
  if (possible.length === 0) return solution;
  const solvedWith = (rare: typeof RARE, noiseRounds: number): BundleSolution =>
    adjustBundle({
      ...{ ...problem, noiseRounds },
      terms: [...problem.terms, ...rare.flatMap(({ terms }) => terms)],
      ...{ start: solution.geometry, encoders: solution.encoders },
    });
  // What a term explains is no noise any more: without that it would seem to be lost in it.
  const tried = solvedWith(possible, 3);
  const asked = possible.filter(({ terms }) => significance(tried, terms) > SURE_SIGMAS);
  if (asked.length === 0) return solution;
  const best = solvedWith(asked, NOISE_ROUNDS);
  return { ...best, geometry: { ...best.geometry, head: withOtherBacklash(problem, best.geometry.head) } };
};

/** Of the ways that are known, how much more upwards than downwards: 1 where an axis always came from below. */
const meanWay = (ways: readonly number[]): number => {
  const known = ways.filter((way) => way !== 0);
  return known.length === 0 ? 0 : known.reduce((sum, way) => sum + way, 0) / known.length;
};

/**
 * A scan that comes to its tilts from one side alone does not show their play, though a check may come from the other: where pan has
 * some, tilt is taken to have as much, and its zero to lie in the middle of it.
 */
const withOtherBacklash = ({ stops }: BundleProblem, head: HeadTerms): HeadTerms => {
  if (head.panBacklash === 0 || head.tiltBacklash !== 0) return head;
  const way = meanWay(stops.map(({ tiltWay = 0 }) => tiltWay));
  const tiltBacklash = Math.abs(head.panBacklash);
  return { ...head, tiltBacklash, tiltZero: head.tiltZero + (tiltBacklash / 2) * way };
};
