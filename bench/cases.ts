import { coverWithPatches, HOPELESS, hopelessPicture, mirror, type Hopeless } from './foreign.js';
import { LIGHTS, relight, type Light } from './light.js';
import { Random } from './random.js';
import { overlayOn, SCANS, type ScanName, type ScanPlan } from './scans.js';
import { changeSeason, SEASONS, type Season } from './season.js';
import { renderView, type Picture, type Pose } from './view.js';
import type { Panorama } from '../src/sandbox/scenery/panorama.js';

/** One condition of the table: how its queries look against which scan. */
export interface Condition {
  readonly name: string;
  readonly scan: ScanName;
  readonly lights: readonly (Light | Season)[];
  /** Largest offset about each axis, degrees, or about one axis anywhere when `knock`. */
  readonly offsetDeg: number;
  readonly knock?: true;
  readonly zoomed?: true;
  /** Set where the query's telemetry is exact although the scan's was not. */
  readonly exactQuery?: true;
  /** Share of the frame that foreign things cover; 0.15 when omitted. */
  readonly covered?: number;
  /** Set where the seasons change all that is fine, too. */
  readonly farApart?: true;
  /** Set where every answer is wrong. */
  readonly refuse?: Hopeless | 'other place' | 'mirrored' | 'turned away';
  readonly quick?: true;
}

const answerable = (scan: ScanName, prefix: string): Condition[] =>
  LIGHTS.map((light) => ({
    name: `${prefix}: ${light}`,
    scan,
    lights: [light],
    offsetDeg: 3,
    ...(light === 'same' && { quick: true as const }),
  }));

const refusals = (scan: ScanName): Condition[] =>
  (['other place', 'mirrored', ...HOPELESS] as const).map((refuse) => ({
    name: `${scan}, refuse: ${refuse}`, scan, lights: LIGHTS, offsetDeg: 3, refuse, ...(refuse === 'other place' && { quick: true as const }),
  })); // prettier-ignore

/** The same place, but nothing of what the one stop shows. */
const turnedAway = (scan: ScanName): Condition => ({
  ...{ name: `${scan}, refuse: turned away`, scan, lights: LIGHTS, offsetDeg: 3, refuse: 'turned away' },
});

const WEBCAMS = (Object.keys(SCANS) as ScanName[]).filter((name) => 'webcam' in SCANS[name]);

/** A webcam hangs still but for its mast's sway. */
const seasons = { lights: SEASONS, offsetDeg: 0.1, covered: 0 } as const;

const mixed = { lights: LIGHTS, offsetDeg: 3, quick: true } as const;

export const CONDITIONS: readonly Condition[] = [
  ...answerable('known', 'lens known'),
  ...answerable('self', 'lens found'),
  { name: 'lens found, exact query', scan: 'self', ...mixed, exactQuery: true },
  { name: 'overlay and dirt, lens known', scan: 'dirty known', ...mixed },
  { name: 'overlay and dirt, lens found', scan: 'dirty self', ...mixed },
  {
    name: 'zoom 1–2x between levels',
    scan: 'zoom',
    ...mixed,
    lights: ['same', 'dusk', 'noise'],
    zoomed: true,
  },
  {
    name: 'knocked 8–40°',
    scan: 'known',
    ...mixed,
    offsetDeg: 40,
    knock: true,
  },
  { name: 'one stop', scan: 'one stop', ...mixed },
  { name: 'one stop, overlay and dirt', scan: 'one stop dirty', ...mixed },
  { name: 'one stop, hardly moved', scan: 'one stop', ...mixed, offsetDeg: 0.03 },
  { name: 'one stop, overlay and dirt, hardly moved', scan: 'one stop dirty', ...mixed, offsetDeg: 0.03 },
  { name: 'one stop, hardly moved, 70 % changed', scan: 'one stop', ...mixed, offsetDeg: 0.03, covered: 0.7 },
  { name: 'one stop, 70 % changed', scan: 'one stop', ...mixed, covered: 0.7 },
  { name: '1080p, 60 stops', scan: '1080p', ...mixed },
  ...refusals('known'),
  ...refusals('dirty self'),
  ...refusals('one stop'),
  ...refusals('one stop dirty'),
  turnedAway('one stop'),
  turnedAway('one stop dirty'),
  ...WEBCAMS.map((scan): Condition => ({ name: `seasons, ${scan}`, scan, ...seasons })),
  ...WEBCAMS.map((scan): Condition => ({
    name: `seasons far apart, ${scan}`,
    scan,
    ...seasons,
    farApart: true,
  })),
  ...WEBCAMS.flatMap((scan) =>
    (['other place', 'mirrored', 'turned away'] as const).map((refuse): Condition => ({
      name: `seasons, ${scan}, refuse: ${refuse}`,
      scan,
      ...seasons,
      refuse,
    })),
  ),
];

