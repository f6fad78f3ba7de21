export type Axis = 'pan' | 'tilt';

/** What is wrong with one axis of the telemetry. */
export interface AxisDoubt {
  readonly axis: Axis;
  /** It turns the other way. */
  readonly isTurned: boolean;
  /** How many times as far as told it turns; null where that is right, or not to be told. */
  readonly factor: FactorDoubt | null;
}

export interface FactorDoubt {
  /** The best guess, and between what it lies. */
  readonly times: number;
  readonly low: number;
  readonly high: number;
  /** The largest number that the telemetry gives, either way. */
  readonly largest: number;
  /** The true angle where the telemetry gives 0. */
  readonly zeroDeg: number;
}

interface Doubt {
  readonly swapped: boolean;
  readonly axes: readonly AxisDoubt[];
  /** Axes of which the stops do not tell how far they turn. */
  readonly untold: readonly Axis[];
  /** How much higher than told the pictures look; null where they do not, or other things are wrong. */
  readonly higherDeg: number | null;
  /** Another lens than the given one would explain the pictures as well. */
  readonly orLens: boolean;
}

const ONE_CAMERA = 'Check that rtsp and telemetry.topic, with telemetry.match, are those of one camera';

export const FROZEN = `The pictures stay the same while the telemetry turns. ${ONE_CAMERA}, and that its stream is not frozen.`;

export const UNRELATED = `The pictures turn otherwise than the telemetry says, whatever its signs and units. ${ONE_CAMERA}, and in step.`;

const DEG_PER_RAD = 180 / Math.PI;
/** Radians of a full turn and a little. */
const MAX_RADIANS = 6.4;
/** A factor that is known no better tells its size alone. */
const ROUGH = 2.5;

const isRough = ({ low, high }: FactorDoubt): boolean => high > ROUGH * low;

/** `small`: radians or normalised numbers, which cannot be told apart. */
type Measure = 'rad' | 'deg' | 'normalized' | 'small' | 'unknown';

const NEAR = 1.3;
/** No number of degrees that is this small a share of the angle is likely. */
const MIN_SMALL = 4;

/** What the numbers of an axis are. */
const measureOf = (factor: FactorDoubt): Measure => {
  const { times, low, high, largest } = factor;
  const mayBe = (known: number): boolean =>
    isRough(factor) ? low < known && known < high : Math.abs(Math.log(times / known)) < Math.log(NEAR);
  const isSmall = largest <= 1 && times > MIN_SMALL;
  if (isSmall && isRough(factor)) return 'small';
  if (mayBe(DEG_PER_RAD) && largest < MAX_RADIANS) return 'rad';
  if (mayBe(1 / DEG_PER_RAD)) return 'deg';
  if (!isSmall) return 'unknown';
  return times > DEG_PER_RAD ? 'normalized' : 'small';
};

type NamedFactor = readonly [Axis, FactorDoubt];

/** Both axes mostly have one measure: 60 times is the range of a normalised tilt as well as about a radian. */
const measuresOf = (factors: readonly NamedFactor[]): readonly Measure[] => {
  const own = factors.map(([, factor]) => measureOf(factor));
  const isNormalized = own.includes('normalized') && factors.every(([, { largest }]) => largest <= 1);
  return isNormalized ? own.map(() => 'normalized') : own;
};

/** An axis's unit; null where only the user knows it. */
const unitWords = ([axis, { times, zeroDeg }]: NamedFactor, measure: Measure): string | null => {
  const range = [zeroDeg - times, zeroDeg + times].map(Math.round).join(', ');
  if (measure === 'normalized')
    return `telemetry.${axis}.unit: normalized with telemetry.${axis}.range: [${range}] or so`;
  if (measure === 'small') return `telemetry.${axis}.unit: rad (or normalized with its range)`;
  return measure === 'unknown' ? null : `telemetry.${axis}.unit: ${measure}`;
};

const listed = (parts: readonly string[]): string => parts.join(' and ');

const timesOf = ({ times }: FactorDoubt): string =>
  `about ${times >= 10 ? times.toFixed(0) : times.toPrecision(2)} times as far`;

