import { EXACT, IDEAL_HEAD, IN_THE_MIDDLE, type Build, type Head, type PrincipalPoint } from './heads.js';
import { HD, STOPS_36, toAndFro, type ScanPlan, type Stop } from './scans.js';

/** A scan of 36 stops by an ordinary camera with exact encoders, the lens to be found, but for what is said otherwise. */
const planOf = (name: string, other: Partial<ScanPlan> = {}): ScanPlan => ({
  ...{
    name: `heads ${name}`,
    camera: HD,
    stops: STOPS_36,
    encoders: EXACT,
    lensGiven: false,
    overlay: false,
  },
  ...other,
});

/** Nothing is wrong with the camera but this. */
const withHead = (head: Partial<Head>) => (): Build => ({
  head: { ...IDEAL_HEAD, ...head },
  principalPoint: IN_THE_MIDDLE,
});
const withPoint = (point: Partial<PrincipalPoint>) => (): Build => ({
  head: IDEAL_HEAD,
  principalPoint: { ...IN_THE_MIDDLE, ...point },
});

interface Term {
  readonly name: string;
  /** A little of it, and a lot. */
  readonly said: readonly [string, string];
  readonly built: (size: 0 | 1) => () => Build;
}

const angle = (name: string, key: keyof Head): Term => ({
  ...{ name, said: ['0.1°', '0.5°'] },
  built: (size) => withHead({ [key]: [0.1, 0.5][size] }),
});
const gain = (name: string, key: keyof Head): Term => ({
  ...{ name, said: ['0.1 %', '0.5 %'] },
  built: (size) => withHead({ [key]: [0.001, 0.005][size] }),
});

const TERMS: readonly Term[] = [
  angle('tilt axis', 'tiltAxisDeg'),
  angle('tilt zero', 'tiltZeroDeg'),
  angle('collimation', 'collimationDeg'),
  angle('roll', 'rollDeg'),
  gain('pan gain', 'panGain'),
  gain('tilt gain', 'tiltGain'),
  {
    ...{ name: 'principal point', said: ['0.5 %', '2 %'] },
    built: (size) => withPoint({ xShare: [0.005, 0.02][size]!, yShare: [-0.005, -0.02][size]! }),
  },
];

/** Each term alone, a little and a lot of it with the lens found, a lot of it with the lens known. */
export const TERM_SCANS: readonly ScanPlan[] = TERMS.flatMap(({ name, said, built }) => [
  planOf(`${name} ${said[0]}`, { altered: built(0) }),
  planOf(`${name} ${said[1]}`, { altered: built(1) }),
  planOf(`${name} ${said[1]}, lens known`, { altered: built(1), lensGiven: true }),
]);

/** The pan circle is read 0.05° off its centre. */
const ECCENTRIC = { eccentricitySinDeg: 0.04, eccentricityCosDeg: 0.03 };
const eccentric = ({ head, ...rest }: Build): Build => ({ ...rest, head: { ...head, ...ECCENTRIC } });

export const ECCENTRIC_SCANS: readonly ScanPlan[] = [
  planOf('eccentricity 0.05°', { altered: withHead(ECCENTRIC) }),
  planOf('mixture, eccentricity 0.05°', { altered: eccentric }),
];

export const LEANING_SCAN = planOf('mast leans 3°', { leanDeg: [0, 1.8, -2.4] });

export const MIXTURE = planOf('mixture');
export const MIXTURE_KNOWN = planOf('mixture, lens known', { lensGiven: true });
export const OTHER_MIXTURES: readonly ScanPlan[] = [planOf('mixture 2'), planOf('mixture 3')];

const STEPS_DEG = [0.02, 0.05, 0.1];
/** Ordinary cameras whose encoders are not exact either. */
export const NOISY_SCAN = planOf('encoder noise 0.02°', { encoders: { ...EXACT, noiseDeg: 0.02 } });
export const ENCODER_SCANS: readonly ScanPlan[] = [
  ...STEPS_DEG.map((deg) => planOf(`backlash ${deg}°`, { encoders: { ...EXACT, backlashDeg: deg } })),
  ...STEPS_DEG.map((deg) => planOf(`quantised ${deg}°`, { encoders: { ...EXACT, stepDeg: deg } })),
  NOISY_SCAN,
];

