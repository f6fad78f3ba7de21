import { type Lens, magnified, pixelFromBearing } from '../../geometry/lens.js';
import { type Mat3, multiply, rotate, transpose, type Vec3 } from '../../geometry/rotation.js';
import type { Refined } from '../estimation/rotation-refinement.js';
import type { DecodedFrame } from '../model/frame-features.js';
import { lensAtZoom } from '../model/lens-levels.js';
import type { Observation } from '../model/observation.js';
import type { Reference } from '../model/reference.js';

export type Pixel = readonly [number, number];

/** Where the scan's own picture shows the landmark of a point, and where an answer puts it; null behind the picture. */
export interface Motion {
  readonly still: (observation: Observation) => Pixel | null;
  readonly answered: (
    observation: Observation,
    refined: Pick<Refined, 'rotation' | 'focalScale'>,
  ) => Pixel | null;
}

/** Moved by less than this against the scan's own picture, a point may belong to the screen, px. */
export const FIXED_PX = 2;

/** The scan's picture that looks where a frame looks; what is burnt in stays at its pixels. */
interface NearestStop {
  /** Null where the scan's pictures are not kept. */
  readonly picture: DecodedFrame | null;
  readonly bodyFromMount: Mat3;
  readonly lens: Lens;
}

export const nearestStop = (reference: Reference, mountFromBody: Mat3): NearestStop => {
  const closeness = ({ mountFromBody: m }: { mountFromBody: Mat3 }): number =>
    m[0]! * mountFromBody[0]! + m[3]! * mountFromBody[3]! + m[6]! * mountFromBody[6]!;
  const stop = reference.stops.reduce((a, b) => (closeness(b) > closeness(a) ? b : a));
  const { levels, widthPx, heightPx } = reference;
  return {
    picture: reference.pictures?.[reference.stops.indexOf(stop)] ?? null,
    bodyFromMount: transpose(stop.mountFromBody),
    lens: lensAtZoom(levels, stop.zoom, widthPx, heightPx),
  };
};

/**
 * How far, px, a point of a frame lies from where the scan's nearest picture shows the same landmark. Burnt-in letters and dirt
 * on the glass give 0 whatever the camera does, so they vote for "nothing moved".
 */
export const screenMotion = (
  reference: Reference,
  mountFromBody: Mat3,
): ((x: number, y: number, landmark: Vec3) => number) => {
  const { bodyFromMount, lens } = nearestStop(reference, mountFromBody);
  return (x, y, landmark) => {
    const there = pixelFromBearing(lens, rotate(bodyFromMount, landmark));
    return there === null ? Infinity : Math.hypot(there[0] - x, there[1] - y);
  };
};

/** Where points stand in the scan's nearest picture, and where answers about `rotation` put them. */
export const motionOf = (
  reference: Reference,
  { claimed, lens }: { readonly claimed: Mat3; readonly lens: Lens },
  rotation: Mat3,
): Motion => {
  const stop = nearestStop(reference, multiply(rotation, claimed));
  return {
    still: ({ landmark }) => pixelFromBearing(stop.lens, rotate(stop.bodyFromMount, landmark)),
    answered: ({ landmark }, refined) => {
      const bodyFromMount = transpose(multiply(refined.rotation, claimed));
      const scaled = magnified(lens, refined.focalScale);
      return pixelFromBearing(scaled, rotate(bodyFromMount, landmark));
    },
  };
};

export const isScreenFixed = (motionPx: number): boolean => motionPx < FIXED_PX;

export const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[values.length >> 1] ?? Infinity;

/** Where an answer puts the landmarks in a frame. */
interface View {
  readonly mountFromBody: Mat3;
  readonly lens: Lens;
}

/**
 * The observations without those that stand still on the screen although the place has moved. Whether it has is asked of the answer,
 * which says by how far every landmark should have: seen ones scatter, and would seem to move where nothing does. Within
 * `agreesPx` of the answer nothing is dropped: to take from what scatters about it all on the side of standing still would push
 * the answer away from there.
 */
export const dropScreenFixed = (
  reference: Reference,
  { mountFromBody, lens }: View,
  observations: readonly Observation[],
  agreesPx: number,
): readonly Observation[] => {
  if (reference.mask.learned) return observations;
  const motion = screenMotion(reference, mountFromBody);
  const bodyFromMount = transpose(mountFromBody);
  const due = observations.map(({ landmark }) => pixelFromBearing(lens, rotate(bodyFromMount, landmark)));
  const moved = observations.map(({ landmark }, i) => (due[i] ? motion(...due[i], landmark) : Infinity));
  if (isScreenFixed(median(moved))) return observations;
  return observations.filter(({ x, y, landmark }, i) => {
    if (!isScreenFixed(motion(x, y, landmark))) return true;
    return due[i] != null && Math.hypot(due[i][0] - x, due[i][1] - y) < agreesPx;
  });
};
