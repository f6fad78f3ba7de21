import { invertSymmetric, solveSymmetric } from '../../geometry/linear.js';
import {
  exponential,
  logarithm,
  type Mat3,
  multiply,
  rotate,
  transpose,
  type Vec3,
} from '../../geometry/rotation.js';
import { encoderCovariance } from '../head/encoder-noise.js';
import {
  attitudeByTerms,
  attitudeOf,
  HEAD_TERMS,
  type HeadTerm,
  type HeadTerms,
  withTermsAdded,
} from '../head/pointing-model.js';
import type { Observation } from '../model/observation.js';
import type { Reference } from '../model/reference.js';
import { type Refined, TURN_PARAMETERS as N } from './rotation-refinement.js';
import { covarianceByScan, influenceOfScan, type TakenFrom } from './scan-influence.js';
import { layoutSize } from './scan-layout.js';
import { eulerSigmaRad } from './turn-covariance.js';

/** What one capture says: the mount's rotation that its picture shows, and the points that carry it. */
export interface CaptureTurn {
  readonly capture: TakenFrom;
  readonly refined: Refined;
  readonly observations: readonly Observation[];
}

/**
 * All captures of a query together, with how their errors go together: pictures and encoders err for each on its own, the scan's
 * landmarks, head and lens for all alike. Four values a capture: rotation about the mount's x, y and z, and the log focal scale.
 */
export interface JointEvidence {
  readonly head: HeadTerms;
  readonly turns: readonly CaptureTurn[];
  /** Row by row. */
  readonly covariance: Float64Array;
}

/** What is taken to have happened: the mount turned, or its pan zero alone did, and terms of the head changed since the scan. */
export interface Happening {
  readonly mount: 'turned' | 'pan' | 'still';
  readonly terms: readonly HeadTerm[];
}

/** Axes of the mount that a happening turns about. */
const TURNS: Readonly<Record<Happening['mount'], readonly (0 | 1 | 2)[]>> = {
  turned: [0, 1, 2],
  pan: [2],
  still: [],
};

/** What a happening makes of the captures. */
export interface JointFit {
  readonly happening: Happening;
  readonly rotation: Mat3;
  /** Changes of the terms of the head, radians, in the order of the happening's. */
  readonly changes: readonly number[];
  readonly focalScale: number;
  /** Of the mount's turns, the changes and the log focal scale. */
  readonly covariance: Float64Array;
  /** Sum of squares of what it leaves unexplained, in standard errors, and how many values more there are than parameters. */
  readonly chiSquare: number;
  readonly freedom: number;
}

const ITERATIONS = 6;
/** Captures of one query differ by so much besides their standard errors: heads bend, things are near, air shimmers; radians. */
const MODEL_RAD = 0.0003;

/** Adds a 3×3 (or, with `stride`, part of a larger) covariance at a capture's place. */
const addBlock = (
  into: Float64Array,
  size: number,
  place: number,
  block: Float64Array,
  stride: number,
): void => {
  for (let i = 0; i < stride; i++)
    for (let j = 0; j < stride; j++) {
      const at = (place + i) * size + place + j;
      into[at] = into[at]! + block[i * stride + j]!;
    }
};

/** What the captures say together; every one must have told a rotation. */
export const jointEvidence = (reference: Reference, turns: readonly CaptureTurn[]): JointEvidence => {
  const { posterior, head, encoders, layer } = reference;
  const columns = layoutSize(posterior.layout);
  const size = N * turns.length;
  const influence = new Float64Array(size * columns);
  turns.forEach(({ capture, refined, observations }, k) =>
    influence.set(influenceOfScan(reference, capture, { ...refined, observations }), k * N * columns),
  );
  const covariance = covarianceByScan(posterior, influence, size);
  turns.forEach(({ capture, refined }, k) => {
    addBlock(covariance, size, k * N, refined.covariance!, N);
    addBlock(covariance, size, k * N, encoderCovariance(encoders, head, capture.at, refined.rotation), 3);
  });
  if (layer !== undefined) addCommon(covariance, size, layer.tieSigmaRad);
  return { head, turns, covariance };
};

/**
 * What errs alike for all captures: the frame of a layer. Counted twice, since it was measured by the head and the scan that err here
 * as well, and errors that go together add up.
 */
const addCommon = (covariance: Float64Array, size: number, sigmaRad: Vec3): void => {
  for (let a = 0; a < size; a += N)
    for (let b = 0; b < size; b += N)
      for (let axis = 0; axis < 3; axis++) {
        const at = (a + axis) * size + b + axis;
        covariance[at] = covariance[at]! + 2 * sigmaRad[axis]! ** 2;
      }
};

/** The same with what no standard error tells, to hold one explanation against another. */
export const withModelError = (evidence: JointEvidence): JointEvidence => {
  const covariance = Float64Array.from(evidence.covariance);
  const size = N * evidence.turns.length;
  for (let i = 0; i < size; i++)
    if (i % N < 3) covariance[i * (size + 1)] = covariance[i * (size + 1)]! + MODEL_RAD ** 2;
  return { ...evidence, covariance };
};

interface State {
  readonly rotation: Mat3;
  readonly changes: readonly number[];
  readonly logScale: number;
}

