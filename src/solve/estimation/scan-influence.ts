import { type Lens, pixelByLens, pixelFromBearing, pixelJacobian } from '../../geometry/lens.js';
import { invertSymmetric } from '../../geometry/linear.js';
import { cross, dot, type Mat3, rotate, transpose, type Vec3 } from '../../geometry/rotation.js';
import { attitudeByTerms, encoderAxes, type PanTilt } from '../head/pointing-model.js';
import { lensAtZoom, zoomShares } from '../model/lens-levels.js';
import type { Observation } from '../model/observation.js';
import type { ScanModel, ScanPosterior } from '../model/reference.js';
import { emptyRow, fillResidual, type Refined, TURN_PARAMETERS, turnedView } from './rotation-refinement.js';
import { headColumns, layoutSize, lensColumns, ownColumn } from './scan-layout.js';
import { directionByLens } from './tie-residual.js';

/** Where a picture was taken from, as telemetry has it, and through which lens. */
export interface TakenFrom {
  readonly at: PanTilt;
  readonly zoom: number;
  readonly claimed: Mat3;
  readonly lens: Lens;
}

/** Points and what they make of the mount's rotation. */
interface TurnFromPoints extends Pick<Refined, 'rotation' | 'focalScale' | 'information' | 'weights'> {
  readonly observations: readonly Pick<Observation, 'landmark' | 'landmarkId' | 'x' | 'y'>[];
}

/** How far a pixel moves, right and down, with something that turns or shifts what it shows. */
type PixelMove = readonly [du: number, dv: number];

/** Takes how a point's pixel moves with one parameter of the scan, by its column. */
type AddMove = (column: number, move: PixelMove) => void;

/** How a pixel moves with the direction of what it shows: gradients of u and v in the mount frame. */
const byDirection = (lens: Lens, bodyFromMount: Mat3, landmark: Vec3): readonly [Vec3, Vec3] => {
  const j = pixelJacobian(lens, rotate(bodyFromMount, landmark));
  const mountFromBody = transpose(bodyFromMount);
  return [rotate(mountFromBody, [j[0]!, j[1]!, j[2]!]), rotate(mountFromBody, [j[3]!, j[4]!, j[5]!])];
};

/** A stop of the scan: how what it saw moves with its own errors, the head's terms and its lens. */
interface StopFrame {
  readonly mountFromBody: Mat3;
  readonly lens: Lens;
  /** Small rotations in the mount frame, and their columns. */
  readonly turns: readonly Vec3[];
  readonly turnColumns: readonly number[];
  readonly lensColumns: Int32Array;
}

const stopFrame = (reference: ScanModel, stop: number): StopFrame => {
  const { posterior, stops, head, levels, widthPx, heightPx } = reference;
  const { at, zoom, mountFromBody } = stops[stop]!;
  const own = ownColumn(stop);
  const level = zoomShares(posterior.zooms, zoom).reduce((a, b) => (b.share > a.share ? b : a)).level;
  return {
    ...{ mountFromBody, lens: lensAtZoom(levels, zoom, widthPx, heightPx) },
    turns: [...encoderAxes(head, at), ...attitudeByTerms(head, at)],
    turnColumns: [own, own + 1, own + 2, ...headColumns(posterior.layout)],
    lensColumns: lensColumns(posterior.layout, level),
  };
};

/** How a landmark moves with one of the stops that saw it; `share` of its bearing is that stop's. */
const addSighting = (
  { mountFromBody, lens, turns, turnColumns, lensColumns: byLevel }: StopFrame,
  landmark: Vec3,
  share: number,
  [byU, byV]: readonly [Vec3, Vec3],
  add: AddMove,
): void => {
  turns.forEach((turn, k) => {
    const moved = cross(turn, landmark);
    add(turnColumns[k]!, [share * dot(byU, moved), share * dot(byV, moved)]);
  });
  const pixel = pixelFromBearing(lens, rotate(transpose(mountFromBody), landmark));
  if (pixel === null) return;
  directionByLens(mountFromBody, lens, ...pixel).forEach((moved, k) =>
    add(byLevel[k]!, [share * dot(byU, moved), share * dot(byV, moved)]),
  );
};

/** What the query's own attitude and lens owe to the scan's head and lenses. */
interface QueryFrame {
  readonly turns: readonly Vec3[];
  readonly turnColumns: Int32Array;
  readonly levels: readonly { readonly columns: Int32Array; readonly share: number }[];
}

