import { degFromRad, radFromDeg } from '../../geometry/angles.js';
import {
  angleBetween,
  fromEuler,
  identity,
  multiply,
  rotate,
  toEuler,
  type Mat3,
  type Vec3,
} from '../../geometry/rotation.js';
import type { LayerTie, SolveAnswer } from '../model/answer.js';
import type { FrameFeatures, FrameLight } from '../model/frame-features.js';
import type { OverlayMask } from '../model/static-overlay-mask.js';
import type { Landmarks, Reference, StopTelemetry } from '../model/reference.js';
import type { SphericalIndex } from '../model/spherical-index.js';

/** A scan with the index over its landmarks. */
export interface Indexed {
  readonly reference: Reference;
  readonly index: SphericalIndex;
}

/** One picture of a layer, or of the check that ties it. */
export interface LayerFrame {
  readonly stop: StopTelemetry;
  readonly features: FrameFeatures;
}

/** Pictures of another light than the primary scan's, with their landmarks in the primary's frame. */
export interface Layer {
  readonly name: string;
  readonly reference: Reference;
  /** Of every stop. */
  readonly lights: readonly FrameLight[];
  readonly tie: LayerTie;
}

/** Standard errors about the mount's x, y and z from those of roll, pitch and yaw, radians. */
const frameSigmaOf = ({ yaw, pitch, roll }: LayerTie['sigma']): Vec3 => [
  radFromDeg(roll),
  radFromDeg(pitch),
  radFromDeg(yaw),
];

export const rotationOf = ({ yaw, pitch, roll }: { yaw: number; pitch: number; roll: number }): Mat3 =>
  fromEuler(radFromDeg(yaw), radFromDeg(pitch), radFromDeg(roll));

const anglesOf = (rotation: Mat3): { yaw: number; pitch: number; roll: number } => {
  const { yawRad, pitchRad, rollRad } = toEuler(rotation);
  return { yaw: degFromRad(yawRad), pitch: degFromRad(pitchRad), roll: degFromRad(rollRad) };
};

/** The captures that were answered, each with what it says on its own. */
export const evidenceOf = ({ captures }: Pick<SolveAnswer, 'captures'>): LayerTie['evidence'] =>
  captures.flatMap(({ file, yaw, pitch, roll }) =>
    yaw === null || pitch === null || roll === null ? [] : [{ file, yaw, pitch, roll }],
  );

/** What either mask hides; a burnt-in clock stays at its pixels whatever the light. */
const eitherMask = (a: OverlayMask, b: OverlayMask): OverlayMask => ({
  ...a,
  cells: a.cells.map((hidden, cell) => hidden | b.cells[cell]!),
  learned: a.learned || b.learned,
});

const turned = (landmarks: Landmarks, turn: Mat3): Landmarks => {
  const bearings = new Float64Array(landmarks.bearings.length);
  for (let at = 0; at < bearings.length; at += 3) {
    const [x, y, z] = [landmarks.bearings[at]!, landmarks.bearings[at + 1]!, landmarks.bearings[at + 2]!];
    bearings.set(rotate(turn, [x, y, z]), at);
  }
  return { ...landmarks, bearings };
};

/**
 * A scan turned into the primary's frame: `turn` takes its own frame there, known as exactly as the tie is. Queries are then
 * solved against it as against the primary, and their offsets are the primary's.
 */
export const tiedReference = (
  own: Reference,
  primary: Reference,
  name: string,
  tie: LayerTie,
  turn: Mat3 = rotationOf(tie),
): Reference => ({
  ...own,
  stops: own.stops.map((stop) => ({ ...stop, mountFromBody: multiply(turn, stop.mountFromBody) })),
  landmarks: turned(own.landmarks, turn),
  mask: eitherMask(own.mask, primary.mask),
  encoders: primary.encoders,
  layer: { name, tieSigmaRad: frameSigmaOf(tie.sigma) },
});

/** What two measurements of one tie may differ by besides their standard errors, degrees. */
const REPEATABLE_DEG = 0.02;
const MAX_SIGMAS = 5;

const apartDeg = (a: Parameters<typeof rotationOf>[0], b: Parameters<typeof rotationOf>[0]): number =>
  degFromRad(angleBetween(rotationOf(a), rotationOf(b)));

/** Whether a tie that was written down is what its pictures say. */
export const isSameTie = (recorded: LayerTie, measured: LayerTie): boolean => {
  const limitDeg = REPEATABLE_DEG + MAX_SIGMAS * Math.max(...Object.values(measured.sigma));
  const agrees = ({ file, ...angles }: LayerTie['evidence'][number]): boolean => {
    const again = measured.evidence.find((other) => other.file === file);
    return again === undefined || apartDeg(angles, again) < limitDeg;
  };
  const isAsExact = (['yaw', 'pitch', 'roll'] as const).every(
    (axis) => recorded.sigma[axis] > 0.5 * measured.sigma[axis] - 1e-6,
  );
  return (
    recorded.by === measured.by &&
    isAsExact &&
    apartDeg(recorded, measured) < limitDeg &&
    recorded.evidence.every(agrees)
  );
};

export const NO_TURN = anglesOf(identity());
