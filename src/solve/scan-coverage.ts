import type { Lens } from '../geometry/lens.js';
import type { Vec3 } from '../geometry/rotation.js';
import type { Landmarks } from './reference.js';
import { SphericalIndex } from './spherical-index.js';

const DIRECTIONS = 2000;
/** So many landmarks in the middle of a picture carry a check in all but the poorest light. */
const ENOUGH_LANDMARKS = 60;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** Directions spread evenly over the sphere (a Fibonacci spiral). */
const evenDirections = (count: number): Vec3[] =>
  Array.from({ length: count }, (_, i) => {
    const z = 1 - (2 * i + 1) / count;
    const ring = Math.sqrt(1 - z * z);
    return [ring * Math.cos(GOLDEN_ANGLE * i), ring * Math.sin(GOLDEN_ANGLE * i), z];
  });

/** What fraction of all directions a camera with this lens can look at and find enough landmarks around its picture's centre. */
export const coverageOf = ({ bearings }: Landmarks, lens: Lens): number => {
  const index = new SphericalIndex(bearings);
  const radiusRad = Math.atan(lens.centreY / lens.focalPx);
  const covered = evenDirections(DIRECTIONS).filter(
    (direction) => index.collectNear(direction, radiusRad) >= ENOUGH_LANDMARKS,
  );
  return covered.length / DIRECTIONS;
};
