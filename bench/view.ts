import type { Panorama } from '../src/sandbox/scenery/panorama.js';
import type { Build, Head, PrincipalPoint } from './heads.js';

/**
 * The bench's own renderer: plain formulas, written apart from the solver's geometry so that one cannot hide the other's faults.
 * Frames as in the contracts: mount x forward, y right, z down; the body lies in the world as
 * lean · offset · Rz(P)·Rx(tiltAxis)·Ry(T)·Rz(collimation)·Rx(roll), with P and T as {@link Head} has them;
 * lean and offset are Rz(yaw)·Ry(pitch)·Rx(roll).
 */
export interface Camera {
  readonly widthPx: number;
  readonly heightPx: number;
  /** At zoom 1. */
  readonly hfovDeg: number;
  readonly k1: number;
  readonly k2: number;
}

export interface Pose {
  /** Where the axes are, as their encoders count. */
  readonly panDeg: number;
  readonly tiltDeg: number;
  readonly zoom: number;
  /** Yaw, pitch, roll of the mount against how it stood when the scan was taken. */
  readonly offsetDeg: readonly [number, number, number];
  /** The same of how it stood then, against the world; upright when omitted. */
  readonly leanDeg?: readonly [number, number, number] | undefined;
}

export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgb: Uint8ClampedArray;
  /** Where every pixel looks in the world, degrees; 0 and 0 for pictures that were not rendered. */
  readonly azimuthDeg: Float32Array;
  readonly elevationDeg: Float32Array;
}

export const blankPicture = (widthPx: number, heightPx: number): Picture => ({
  widthPx,
  heightPx,
  rgb: new Uint8ClampedArray(widthPx * heightPx * 3),
  azimuthDeg: new Float32Array(widthPx * heightPx),
  elevationDeg: new Float32Array(widthPx * heightPx),
});

const RAD = Math.PI / 180;

/** Turns a vector by Rz(z)·Ry(y)·Rx(x), angles in degrees. */
const turn = (
  v: readonly [number, number, number],
  z: number,
  y: number,
  x: number,
): [number, number, number] => {
  const [a, b, c] = v;
  const [sx, cx] = [Math.sin(x * RAD), Math.cos(x * RAD)];
  const [b1, c1] = [b * cx - c * sx, b * sx + c * cx];
  const [sy, cy] = [Math.sin(y * RAD), Math.cos(y * RAD)];
  const [a2, c2] = [a * cy + c1 * sy, c1 * cy - a * sy];
  const [sz, cz] = [Math.sin(z * RAD), Math.cos(z * RAD)];
  return [a2 * cz - b1 * sz, a2 * sz + b1 * cz, c2];
};

const UPRIGHT = [0, 0, 0] as const;

/** Forward, right and down of the picture, in the world. */
const axesOf = (head: Head, pose: Pose): Record<'forward' | 'right' | 'down', [number, number, number]> => {
  const around = pose.panDeg * RAD;
  const panDeg =
    pose.panDeg * (1 + head.panGain) +
    head.eccentricitySinDeg * Math.sin(around) +
    head.eccentricityCosDeg * Math.cos(around);
  const tiltDeg = pose.tiltDeg * (1 + head.tiltGain) + head.tiltZeroDeg;
  const inWorld = (axis: readonly [number, number, number]): [number, number, number] => {
    const onArm = turn(axis, head.collimationDeg, 0, head.rollDeg);
    const onMount = turn(turn(onArm, 0, tiltDeg, 0), panDeg, 0, head.tiltAxisDeg);
    return turn(turn(onMount, ...pose.offsetDeg), ...(pose.leanDeg ?? UPRIGHT));
  };
  return { forward: inWorld([1, 0, 0]), right: inWorld([0, 1, 0]), down: inWorld([0, 0, 1]) };
};