const FIVE_DEG = [-60, -30, 0, 30, 60];
const TWO_ROWS = toAndFro(FIVE_DEG, [-20, 0]);
/** The second example in devices.yaml. */
const ONE_ROW = toAndFro(FIVE_DEG, [-10]);

const bothWays = (name: string, stops: readonly Stop[]): readonly [ScanPlan, ScanPlan] => [
  planOf(`${name}, lens known`, { stops, lensGiven: true }),
  planOf(`${name}, lens found`, { stops }),
];

export const TWO_ROW_SCANS = bothWays('two rows', TWO_ROWS);
export const ONE_ROW_SCANS = bothWays('one row', ONE_ROW);
export const ONE_STOP_SCAN = planOf('one stop', { stops: toAndFro([20], [-6]), lensGiven: true });

/** Between both arcs 20° are seen by no stop on one side, and 10° on the other. */
const ARCS_DEG = [-150, -120, -90, -60, -30, 50, 80, 110, 140];
const ARCS = toAndFro(ARCS_DEG, [-10]);
const ARCS_OF_TWO_ROWS = toAndFro(ARCS_DEG, [-20, 0]);
const rolled = (rollDeg: number): Pick<ScanPlan, 'altered'> => ({ altered: withHead({ rollDeg }) });

export const ARC_SCANS: readonly ScanPlan[] = [
  planOf('two arcs, ideal head, lens known', { stops: ARCS, lensGiven: true, ...rolled(0) }),
  ...[0.1, 0.2, 0.5].map((deg) =>
    planOf(`two arcs, roll ${deg}°, lens known`, { stops: ARCS, lensGiven: true, ...rolled(deg) }),
  ),
  planOf('two arcs, roll 0.2°, lens found', { stops: ARCS, ...rolled(0.2) }),
  planOf('two arcs of two rows, roll 0.2°, lens found', { stops: ARCS_OF_TWO_ROWS, ...rolled(0.2) }),
];
export const MIXED_ARC_SCANS: readonly ScanPlan[] = [
  planOf('two arcs, mixture, lens known', { stops: ARCS, lensGiven: true }),
  planOf('two arcs, mixture, lens found', { stops: ARCS }),
  planOf('two arcs of two rows, mixture, lens found', { stops: ARCS_OF_TWO_ROWS }),
  planOf('two arcs of two rows, mixture, encoder noise 0.02°', {
    ...{ stops: ARCS_OF_TWO_ROWS, encoders: { ...EXACT, noiseDeg: 0.02 } },
  }),
];

const BEHIND = toAndFro([130, 150, 170, -170, -150, -130], [-20, 0]);
/** A head that turns endlessly counts a turn as a turn. */
const endless = ({ head, ...rest }: Build): Build => ({ ...rest, head: { ...head, panGain: 0 } });

/** Over the place where pan jumps from 180 to −180: with end stops there the head turns all the way back in between. */
export const OVER_180_SCANS: readonly ScanPlan[] = [
  planOf('over 180°, endless', { stops: BEHIND, altered: endless }),
  planOf('over 180°, end stops', { stops: BEHIND }),
  planOf('over 180°, end stops, pan gain 0.5 %', { stops: BEHIND, altered: withHead({ panGain: 0.005 }) }),
];

/** All around by a head that reports 0–360°. */
export const FROM_0_SCAN = planOf('reports 0–360°', {
  ...{
    stops: toAndFro(
      Array.from({ length: 12 }, (_, i) => 30 * i),
      [-20, 0],
    ),
    lowestPanDeg: 0,
  },
});

/** Four zooms over which the principal point wanders by 20 px. */
export const ZOOMS = [1, 1.5, 2.2, 3.2];
const PX_A_DOUBLING = 20 / Math.log2(3.2);
const wandering = ({ head, principalPoint }: Build): Build => ({
  head,
  principalPoint: { ...principalPoint, xWanderPx: 0.8 * PX_A_DOUBLING, yWanderPx: -0.6 * PX_A_DOUBLING },
});
const ZOOM_STOPS = ZOOMS.flatMap((zoom) => toAndFro([-75, -45, -15, 15, 45, 75], [-20, 0], zoom));

export const ZOOM_SCANS: readonly ScanPlan[] = [
  planOf('four zooms, lens known', { stops: ZOOM_STOPS, altered: wandering, lensGiven: true }),
  planOf('four zooms, lens found', { stops: ZOOM_STOPS, altered: wandering }),
];
