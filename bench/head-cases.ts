import type { Condition, Region } from './condition.js';
import {
  ARC_SCANS,
  ECCENTRIC_SCANS,
  ENCODER_SCANS,
  FROM_0_SCAN,
  LEANING_SCAN,
  MIXED_ARC_SCANS,
  MIXTURE,
  MIXTURE_KNOWN,
  NOISY_SCAN,
  ONE_ROW_SCANS,
  ONE_STOP_SCAN,
  OTHER_MIXTURES,
  OVER_180_SCANS,
  TERM_SCANS,
  TWO_ROW_SCANS,
  ZOOM_SCANS,
  ZOOMS,
} from './head-scans.js';
import type { ScanPlan } from './scans.js';

const LIGHTS_TRIED = ['same', 'dusk', 'noise'] as const;

const GROUP = 'heads: ';

export const isOfHeads = (condition: string): boolean => condition.startsWith(GROUP);

/** Queries of a scan of the group; `looked` says how they look where that is nothing special. */
const conditionOf = (scan: ScanPlan, looked = '', other: Partial<Condition> = {}): Condition => ({
  name: `${GROUP}${scan.name.replace(/^heads /, '')}${looked && `, ${looked}`}`,
  ...{ scan, lights: LIGHTS_TRIED, offsetDeg: 3 },
  ...other,
});

const plain = (scan: ScanPlan): Condition => conditionOf(scan);

const around = (
  centreDeg: Region['centreDeg'],
  panAwayDeg: Region['panAwayDeg'],
  tiltAwayDeg: Region['tiltAwayDeg'],
): { readonly region: Region } => ({ region: { centreDeg, panAwayDeg, tiltAwayDeg } });

const IN_SECTOR = around([0, -10], [0, 60], [0, 12]);
const IN_ROW = around([0, -10], [0, 60], [0, 8]);
const BESIDE_ROW = around([0, -10], [60, 80], [0, 3]);
const FAR_BESIDE_ROW = around([0, -10], [80, 100], [0, 3]);
const NEAR_STOP = around([20, -6], [0, 3], [0, 3]);
const FAR_FROM_STOP = around([20, -6], [3, 20], [0, 20]);
const IN_GAP = around([10, -10], [0, 8], [0, 6]);
const BEHIND = around([180, -10], [0, 40], [0, 12]);
const ZOOMED = { ...around([0, -10], [0, 75], [0, 10]), zoomed: [1, ZOOMS.at(-1)!] } as const;

/** Cameras that did not move: nothing beyond this may be told of them. */
const UNMOVED = { offsetDeg: 0, wrongDeg: 0.05 } as const;

/** Looks of an active check. */
const looking = (looks: number): Pick<Condition, 'looks'> => ({ looks });

const unmoved = (scan: ScanPlan, other: Partial<Condition> = {}, looked = 'unmoved'): Condition =>
  conditionOf(scan, looked, { ...other, ...UNMOVED });

const ACTIVE: readonly Condition[] = [
  conditionOf(MIXTURE, 'active, three looks', looking(3)),
  conditionOf(MIXTURE, 'active, four looks', looking(4)),
  conditionOf(MIXTURE_KNOWN, 'active, four looks', looking(4)),
  ...ENCODER_SCANS.map((scan) => conditionOf(scan, 'active, four looks', looking(4))),
  ...TWO_ROW_SCANS.map((scan) => conditionOf(scan, 'active, three looks', { ...looking(3), ...IN_SECTOR })),
];

const SOME_STOPS: readonly Condition[] = [
  ...TWO_ROW_SCANS.map((scan) => conditionOf(scan, 'inside', IN_SECTOR)),
  ...ONE_ROW_SCANS.flatMap((scan) => [
    conditionOf(scan, 'inside', IN_ROW),
    conditionOf(scan, '0–20° beside', BESIDE_ROW),
    conditionOf(scan, '20–40° beside', FAR_BESIDE_ROW),
  ]),
  conditionOf(ONE_STOP_SCAN, 'near', NEAR_STOP),
  conditionOf(ONE_STOP_SCAN, 'far', FAR_FROM_STOP),
  ...[...ARC_SCANS, ...MIXED_ARC_SCANS].map((scan) => conditionOf(scan, 'in the gap', IN_GAP)),
  ...OVER_180_SCANS.map((scan) => conditionOf(scan, '', BEHIND)),
];

const NOT_MOVED: readonly Condition[] = [
  unmoved(MIXTURE),
  unmoved(MIXTURE_KNOWN),
  unmoved(MIXTURE, looking(4), 'active, four looks, unmoved'),
  ...TWO_ROW_SCANS.map((scan) => unmoved(scan, IN_SECTOR)),
  ...ONE_ROW_SCANS.map((scan) => unmoved(scan, IN_ROW)),
  unmoved(ONE_STOP_SCAN, NEAR_STOP, 'near, unmoved'),
  // One stop shows nothing of the head, and what is not known of it grows to 0.1° over those 20°: this may be told, as uncertain.
  conditionOf(ONE_STOP_SCAN, 'far, unmoved', { ...FAR_FROM_STOP, offsetDeg: 0 }),
  ...MIXED_ARC_SCANS.slice(0, 3).map((scan) => unmoved(scan, IN_GAP, 'in the gap, unmoved')),
  ...OVER_180_SCANS.slice(0, 2).map((scan) => unmoved(scan, BEHIND)),
  ...ZOOM_SCANS.map((scan) => unmoved(scan, ZOOMED)),
];

/** How the solver takes heads as they are: each fault alone, mixtures, poor encoders, and scans that show little of the head. */
export const HEAD_CONDITIONS: readonly Condition[] = [
  ...TERM_SCANS.map(plain),
  ...[MIXTURE, MIXTURE_KNOWN, ...OTHER_MIXTURES].map(plain),
  ...ECCENTRIC_SCANS.map(plain),
  ...[LEANING_SCAN, FROM_0_SCAN].map(plain),
  ...ENCODER_SCANS.map(plain),
  conditionOf(NOISY_SCAN, 'exact query', { exactQuery: true }),
  ...ZOOM_SCANS.map((scan) => conditionOf(scan, '', ZOOMED)),
  ...SOME_STOPS,
  ...ACTIVE,
  ...NOT_MOVED,
];