const ALIKE = 0.05;

const farWords = (factors: readonly NamedFactor[]): string => {
  const [first, second] = factors.map(([, factor]) => factor);
  if (factors.some(([, factor]) => isRough(factor)))
    return first!.times > 1 ? 'much farther' : 'much less far';
  const isOne = second !== undefined && Math.abs(Math.log(first!.times / second.times)) < ALIKE;
  return isOne ? timesOf(first!) : listed(factors.map(([axis, factor]) => `${timesOf(factor)} in ${axis}`));
};

const WAYS = { pan: ['left', 'right'], tilt: ['down', 'up'] } as const;

const heightWords = (higherDeg: number): string =>
  `look about ${Math.abs(higherDeg).toFixed(0)}° ${higherDeg > 0 ? 'higher' : 'lower'} than the telemetry says`;

/** What was seen. */
const seenWords = (
  { swapped, higherDeg }: Doubt,
  turned: readonly Axis[],
  factors: readonly NamedFactor[],
): string => {
  if (swapped) return 'turn up and down where the telemetry says left and right';
  const [seen, told] = [0, 1].map((side) => listed(turned.map((axis) => WAYS[axis][side]!)));
  const ways = `turn ${seen} where the telemetry says ${told}`;
  if (turned.length > 0) return factors.length > 0 ? `${ways}, and ${farWords(factors)}` : ways;
  if (factors.length > 0) {
    const far = farWords(factors);
    return `turn ${far} ${far.startsWith('much') ? 'than' : 'as'} the telemetry says`;
  }
  return heightWords(higherDeg ?? 0);
};

/** What to set: signs and units. */
const settings = (turned: readonly Axis[], factors: readonly NamedFactor[]): readonly string[] => {
  const measures = measuresOf(factors);
  const units = factors.flatMap((factor, i) => unitWords(factor, measures[i]!) ?? []);
  return [...turned.map((axis) => `telemetry.${axis}.sign: -1 (1 where it is -1)`), ...units];
};

/** What to change, one wish after the other. */
const wishes = (
  { swapped, untold, higherDeg, orLens }: Doubt,
  turned: readonly Axis[],
  factors: readonly NamedFactor[],
): readonly string[] => {
  const measures = measuresOf(factors);
  const set = settings(turned, factors);
  const unknown = [
    ...factors.filter((_, i) => measures[i] === 'unknown').map(([axis]) => axis),
    ...(higherDeg === null ? [] : (['tilt'] as const)),
  ];
  const driven = swapped ? [] : turned.map((axis) => `ptz.${axis}_sign`);
  return [
    ...(swapped ? ['exchange telemetry.pan.path and telemetry.tilt.path'] : []),
    ...(set.length > 0 ? [`set ${listed(set)}`] : []),
    ...unknown.map((axis) => `correct unit and range of telemetry.${axis} and ptz.${axis}_range_deg`),
    ...(factors.length > 0
      ? untold.map((axis) => `see after telemetry.${axis}, of which these stops tell too little`)
      : []),
    ...(driven.length > 0 ? [`turn ${listed(driven)} round with it`] : []),
    ...(turned.length === 2 && !swapped ? ['or else turn the picture upright in the camera'] : []),
    ...(orLens ? ['or else correct lens'] : []),
  ];
};

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** One sentence for what was seen, one for the settings to change. */
export const doubtWords = (doubt: Doubt): string => {
  const turned = doubt.axes.filter(({ isTurned }) => isTurned).map(({ axis }) => axis);
  // Exchanged axes are put right first: what else is wrong shows in the next scan.
  const factors = doubt.swapped
    ? []
    : doubt.axes.flatMap(({ axis, factor }) => (factor === null ? [] : [[axis, factor] as const]));
  const whose = doubt.orLens ? 'Under the lens in devices.yaml the pictures' : 'The pictures';
  const seen = `${whose} ${seenWords(doubt, turned, factors)}.`;
  return `${seen} ${capital(wishes(doubt, turned, factors).join(', '))}.`;
};
