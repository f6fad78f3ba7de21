import { radFromDeg } from '../../geometry/angles.js';

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

/** The product of matrices, in the order in which they are written. */
export const product = (first: Matrix3, ...others: readonly Matrix3[]): Matrix3 =>
  others.reduce(times, first);

export const aboutX = (angleDeg: number): Matrix3 => {
  const [c, s] = [Math.cos(radFromDeg(angleDeg)), Math.sin(radFromDeg(angleDeg))];
  return [1, 0, 0, 0, c, -s, 0, s, c];
};

export const aboutY = (angleDeg: number): Matrix3 => {
  const [c, s] = [Math.cos(radFromDeg(angleDeg)), Math.sin(radFromDeg(angleDeg))];
  return [c, 0, s, 0, 1, 0, -s, 0, c];
};

export const aboutZ = (angleDeg: number): Matrix3 => {
  const [c, s] = [Math.cos(radFromDeg(angleDeg)), Math.sin(radFromDeg(angleDeg))];
  return [c, -s, 0, s, c, 0, 0, 0, 1];
};