export interface Query {
  readonly pose: Pose;
  readonly light: Light | Season;
  readonly jpegQuality: number;
  readonly draw: () => Picture;
}

const isSeason = (light: Light | Season): light is Season => SEASONS.some((season) => season === light);

export interface Place {
  readonly name: string;
  readonly panorama: Panorama;
  /** Another place: for patches that cover the view, and for queries that must be refused. */
  readonly other: Panorama;
}

const anyOffset = (random: Random, most: number): [number, number, number] => [
  random.between(-most, most),
  random.between(-most, most),
  random.between(-most, most),
];

/** A turn of 8–40° about an axis that leaves the view within the scan. */
const knockOffset = (random: Random, most: number): [number, number, number] => {
  const turnDeg = random.between(8, most) * (random.next() < 0.5 ? -1 : 1);
  const share = random.between(-0.35, 0.35);
  return [turnDeg * Math.sqrt(1 - share * share), turnDeg * share, turnDeg * share * random.between(-1, 1)];
};

const anyPose = (plan: ScanPlan, condition: Condition, random: Random): Pose => {
  const offsetDeg = condition.knock
    ? knockOffset(random, condition.offsetDeg)
    : anyOffset(random, condition.offsetDeg);
  const zoom = condition.zoomed ? random.between(1.05, 1.95) : 1;
  if (plan.stops.length === 1)
    return { panDeg: plan.stops[0]!.pan, tiltDeg: plan.stops[0]!.tilt, zoom, offsetDeg };
  return { panDeg: random.between(-180, 180), tiltDeg: random.between(-22, 12), zoom, offsetDeg };
};

/** The `index`-th query of a condition at a place; the same for the same names. */
export const queryOf = (place: Place, plan: ScanPlan, condition: Condition, index: number): Query => {
  const random = new Random(`${place.name} ${condition.name} ${index}`);
  const light = condition.lights[index % condition.lights.length]!;
  const pose = anyPose(plan, condition, random);
  const draw = (): Picture => {
    const picture = sceneOf(place, plan, condition, pose, random);
    if (!HOPELESS.some((kind) => kind === condition.refuse)) {
      const foreign = renderView(place.other, plan.camera, { ...pose, panDeg: random.between(-180, 180) });
      if (isSeason(light)) changeSeason(picture, light, foreign, random, condition.farApart);
      else relight(picture, light, random, new Random(`world of ${place.name}`));
      coverWithPatches(picture, foreign, condition.covered ?? 0.15, random);
    }
    overlayOn(picture, plan, 1000 + index);
    return picture;
  };
  const jpegQuality = isSeason(light) ? 30 + ((index * 17) % 46) : 75;
  return { pose, light, jpegQuality, draw };
};

const sceneOf = (place: Place, plan: ScanPlan, condition: Condition, pose: Pose, random: Random): Picture => {
  const { camera } = plan;
  const { refuse } = condition;
  if (refuse === undefined) return renderView(place.panorama, camera, pose);
  if (refuse === 'other place')
    return renderView(place.other, camera, { ...pose, panDeg: random.between(-180, 180) });
  if (refuse === 'turned away')
    return renderView(place.panorama, camera, { ...pose, panDeg: pose.panDeg + random.between(70, 290) });
  if (refuse !== 'mirrored') return hopelessPicture(refuse, camera.widthPx, camera.heightPx, random);
  const picture = renderView(place.panorama, camera, pose);
  mirror(picture);
  return picture;
};
