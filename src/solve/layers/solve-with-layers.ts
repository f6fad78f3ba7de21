import { degFromRad } from '../../geometry/angles.js';
import { angleBetween } from '../../geometry/rotation.js';
import { type SolveAnswer, unanswered } from '../model/answer.js';
import type { FrameLight } from '../model/frame-features.js';
import type { Query } from '../model/query-capture.js';
import { solveQuery } from '../solve-query.js';
import { type Indexed, type Layer, rotationOf } from './layer.js';

/** A layer ready to be searched. */
export interface OpenLayer extends Indexed {
  readonly layer: Layer;
}

/** The layers of a reference, and why others of its folder cannot be used. */
export interface OpenLayers {
  readonly layers: readonly OpenLayer[];
  readonly faults: readonly string[];
}

type Answer = Omit<SolveAnswer, 'solve_ms'>;

/** Logarithms of brightness and contrast together: farther apart than this two pictures are of another light. */
const MAX_LIGHT_DISTANCE = 1.5;
/** What two layers' answers may differ by besides their standard errors, degrees. */
const ALIKE_DEG = 0.03;
const ALIKE_SIGMAS = 4;

/** How unlike the light of two pictures is; 0 for the same. */
const lightDistance = (a: FrameLight, b: FrameLight): number =>
  Math.abs(Math.log((a.meanLevel + 8) / (b.meanLevel + 8))) +
  Math.abs(Math.log((a.contrast + 4) / (b.contrast + 4)));

/** The layers in whose light the query could have been taken, likeliest first; the likeliest alone when none is near. */
export const fittingLayers = (layers: readonly OpenLayer[], query: Query): OpenLayer[] => {
  const distanceOf = ({ layer }: OpenLayer): number =>
    Math.min(
      ...query.captures.flatMap(({ features }) =>
        layer.lights.map((light) => lightDistance(features.light, light)),
      ),
    );
  const ranked = layers
    .map((open) => ({ open, away: distanceOf(open) }))
    .sort((a, b) => a.away - b.away || (a.open.layer.name < b.open.layer.name ? -1 : 1));
  return ranked.filter(({ away }, rank) => rank === 0 || away < MAX_LIGHT_DISTANCE).map(({ open }) => open);
};

/** The query sought only where telemetry has it: a fraction of the cost, and sure or nothing. */
const nearOnly = (query: Query): Query => ({
  ...query,
  captures: query.captures.map((capture) => ({ ...capture, extractRolled: null })),
});

const turnOf = ({ yaw_offset: yaw, pitch_offset: pitch, roll_offset: roll }: Answer) =>
  rotationOf({ yaw: yaw ?? NaN, pitch: pitch ?? NaN, roll: roll ?? NaN });

const largestSigma = ({ sigma }: Answer): number => Math.max(...Object.values(sigma ?? { none: Infinity }));

const agree = (a: Answer, b: Answer): boolean =>
  degFromRad(angleBetween(turnOf(a), turnOf(b))) <
  ALIKE_DEG + ALIKE_SIGMAS * Math.hypot(largestSigma(a), largestSigma(b));

const said = (answer: Answer): string => {
  const angles = [answer.yaw_offset, answer.pitch_offset, answer.roll_offset];
  return `${answer.layer} says ${angles.map((angle) => (angle ?? NaN).toFixed(2)).join('/')}°`;
};

const disagreement = (query: Query, answers: readonly Answer[]): Answer => ({
  ...unanswered(
    query.name,
    `layers disagree: ${answers.map(said).join(', ')} (yaw/pitch/roll); rebuild or drop the layer that is wrong`,
  ),
  captures: answers[0]!.captures.map(({ file }) => ({
    ...{ file, yaw: null, pitch: null, roll: null, inliers: 0, residual_px: null },
  })),
});

/** The answer of the layers that have one: the surest when all agree, a refusal when two do not; null when none has one. */
export const answerAmong = (layers: readonly OpenLayer[], query: Query): Answer | null => {
  const answers = layers
    .map(({ reference, index }) => solveQuery(reference, index, query))
    .filter(({ success }) => success)
    .sort((a, b) => largestSigma(a) - largestSigma(b));
  const [surest, ...others] = answers;
  if (surest === undefined) return null;
  return others.every((other) => agree(surest, other)) ? surest : disagreement(query, answers);
};

const answered = ({ captures }: Answer): number => captures.filter(({ yaw }) => yaw !== null).length;

const refusal = (primary: Answer, tried: readonly OpenLayer[], { faults }: OpenLayers): Answer => {
  const names = tried.map(({ layer }) => layer.name);
  const none =
    names.length === 0
      ? []
      : [`no answer from ${names.length === 1 ? 'layer' : 'layers'} ${names.join(', ')}`];
  return { ...primary, failure_log: [primary.failure_log, ...none, ...faults].join('; ') };
};

/**
 * The primary scan first, near where telemetry says; then the layers that fit the light; and only then far and wide, in the
 * same order. What the primary answers costs as much as without layers.
 */
export const solveWithLayers = async (
  { reference, index }: Indexed,
  query: Query,
  openLayers: () => Promise<OpenLayers>,
): Promise<Answer> => {
  const near = solveQuery(reference, index, nearOnly(query));
  if (near.success && answered(near) === query.captures.length) return near;
  const everywhere = (): Answer => solveQuery(reference, index, query);
  const partly = answered(near) > 0 ? everywhere() : null;
  // Captures that the primary answers, but not alike, are not a question of light.
  if (partly !== null && (partly.success || answered(partly) > 1)) return partly;
  const opened = await openLayers();
  const fitting = fittingLayers(opened.layers, query);
  const nearby = answerAmong(fitting, nearOnly(query));
  if (nearby !== null) return nearby;
  const primary = partly ?? everywhere();
  if (primary.success) return primary;
  return answerAmong(fitting, query) ?? refusal(primary, fitting, opened);
};
