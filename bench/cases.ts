import type { Condition } from './condition.js';
import { HOPELESS } from './foreign.js';
import { HEAD_CONDITIONS } from './head-cases.js';
import { LIGHTS } from './light.js';
import { SCANS, type ScanPlan } from './scans.js';
import { SEASONS } from './season.js';

const answerable = (scan: ScanPlan, prefix: string): Condition[] =>
  LIGHTS.map((light) => ({
    name: `${prefix}: ${light}`,
    scan,
    lights: [light],
    offsetDeg: 3,
    ...(light === 'same' && { quick: true as const }),
  }));

const refusals = (scan: ScanPlan): Condition[] =>
  (['other place', 'mirrored', ...HOPELESS] as const).map((refuse) => ({
    name: `${scan.name}, refuse: ${refuse}`, scan, lights: LIGHTS, offsetDeg: 3, refuse, ...(refuse === 'other place' && { quick: true as const }),
  })); // prettier-ignore

/** The same place, but nothing of what the one stop shows. */
const turnedAway = (scan: ScanPlan): Condition => ({
  ...{ name: `${scan.name}, refuse: turned away`, scan, lights: LIGHTS, offsetDeg: 3, refuse: 'turned away' },
});

const WEBCAMS = Object.values<ScanPlan>(SCANS).filter(({ webcam }) => webcam !== undefined);

/** A webcam hangs still but for its mast's sway. */
const seasons = { lights: SEASONS, offsetDeg: 0.1, covered: 0 } as const;

const mixed = { lights: LIGHTS, offsetDeg: 3, quick: true } as const;

export const CONDITIONS: readonly Condition[] = [
  ...answerable(SCANS.known, 'lens known'),
  ...answerable(SCANS.self, 'lens found'),
  { name: 'ideal head, lens known', scan: SCANS['ideal known'], ...mixed },
  { name: 'ideal head, lens found', scan: SCANS['ideal self'], ...mixed },
  { name: 'lens found, exact query', scan: SCANS.self, ...mixed, exactQuery: true },
  { name: 'overlay and dirt, lens known', scan: SCANS['dirty known'], ...mixed },
  { name: 'overlay and dirt, lens found', scan: SCANS['dirty self'], ...mixed },
  {
    name: 'zoom 1–2x between levels',
    scan: SCANS.zoom,
    ...mixed,
    lights: ['same', 'dusk', 'noise'],
    zoomed: [1.05, 1.95],
  },
  {
    name: 'knocked 8–40°',
    scan: SCANS.known,
    ...mixed,
    offsetDeg: 40,
    knock: true,
  },
  { name: 'one stop', scan: SCANS['one stop'], ...mixed },
  { name: 'one stop, overlay and dirt', scan: SCANS['one stop dirty'], ...mixed },
  { name: 'one stop, hardly moved', scan: SCANS['one stop'], ...mixed, offsetDeg: 0.03 },
  {
    name: 'one stop, overlay and dirt, hardly moved',
    scan: SCANS['one stop dirty'],
    ...mixed,
    offsetDeg: 0.03,
  },
  {
    name: 'one stop, hardly moved, 70 % changed',
    scan: SCANS['one stop'],
    ...mixed,
    offsetDeg: 0.03,
    covered: 0.7,
  },
  { name: 'one stop, 70 % changed', scan: SCANS['one stop'], ...mixed, covered: 0.7 },
  { name: '1080p, 60 stops', scan: SCANS['1080p'], ...mixed },
  ...refusals(SCANS.known),
  ...refusals(SCANS['dirty self']),
  ...refusals(SCANS['one stop']),
  ...refusals(SCANS['one stop dirty']),
  turnedAway(SCANS['one stop']),
  turnedAway(SCANS['one stop dirty']),
  ...WEBCAMS.map((scan): Condition => ({ name: `seasons, ${scan.name}`, scan, ...seasons })),
  ...WEBCAMS.map((scan): Condition => ({
    name: `seasons far apart, ${scan.name}`,
    scan,
    ...seasons,
    farApart: true,
  })),
  ...WEBCAMS.flatMap((scan) =>
    (['other place', 'mirrored', 'turned away'] as const).map((refuse): Condition => ({
      name: `seasons, ${scan.name}, refuse: ${refuse}`,
      scan,
      ...seasons,
      refuse,
    })),
  ),
  ...HEAD_CONDITIONS,
];
