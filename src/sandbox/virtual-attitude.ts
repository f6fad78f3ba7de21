import { radFromDeg } from '../geometry/angles.js';

/** A 3x3 matrix, row by row. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

const times = (a: Matrix3, b: Matrix3): Matrix3 => {
  const cell = (row: number, column: number): number =>
    a[row * 3]! * b[column]! + a[row * 3 + 1]! * b[column + 3]! + a[row * 3 + 2]! * b[column + 6]!;
  return [
    cell(0, 0), cell(0, 1), cell(0, 2),
    cell(1, 0), cell(1, 1), cell(1, 2),
    cell(2, 0), cell(2, 1), cell(2, 2),
  ]; // prettier-ignore
};

const aboutX = (angleDeg: number): Matrix3 => {
  const [c, s] = [Math.cos(radFromDeg(angleDeg)), Math.sin(radFromDeg(angleDeg))];
  return [1, 0, 0, 0, c, -s, 0, s, c];
};

const aboutY = (angleDeg: number): Matrix3 => {
  const [c, s] = [Math.cos(radFromDeg(angleDeg)), Math.sin(radFromDeg(angleDeg))];
  return [c, 0, s, 0, 1, 0, -s, 0, c];
};

const aboutZ = (angleDeg: number): Matrix3 => {
  const [c, s] = [Math.cos(radFromDeg(angleDeg)), Math.sin(radFromDeg(angleDeg))];
  return [c, -s, 0, s, c, 0, 0, 0, 1];
};

/** Body (x forward, y right, z down) seen from camera axes (x right, y down, z along the optical axis). */
const BODY_FROM_CAMERA: Matrix3 = [0, 0, 1, 1, 0, 0, 0, 1, 0];

export interface MountOffset {
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

/** earthFromCamera for a head at pan and tilt on a mount turned by `offset`: R(yaw,pitch,roll)·Rz(pan)·Ry(tilt), camera axes in. */
export const earthFromCamera = (offset: MountOffset, panDeg: number, tiltDeg: number): Matrix3 => {
  const mount = times(times(aboutZ(offset.yawDeg), aboutY(offset.pitchDeg)), aboutX(offset.rollDeg));
  return times(times(times(mount, aboutZ(panDeg)), aboutY(tiltDeg)), BODY_FROM_CAMERA);
};