const changedHead = (head: HeadTerms, terms: readonly HeadTerm[], changes: readonly number[]): HeadTerms =>
  withTermsAdded(head, HEAD_TERMS.map((term) => changes[terms.indexOf(term)] ?? 0)); // prettier-ignore

/** What each capture says beyond what a state explains, four values each. */
const excessOf = ({ head, turns }: JointEvidence, { terms }: Happening, state: State): Float64Array => {
  const changed = changedHead(head, terms, state.changes);
  const values = turns.flatMap(({ capture: { at, claimed }, refined }) => {
    const inTheHead = multiply(attitudeOf(changed, at), transpose(attitudeOf(head, at)));
    const predicted = multiply(multiply(state.rotation, inTheHead), claimed);
    const seen = multiply(refined.rotation, claimed);
    return [
      ...logarithm(multiply(seen, transpose(predicted))),
      Math.log(refined.focalScale) - state.logScale,
    ];
  });
  return Float64Array.from(values);
};

/** How a state's prediction moves with its parameters: a row for every value of every capture. */
const derivativesOf = (
  { head, turns }: JointEvidence,
  { mount, terms }: Happening,
  state: State,
): number[][] => {
  const changed = changedHead(head, terms, state.changes);
  return turns.flatMap(({ capture: { at } }) => {
    const byTerm = attitudeByTerms(changed, at);
    const turned = terms.map((term) => rotate(state.rotation, byTerm[HEAD_TERMS.indexOf(term)]!));
    const about = ([0, 1, 2] as const).map((axis) => [
      ...TURNS[mount].map((k) => Number(k === axis)),
      ...turned.map((v) => v[axis]),
      0,
    ]);
    return [...about, [...TURNS[mount].map(() => 0), ...terms.map(() => 0), 1]];
  });
};

/** Jᵀ·W, J by rows. */
const weighted = (rows: readonly number[][], weight: Float64Array, parameters: number): Float64Array => {
  const size = rows.length;
  const out = new Float64Array(parameters * size);
  for (let p = 0; p < parameters; p++)
    for (let i = 0; i < size; i++) {
      const value = rows[i]![p]!;
      if (value === 0) continue;
      for (let j = 0; j < size; j++) out[p * size + j] = out[p * size + j]! + value * weight[i * size + j]!;
    }
  return out;
};

/**
 * The best account of the captures under what is taken to have happened: generalised least squares, so that an exact capture counts
 * more, and what errs alike in all of them is not averaged away. Null where the captures do not tell it.
 */
export const fitJointly = (evidence: JointEvidence, happening: Happening, start: Mat3): JointFit | null => {
  const size = N * evidence.turns.length;
  const weight = invertSymmetric(evidence.covariance, size);
  if (weight === null) return null;
  const parameters = TURNS[happening.mount].length + happening.terms.length + 1;
  let state: State = { rotation: start, changes: happening.terms.map(() => 0), logScale: 0 };
  let information = new Float64Array(parameters ** 2);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const rows = derivativesOf(evidence, happening, state);
    const pulled = weighted(rows, weight, parameters);
    const excess = excessOf(evidence, happening, state);
    information = Float64Array.from({ length: parameters ** 2 }, (_, at) => {
      const [p, q] = [Math.floor(at / parameters), at % parameters];
      return rows.reduce((sum, row, i) => sum + pulled[p * size + i]! * row[q]!, 0);
    });
    const gradient = Float64Array.from({ length: parameters }, (_, p) =>
      excess.reduce((sum, value, i) => sum + pulled[p * size + i]! * value, 0),
    );
    const step = solveSymmetric(information, gradient, parameters);
    if (step === null) return null;
    state = moved(state, happening, step);
  }
  const covariance = invertSymmetric(information, parameters);
  if (covariance === null) return null;
  const { rotation, changes, logScale } = state;
  return {
    ...{ happening, rotation, changes, covariance, focalScale: Math.exp(logScale) },
    chiSquare: quadratic(excessOf(evidence, happening, state), weight, size),
    freedom: size - parameters,
  };
};

const moved = ({ rotation, changes, logScale }: State, { mount }: Happening, step: Float64Array): State => {
  const turn = [0, 0, 0] as [number, number, number];
  TURNS[mount].forEach((axis, i) => (turn[axis] = step[i]!));
  const first = TURNS[mount].length;
  return {
    rotation: multiply(exponential(turn), rotation),
    changes: changes.map((change, i) => change + step[first + i]!),
    logScale: logScale + step.at(-1)!,
  };
};

const quadratic = (v: Float64Array, matrix: Float64Array, size: number): number => {
  let sum = 0;
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += v[i]! * matrix[i * size + j]! * v[j]!;
  return sum;
};

/** How many times larger than told the captures' own disagreement makes the standard errors; never smaller. */
export const disagreementFactor = ({ chiSquare, freedom }: JointFit): number =>
  Math.sqrt(Math.max(1, freedom > 0 ? chiSquare / freedom : 1));

/** Standard errors of yaw, pitch and roll of a mount that turned, radians. */
export const offsetSigmaRad = (fit: JointFit): Vec3 => {
  const factor = disagreementFactor(fit);
  const parameters = Math.round(Math.sqrt(fit.covariance.length));
  const [yaw, pitch, roll] = eulerSigmaRad(fit.rotation, fit.covariance, parameters);
  return [yaw * factor, pitch * factor, roll * factor];
};