/** The ideal radius of a distorted one: bisection, which needs no derivative. */
const idealRadius = (distorted: number, { k1, k2 }: Camera): number => {
  let [low, high] = [0, 2 * distorted + 0.01];
  for (let step = 0; step < 42; step++) {
    const middle = (low + high) / 2;
    const r2 = middle * middle;
    if (middle * (1 + k1 * r2 + k2 * r2 * r2) < distorted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/** Ideal over distorted radius for radii of 0 … `largest`, in 2,048 steps. */
const wideningTable = (camera: Camera, largest: number): Float64Array =>
  Float64Array.from({ length: 2050 }, (_, i) => {
    const distorted = Math.max(1e-6, (i / 2048) * largest);
    return idealRadius(distorted, camera) / distorted;
  });

/** Catmull-Rom weights of four neighbours at fractions of 1/256. */
const WEIGHTS = Float32Array.from({ length: 257 * 4 }, (_, at) => {
  const t = Math.floor(at / 4) / 256;
  const [t2, t3] = [t * t, t * t * t];
  return [-t + 2 * t2 - t3, 2 - 5 * t2 + 3 * t3, t + 4 * t2 - 3 * t3, t3 - t2][at % 4]! / 2;
});

/** Takes one colour out of the panorama, bicubic; `column` and `row` with pixel centres at integers. */
const sample = (
  panorama: Panorama,
  column: number,
  row: number,
  out: Uint8ClampedArray,
  to: number,
): void => {
  const { widthPx, heightPx, rgb } = panorama;
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const across = Math.round((column - left) * 256) * 4;
  const down = Math.round((row - top) * 256) * 4;
  let [red, green, blue] = [0, 0, 0];
  for (let j = 0; j < 4; j++) {
    const line = Math.min(heightPx - 1, Math.max(0, top - 1 + j)) * widthPx;
    const wy = WEIGHTS[down + j]!;
    for (let i = 0; i < 4; i++) {
      const at = (line + ((left - 1 + i + widthPx) % widthPx)) * 3;
      const weight = wy * WEIGHTS[across + i]!;
      red += weight * rgb[at]!;
      green += weight * rgb[at + 1]!;
      blue += weight * rgb[at + 2]!;
    }
  }
  out[to] = red;
  out[to + 1] = green;
  out[to + 2] = blue;
};

/** The principal point at a zoom, pixels, with pixel centres at integers. */
export const principalPointAt = (
  { xShare, yShare, xWanderPx, yWanderPx }: PrincipalPoint,
  { widthPx, heightPx }: Camera,
  zoom: number,
): readonly [number, number] => [
  (widthPx - 1) / 2 + xShare * widthPx + xWanderPx * Math.log2(zoom),
  (heightPx - 1) / 2 + yShare * widthPx + yWanderPx * Math.log2(zoom),
];

/** What a camera sees of the panorama at a pose. */
export const renderView = (panorama: Panorama, camera: Camera, build: Build, pose: Pose): Picture => {
  const { widthPx, heightPx } = camera;
  const picture = blankPicture(widthPx, heightPx);
  const focal = (widthPx / 2 / Math.tan((camera.hfovDeg * RAD) / 2)) * pose.zoom;
  const [cx, cy] = principalPointAt(build.principalPoint, camera, pose.zoom);
  const largest = Math.hypot(Math.max(cx, widthPx - cx), Math.max(cy, heightPx - cy)) / focal;
  const table = wideningTable(camera, largest);
  const { forward: f, right: r, down: d } = axesOf(build.head, pose);
  for (let v = 0, pixel = 0; v < heightPx; v++) {
    for (let u = 0; u < widthPx; u++, pixel++) {
      const [x, y] = [(u - cx) / focal, (v - cy) / focal];
      const place = (Math.sqrt(x * x + y * y) / largest) * 2048;
      const cell = Math.floor(place);
      const widen = table[cell]! + (place - cell) * (table[cell + 1]! - table[cell]!);
      const [right, below] = [x * widen, y * widen];
      const north = f[0] + r[0] * right + d[0] * below;
      const east = f[1] + r[1] * right + d[1] * below;
      const sunk = f[2] + r[2] * right + d[2] * below;
      const azimuth = Math.atan2(east, north) / RAD;
      const elevation = -Math.atan2(sunk, Math.sqrt(north * north + east * east)) / RAD;
      picture.azimuthDeg[pixel] = azimuth;
      picture.elevationDeg[pixel] = elevation;
      const column = (azimuth / 360 + 0.5) * panorama.widthPx - 0.5;
      sample(panorama, column, (0.5 - elevation / 180) * panorama.heightPx - 0.5, picture.rgb, pixel * 3);
    }
  }
  return picture;
};
