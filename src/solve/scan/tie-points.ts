import { bearingFromPixel, pixelFromBearing, type Lens } from '../../geometry/lens.js';
import { dot, multiply, rotate, transpose, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import type { Tie } from '../estimation/scan-geometry.js';
import { selectFeatures, type FrameFeatures } from '../model/frame-features.js';
import { matchGuided, matchUnguided, PixelGrid } from '../matching/pair-matching.js';

/** A scan's stops while their geometry is being found. */
export interface ScanState {
  readonly features: readonly FrameFeatures[];
  readonly rotations: readonly Mat3[];
  readonly lensOf: readonly number[];
  readonly lenses: readonly Lens[];
}

/** A tie with the features it joins. */
export interface FeatureTie extends Tie {
  readonly featureA: number;
  readonly featureB: number;
}

const forward = (rotation: Mat3): Vec3 => [rotation[0]!, rotation[3]!, rotation[6]!];

const halfDiagonalRad = (lens: Lens): number =>
  Math.atan(Math.hypot(lens.centreX, lens.centreY) / lens.focalPx);

/** Pairs of stops whose views overlap by more than a sliver. */
export const overlappingPairs = ({ rotations, lensOf, lenses }: ScanState): [number, number][] => {
  const pairs: [number, number][] = [];
  for (let a = 0; a < rotations.length; a++) {
    for (let b = a + 1; b < rotations.length; b++) {
      const reach = halfDiagonalRad(lenses[lensOf[a]!]!) + halfDiagonalRad(lenses[lensOf[b]!]!);
      const apart = Math.acos(Math.max(-1, Math.min(1, dot(forward(rotations[a]!), forward(rotations[b]!)))));
      if (apart < 0.85 * reach) pairs.push([a, b]);
    }
  }
  return pairs;
};

const tieOf = (
  features: readonly FrameFeatures[],
  [stopA, stopB]: readonly [number, number],
  featureA: number,
  featureB: number,
): FeatureTie => ({
  stopA,
  stopB,
  featureA,
  featureB,
  ax: features[stopA]!.x[featureA]!,
  ay: features[stopA]!.y[featureA]!,
  bx: features[stopB]!.x[featureB]!,
  by: features[stopB]!.y[featureB]!,
});

/** Ties of all overlapping pairs, each feature searched within `radiusPx` of where the present geometry expects it. */
export const matchScan = (state: ScanState, radiusPx: number): FeatureTie[] => {
  const grids = state.features.map((features) => new PixelGrid(features, Math.max(16, radiusPx)));
  return overlappingPairs(state).flatMap((pair) => matchPair(state, grids, pair, radiusPx));
};

const matchPair = (
  state: ScanState,
  grids: readonly PixelGrid[],
  pair: readonly [number, number],
  radiusPx: number,
): FeatureTie[] => {
  const [a, b] = pair;
  const [lensA, lensB] = [state.lenses[state.lensOf[a]!]!, state.lenses[state.lensOf[b]!]!];
  const bFromA = multiply(transpose(state.rotations[b]!), state.rotations[a]!);
  const { x, y } = state.features[a]!;
  const predict = (i: number): readonly [number, number] | null =>
    pixelFromBearing(lensB, rotate(bFromA, bearingFromPixel(lensA, x[i]!, y[i]!)));
  const found = matchGuided(
    state.features[a]!,
    state.features[b]!,
    grids[b]!,
    predict,
    radiusPx,
    lensB.focalPx / lensA.focalPx,
  );
  return [...found.a].map((featureA, index) => tieOf(state.features, pair, featureA, found.b[index]!));
};

const STRONGEST = 900;

const strongest = (
  features: FrameFeatures,
): { readonly features: FrameFeatures; readonly index: number[] } => {
  const sorted = [...features.response].sort((p, q) => q - p);
  const bar = sorted[Math.min(STRONGEST, sorted.length) - 1] ?? 0;
  const index = [...features.response.keys()].filter((i) => features.response[i]! >= bar);
  const kept = new Set(index);
  return { features: selectFeatures(features, (i) => kept.has(i)), index };
};

/** Each stop with its nearest others of the same zoom, by pointing alone. */
const neighbourPairs = (rotations: readonly Mat3[], lensOf: readonly number[]): [number, number][] => {
  const keys = new Set<string>();
  rotations.forEach((rotation, a) => {
    const others = [...rotations.keys()]
      .filter((b) => b !== a && lensOf[b] === lensOf[a])
      .sort(
        (p, q) =>
          dot(forward(rotations[q]!), forward(rotation)) - dot(forward(rotations[p]!), forward(rotation)),
      );
    for (const b of others.slice(0, 3)) keys.add(a < b ? `${a},${b}` : `${b},${a}`);
  });
  return [...keys].map((key) => key.split(',').map(Number) as [number, number]);
};

/** Pixels that stay put while the camera turns belong to an overlay. */
const MIN_SHIFT_PX = 3;

/** Ties of neighbouring stops found without any geometry, for a scan whose lens is not known. */
export const matchNeighbours = (
  features: readonly FrameFeatures[],
  rotations: readonly Mat3[],
  lensOf: readonly number[],
): FeatureTie[] => {
  const best = features.map(strongest);
  return neighbourPairs(rotations, lensOf).flatMap((pair) => {
    const [a, b] = [best[pair[0]]!, best[pair[1]]!];
    const found = matchUnguided(a.features, b.features);
    return [...found.a]
      .map((i, k) => tieOf(features, pair, a.index[i]!, b.index[found.b[k]!]!))
      .filter((tie) => Math.hypot(tie.ax - tie.bx, tie.ay - tie.by) > MIN_SHIFT_PX);
  });
};
