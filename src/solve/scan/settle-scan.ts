import { radFromDeg } from '../../geometry/angles.js';
import { LENS_PARAMETERS } from '../../geometry/lens.js';
import { adjustBundle, type BundleProblem, type BundleSolution } from '../estimation/bundle-adjustment.js';
import { layoutSize, lensColumns } from '../estimation/scan-layout.js';
import type { EncoderSigma } from '../head/encoder-noise.js';
import type { HeadTerms, PanTilt } from '../head/pointing-model.js';
import { withRareTerms } from '../head/rare-terms.js';
import { levelOf } from '../model/lens-levels.js';
import { MIN_STOP_TIES, type SeenLens } from './scan-quality.js';
import { type FeatureTie, matchScan, type ScanState } from './tie-points.js';

/** Before a scan tells: so far may stops stand off what their encoders say. */
const FIRST_ENCODERS: EncoderSigma = {
  panRad: radFromDeg(0.05),
  tiltRad: radFromDeg(0.05),
  playRad: radFromDeg(0.02),
};
/**
 * Matches are looked for so far around where the geometry has them: the wrong ones become rare as it becomes better. A first geometry
 * needs fewer of them.
 */
const SEARCHES = [
  { radiusPx: 25, tiesPerPair: 60 },
  { radiusPx: 8, tiesPerPair: 60 },
  { radiusPx: 4, tiesPerPair: 150 },
];
/** At first, at least this far: heads are built to about a degree, and count up to that much too little on half a circle. */
const WIDE_SEARCH_DEG = 2;

/** A scan as telemetry has it, and what of it is to be estimated. */
export interface ScanStart extends ScanState, Pick<BundleProblem, 'terms' | 'lensParameters'> {
  readonly at: readonly PanTilt[];
  readonly head: HeadTerms;
}

export interface Settled {
  readonly state: ScanState;
  /** Those that fit, and what is left of each, px. */
  readonly ties: readonly FeatureTie[];
  readonly residualsPx: readonly number[];
  /** Those of the first, wide search, and those of the last one, whether they fit or not. */
  readonly wideTies: readonly FeatureTie[];
  readonly triedTies: readonly FeatureTie[];
  readonly solution: BundleSolution;
}

/** The bundle adjustment of some ties, from the geometry that was found before, or from telemetry. */
export const problemOf = (
  start: ScanStart,
  ties: readonly FeatureTie[],
  before: BundleSolution | null,
): BundleProblem => ({
  ...{
    stops: start.at,
    lensOf: start.lensOf,
    terms: start.terms,
    lensParameters: start.lensParameters,
    ties,
  },
  start: before?.geometry ?? { head: start.head, own: start.at.map(() => [0, 0, 0]), lenses: start.lenses },
  encoders: before?.encoders ?? FIRST_ENCODERS,
  ...{ widthPx: start.features[0]!.widthPx, heightPx: start.features[0]!.heightPx },
});

/** Matches wide, adjusts, matches narrow with the better geometry, adjusts again with the encoders' own noise. */
export const settle = (start: ScanStart): Settled => {
  let state: ScanState = start;
  let solution: BundleSolution | null = null;
  let ties: readonly FeatureTie[] = [];
  let wideTies: readonly FeatureTie[] | null = null;
  const widest = Math.max(...start.lenses.map(({ focalPx }) => focalPx)) * radFromDeg(WIDE_SEARCH_DEG);
  for (const [search, { radiusPx, tiesPerPair }] of SEARCHES.entries()) {
    ties = thin(matchScan(state, search === 0 ? Math.max(radiusPx, widest) : radiusPx), state, tiesPerPair);
    wideTies ??= ties;
    if (ties.length < MIN_STOP_TIES) {
      solution ??= adjustBundle(problemOf(start, [], null));
      return { state, ties: [], triedTies: [], residualsPx: [], wideTies, solution };
    }
    solution = adjustBundle(problemOf(start, ties, solution));
    state = { ...state, rotations: solution.rotations, lenses: solution.geometry.lenses };
  }
  solution = withRareTerms(problemOf(start, ties, solution), solution!);
  state = { ...state, rotations: solution.rotations, lenses: solution.geometry.lenses };
  const limitPx = Math.max(1.5, 3.5 * solution.sigmaPx);
  const residuals = solution.residualsPx;
  const fits = (index: number): boolean => residuals[index]! < limitPx;
  return {
    ...{ state, solution, wideTies: wideTies!, triedTies: ties },
    ties: ties.filter((_, index) => fits(index)),
    residualsPx: [...residuals].filter((_, index) => fits(index)),
  };
};

/** What the pictures say of a lens that was given, zoom by zoom; null where they say nothing. */
export const lensSeen = (
  start: ScanStart,
  ties: readonly FeatureTie[],
  zooms: readonly number[],
): SeenLens[] | null => {
  if (ties.length < MIN_STOP_TIES) return null;
  const { geometry, layout, covariance } = adjustBundle(
    problemOf({ ...start, lensParameters: LENS_PARAMETERS }, ties, null),
  );
  const size = layoutSize(layout);
  const { widthPx, heightPx } = start.features[0]!;
  return zooms.map((zoom, level) => {
    const [focal] = lensColumns(layout, level);
    return {
      level: levelOf(zoom, geometry.lenses[level]!, widthPx, heightPx),
      focalSigma: Math.sqrt(covariance[focal! * size + focal!]!),
    };
  });
};

/** At most so many ties a pair, spread over the list, so that one textured wall does not outweigh the rest. */
const thin = (ties: readonly FeatureTie[], state: ScanState, tiesPerPair: number): FeatureTie[] => {
  const byPair = new Map<number, FeatureTie[]>();
  for (const tie of ties) {
    const key = tie.stopA * state.features.length + tie.stopB;
    const list = byPair.get(key);
    if (list === undefined) byPair.set(key, [tie]);
    else list.push(tie);
  }
  return [...byPair.values()].flatMap((list) => {
    const step = Math.max(1, list.length / tiesPerPair);
    return step === 1 ? list : Array.from({ length: tiesPerPair }, (_, i) => list[Math.floor(i * step)]!);
  });
};
