import { idealFromPixelJacobian, type Lens } from '../../geometry/lens.js';
import { cross, dot, rotate, type Mat3, type Vec3 } from '../../geometry/rotation.js';
import type { StopPose } from './scan-geometry.js';
import { headColumns, isEstimated, lensColumns, ownColumn, type ScanLayout } from './scan-layout.js';

/** Two unit vectors across a direction. */
export const tangents = (m: Vec3): readonly [Vec3, Vec3] => {
  const ring = Math.hypot(m[0], m[1]);
  if (ring < 1e-6)
    return [
      [1, 0, 0],
      [0, 1, 0],
    ];
  const e1: Vec3 = [-m[1] / ring, m[0] / ring, 0];
  return [e1, cross(m, e1)];
};

/** The columns that a tie between two stops depends on: what both depend on stands once. */
export interface PairColumns {
  readonly columns: Int32Array;
  /** Of the head's terms and of the lenses' parameters, those that are estimated. */
  readonly terms: readonly number[];
  readonly lens: readonly number[];
  readonly isOneLens: boolean;
}

const estimatedIn = (columns: Int32Array): number[] =>
  [...columns.keys()].filter((i) => isEstimated(columns[i]!));

export const columnsOf = (
  layout: ScanLayout,
  [stopA, stopB]: readonly number[],
  [levelA, levelB]: readonly number[],
): PairColumns => {
  const head = headColumns(layout);
  const [lensA, lensB] = [lensColumns(layout, levelA!), lensColumns(layout, levelB!)];
  const isOneLens = levelA === levelB;
  const own = [ownColumn(stopA!), ownColumn(stopB!)].flatMap((first) => [first, first + 1, first + 2]);
  const shared = [...head, ...lensA, ...(isOneLens ? [] : lensB)].filter(isEstimated);
  return {
    columns: Int32Array.from([...own, ...shared]),
    ...{ terms: estimatedIn(head), lens: estimatedIn(lensA), isOneLens },
  };
};

/** Where a pixel looks, and what is needed to tell how that depends on the lens. */
interface Ray {
  /** Unit, mount frame. */
  readonly direction: Vec3;
  /** Ideal coordinates (right, down), their derivatives by the lens's five parameters, and the direction's length with forward 1. */
  readonly x: number;
  readonly y: number;
  readonly d: Float64Array;
  readonly inv: number;
}

export const rayOf = (mountFromBody: Mat3, lens: Lens, u: number, v: number): Ray => {
  const { x, y, d } = idealFromPixelJacobian(lens, u, v);
  const inv = 1 / Math.sqrt(1 + x * x + y * y);
  return { ...{ x, y, d, inv }, direction: rotate(mountFromBody, [inv, x * inv, y * inv]) };
};

/** How far along a vector of the body's frame a ray moves with a parameter of the lens. */
const alongByLens = ({ x, y, d, inv }: Ray, along: Vec3, k: number): number => {
  const dx = d[k]!;
  const dy = d[k + 5]!;
  const shortening = (x * dx + y * dy) * inv * inv;
  return inv * ((dx - x * shortening) * along[1] + (dy - y * shortening) * along[2] - shortening * along[0]);
};

/** How a pixel's direction in the mount frame moves with the lens's five parameters. */
export const directionByLens = (mountFromBody: Mat3, lens: Lens, u: number, v: number): Vec3[] => {
  const ray = rayOf(mountFromBody, lens, u, v);
  return [0, 1, 2, 3, 4].map((k) =>
    rotate(mountFromBody, [
      alongByLens(ray, [1, 0, 0], k),
      alongByLens(ray, [0, 1, 0], k),
      alongByLens(ray, [0, 0, 1], k),
    ]),
  );
};

/** Writes how far along `across` the difference of two rays moves with each of the pair's parameters, times the focal length. */
export const fillDerivatives = (
  derivatives: Float64Array,
  { terms, lens, isOneLens }: PairColumns,
  focalPx: number,
  a: Ray,
  b: Ray,
  poseA: StopPose,
  poseB: StopPose,
  across: Vec3,
): void => {
  const turnA = cross(a.direction, across);
  const turnB = cross(b.direction, across);
  for (let k = 0; k < 3; k++) {
    derivatives[k] = focalPx * dot(poseA.axes[k]!, turnA);
    derivatives[3 + k] = -focalPx * dot(poseB.axes[k]!, turnB);
  }
  let place = 6;
  for (const term of terms)
    derivatives[place++] = focalPx * (dot(poseA.axes[3 + term]!, turnA) - dot(poseB.axes[3 + term]!, turnB));
  const inA = rotate(poseA.bodyFromMount, across);
  const inB = rotate(poseB.bodyFromMount, across);
  for (const k of lens) {
    const byA = alongByLens(a, inA, k);
    const byB = alongByLens(b, inB, k);
    derivatives[place] = focalPx * (isOneLens ? byA - byB : byA);
    if (!isOneLens) derivatives[place + lens.length] = -focalPx * byB;
    place++;
  }
};