const queryFrame = ({ posterior, head }: ScanModel, from: TakenFrom, rotation: Mat3): QueryFrame => ({
  turns: attitudeByTerms(head, from.at).map((turn) => rotate(rotation, turn)),
  turnColumns: headColumns(posterior.layout),
  levels: zoomShares(posterior.zooms, from.zoom).map(({ level, share }) => ({
    columns: lensColumns(posterior.layout, level),
    share,
  })),
});

const addQuery = (
  { turns, turnColumns, levels }: QueryFrame,
  landmark: Vec3,
  [byU, byV]: readonly [Vec3, Vec3],
  byLens: Float64Array,
  add: AddMove,
): void => {
  turns.forEach((turn, k) => {
    const moved = cross(landmark, turn);
    add(turnColumns[k]!, [dot(byU, moved), dot(byV, moved)]);
  });
  for (const { columns, share } of levels)
    columns.forEach((column, k) => add(column, [share * byLens[k]!, share * byLens[k + 5]!]));
};

/**
 * How a rotation that was found from points moves with every parameter of the scan: {@link TURN_PARAMETERS} rows of as many columns
 * as the posterior has. Landmarks move with the stops that saw them, those with the head and the lens; the query's own attitude and
 * lens move with the same head and lens. Near a stop the two cancel.
 */
export const influenceOfScan = (
  reference: ScanModel,
  from: TakenFrom,
  { rotation, focalScale, information, weights, observations }: TurnFromPoints,
): Float64Array => {
  const size = layoutSize(reference.posterior.layout);
  const pulls = new Float64Array(TURN_PARAMETERS * size);
  const view = turnedView(from, { rotation, focalScale });
  const ofQuery = queryFrame(reference, from, rotation);
  const frames = new Map<number, StopFrame>();
  const frameOf = (stop: number): StopFrame => {
    const frame = frames.get(stop) ?? stopFrame(reference, stop);
    frames.set(stop, frame);
    return frame;
  };
  const { firstStop, stopsOf } = reference.landmarks;
  const row = emptyRow();
  observations.forEach((observation, i) => {
    const { landmark, landmarkId } = observation;
    if (weights[i] === 0 || !fillResidual(observation, view, row)) return;
    const add: AddMove = (column, [du, dv]) => {
      if (column < 0) return;
      for (let k = 0; k < TURN_PARAMETERS; k++) {
        const at = k * size + column;
        pulls[at] = pulls[at]! + weights[i]! * (row.ju[k]! * du + row.jv[k]! * dv);
      }
    };
    const gradients = byDirection(view.lens, view.bodyFromMount, landmark);
    const seenBy = stopsOf.subarray(firstStop[landmarkId], firstStop[landmarkId + 1]);
    for (const stop of seenBy) addSighting(frameOf(stop), landmark, 1 / seenBy.length, gradients, add);
    const byLens = pixelByLens(view.lens, rotate(view.bodyFromMount, landmark));
    addQuery(ofQuery, landmark, gradients, byLens, add);
  });
  return solvedFor(pulls, information, size);
};

/** −information⁻¹·pulls. */
const solvedFor = (pulls: Float64Array, information: Float64Array, size: number): Float64Array => {
  const out = new Float64Array(pulls.length);
  const inverse = invertSymmetric(information, TURN_PARAMETERS);
  if (inverse === null) return out;
  for (let i = 0; i < TURN_PARAMETERS; i++)
    for (let j = 0; j < TURN_PARAMETERS; j++) {
      const factor = -inverse[i * TURN_PARAMETERS + j]!;
      for (let column = 0; column < size; column++) {
        const at = i * size + column;
        out[at] = out[at]! + factor * pulls[j * size + column]!;
      }
    }
  return out;
};

/** Covariance that the scan's own uncertainty gives to `rows` values with this influence: A·Σ·Aᵀ. */
export const covarianceByScan = (
  { layout, covariance }: ScanPosterior,
  influence: Float64Array,
  rows: number,
): Float64Array => {
  const columns = layoutSize(layout);
  const half = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < columns; k++) {
      const factor = influence[i * columns + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < columns; j++)
        half[i * columns + j] = half[i * columns + j]! + factor * covariance[k * columns + j]!;
    }
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += half[i * columns + k]! * influence[j * columns + k]!;
      out[i * rows + j] = sum;
      out[j * rows + i] = sum;
    }
  return out;
};
