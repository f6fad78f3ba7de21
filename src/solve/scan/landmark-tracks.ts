import { bearingFromPixel } from '../../geometry/lens.js';
import { normalize, rotate, type Vec3 } from '../../geometry/rotation.js';
import { DESCRIPTOR_WORDS, hammingDistance } from '../model/hamming.js';
import type { Landmarks } from '../model/reference.js';
import type { FeatureTie, ScanState } from './tie-points.js';

/** Looks nearer than this (bits) to one already kept add nothing. */
const SAME_LOOK = 40;
const MAX_LOOKS = 4;

class Groups {
  private readonly parent: Int32Array;
  constructor(count: number) {
    this.parent = Int32Array.from({ length: count }, (_, i) => i);
  }
  find(i: number): number {
    let root = i;
    while (this.parent[root] !== root) root = this.parent[root]!;
    this.parent[i] = root;
    return root;
  }
  join(a: number, b: number): void {
    this.parent[this.find(a)] = this.find(b);
  }
}

interface Look {
  readonly stop: number;
  readonly feature: number;
  readonly bearing: Vec3;
}

/**
 * Features joined by verified ties become one landmark: its bearing is the mean of its sightings, its looks those that differ.
 * A feature without ties is a landmark seen once.
 */
export const mergeLandmarks = (state: ScanState, ties: readonly FeatureTie[]): Landmarks => {
  const first = state.features.map(() => 0);
  for (let stop = 1; stop < first.length; stop++)
    first[stop] = first[stop - 1]! + state.features[stop - 1]!.count;
  const total = first.at(-1)! + state.features.at(-1)!.count;
  const groups = new Groups(total);
  for (const tie of ties) groups.join(first[tie.stopA]! + tie.featureA, first[tie.stopB]! + tie.featureB);
  const members = new Map<number, Look[]>();
  state.features.forEach((features, stop) => {
    const lens = state.lenses[state.lensOf[stop]!]!;
    for (let feature = 0; feature < features.count; feature++) {
      const body = bearingFromPixel(lens, features.x[feature]!, features.y[feature]!);
      const look = { stop, feature, bearing: rotate(state.rotations[stop]!, body) };
      const root = groups.find(first[stop]! + feature);
      const group = members.get(root);
      if (group === undefined) members.set(root, [look]);
      else group.push(look);
    }
  });
  return pack(state, [...members.values()]);
};

const meanBearing = (looks: readonly Look[]): Vec3 =>
  normalize(
    looks.reduce<Vec3>((sum, { bearing: b }) => [sum[0] + b[0], sum[1] + b[1], sum[2] + b[2]], [0, 0, 0]),
  );

const differentLooks = (state: ScanState, looks: readonly Look[]): Look[] => {
  const kept: Look[] = [];
  for (const look of looks) {
    const words = state.features[look.stop]!.descriptors;
    const isNew = kept.every(
      (other) =>
        hammingDistance(
          words,
          look.feature * DESCRIPTOR_WORDS,
          state.features[other.stop]!.descriptors,
          other.feature * DESCRIPTOR_WORDS,
          SAME_LOOK,
        ) >= SAME_LOOK,
    );
    if (isNew) kept.push(look);
    if (kept.length === MAX_LOOKS) break;
  }
  return kept;
};

const pack = (state: ScanState, groups: readonly Look[][]): Landmarks => {
  const rows = groups.flatMap((looks, landmark) => {
    const bearing = meanBearing(looks);
    const sightings = Math.min(255, new Set(looks.map(({ stop }) => stop)).size);
    return differentLooks(state, looks).map((look) => ({ look, landmark, bearing, sightings }));
  });
  const seenBy = groups.map((looks) => [...new Set(looks.map(({ stop }) => stop))]);
  const descriptors = new Uint32Array(rows.length * DESCRIPTOR_WORDS);
  rows.forEach(({ look }, index) => {
    const from = look.feature * DESCRIPTOR_WORDS;
    descriptors.set(
      state.features[look.stop]!.descriptors.subarray(from, from + DESCRIPTOR_WORDS),
      index * DESCRIPTOR_WORDS,
    );
  });
  return {
    bearings: Float64Array.from(rows.flatMap(({ bearing }) => [...bearing])),
    landmarkOf: Int32Array.from(rows, ({ landmark }) => landmark),
    sightings: Uint8Array.from(rows, ({ sightings }) => sightings),
    sizesRad: Float32Array.from(
      rows,
      ({ look }) =>
        state.features[look.stop]!.size[look.feature]! / state.lenses[state.lensOf[look.stop]!]!.focalPx,
    ),
    descriptors,
    firstStop: Int32Array.from(runningSums(seenBy.map(({ length }) => length))),
    stopsOf: Uint16Array.from(seenBy.flat()),
  };
};

/** 0, then what the counts come to one after the other. */
const runningSums = (counts: readonly number[]): number[] => {
  const sums = [0];
  for (const count of counts) sums.push(sums.at(-1)! + count);
  return sums;
};
