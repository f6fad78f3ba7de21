import { degFromRad } from '../geometry/angles.js';
import { AS_TOLD } from './telemetry-meaning.js';
import { readingUnder, shareOf, sightAsTold, type Evidence, type Reading } from './telemetry-readings.js';
import { doubtWords, type Axis, type AxisDoubt, type FactorDoubt } from './telemetry-words.js';

/** Nearer to 1 a factor is an error of the lens, which is told elsewhere, or of the head's gains. */
const MIN_FACTOR = 1.5;
/** What a head's gains and the lens leave open. */
const SLACK = 1.05;

const AXES = ['pan', 'tilt'] as const;
const LENS_STEP = 1.12;
/** An axis that was moved by less of its numbers tells nothing of their measure. */
const MIN_VARIED = 0.05;

/** How much shorter and longer than a reading's own the lens may be. */
export const lensSpan = ({ given, study }: Evidence, { sight }: Reading): readonly [number, number] => {
  if (given !== null) return [1, 1];
  const { focalPx } = sight.lens;
  const reach = (step: number): number => {
    let share = 1;
    const isInside = (px: number): boolean => px >= study.shortestPx && px <= study.longestPx;
    while (isInside(focalPx * share * step) && study.allows(study.at(focalPx * share * step))) share *= step;
    return share;
  };
  return [reach(1 / LENS_STEP), reach(LENS_STEP)];
};

const numbersOf = ({ stops }: Evidence, axis: Axis): readonly number[] =>
  stops.map(({ panDeg, tiltDeg }) => (axis === 'pan' ? panDeg : tiltDeg));

const largestOf = (numbers: readonly number[]): number => Math.max(...numbers.map(Math.abs));

/** Whether the stops tell the measure of an axis. */
const isVaried = (numbers: readonly number[]): boolean =>
  Math.max(...numbers) - Math.min(...numbers) > MIN_VARIED * largestOf(numbers);

const factorDoubt = (
  evidence: Evidence,
  { meaning }: Reading,
  axis: Axis,
  [shorter, longer]: readonly [number, number],
): FactorDoubt | null => {
  const numbers = numbersOf(evidence, axis);
  const times = Math.abs(axis === 'pan' ? meaning.panFactor : meaning.tiltFactor);
  if (!isVaried(numbers) || Math.max(times, 1 / times) < MIN_FACTOR) return null;
  const [low, high] = [times / longer / SLACK, (times / shorter) * SLACK];
  const zeroDeg = axis === 'pan' ? 0 : degFromRad(meaning.tiltZeroRad);
  return low < 1 && high > 1 ? null : { times, low, high, largest: largestOf(numbers), zeroDeg };
};

const axesOf = (evidence: Evidence, reading: Reading, span: readonly [number, number] | null): AxisDoubt[] =>
  AXES.map((axis) => ({
    axis,
    isTurned: (axis === 'pan' ? reading.meaning.panFactor : reading.meaning.tiltFactor) < 0,
    factor: span && factorDoubt(evidence, reading, axis, span),
  }));

/** So many pairs make a reading one that explains the pictures. */
const MOST = 0.7;

/** Whether with another lens than the given one all is as told. */
const mayBeLens = (evidence: Evidence): boolean =>
  evidence.given !== null && shareOf(readingUnder(evidence, sightAsTold(evidence, AS_TOLD), AS_TOLD)) >= MOST;

/** A tilt that is less off may be a head's own zero. */
const MIN_HIGHER_DEG = 8;

/** What to say of numbers that may be any measure of the angles; null where it comes to nothing. */
export const factorWords = (
  evidence: Evidence,
  reading: Reading,
  asTold: Reading,
  span: readonly [number, number],
): string | null => {
  const axes = axesOf(evidence, reading, span);
  const { swapped, tiltZeroRad } = reading.meaning;
  const isRight = !swapped && axes.every(({ isTurned, factor }) => !isTurned && factor === null);
  const higherDeg = isRight ? degFromRad(tiltZeroRad) : null;
  // Under a lens of another form a tilt that is off means nothing.
  if (higherDeg !== null && (Math.abs(higherDeg) < MIN_HIGHER_DEG || !asTold.sight.isAllowed)) return null;
  const untold = AXES.filter((axis) => !isVaried(numbersOf(evidence, axis)));
  return doubtWords({ swapped, axes, untold, higherDeg, orLens: mayBeLens(evidence) });
};

/** What to say of numbers of degrees with other signs, or exchanged. */
export const signWords = (evidence: Evidence, reading: Reading): string => {
  const { swapped } = reading.meaning;
  const axes = axesOf(evidence, reading, null);
  return doubtWords({ swapped, axes, untold: [], higherDeg: null, orLens: false });
};
