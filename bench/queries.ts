import type { Condition, Region } from './condition.js';
import { coverWithPatches, HOPELESS, hopelessPicture, mirror } from './foreign.js';
import { EXACT, sendAxis } from './heads.js';
import { relight, type Light } from './light.js';
import type { Place } from './places.js';
import { Random } from './random.js';
import { buildOf, overlayOn, type ScanPlan } from './scans.js';
import { changeSeason, SEASONS, type Season } from './season.js';
import { renderView, type Picture, type Pose } from './view.js';

/** One picture of a query, and what telemetry says of it. */
export interface Look {
  readonly zoom: number;
  readonly telemetry: { readonly pan: number; readonly tilt: number; readonly zoom: number };
  readonly draw: () => Picture;
}

export interface Query {
  /** Yaw, pitch, roll of the mount: what is to be found. */
  readonly offsetDeg: readonly [number, number, number];
  readonly light: Light | Season;
  readonly jpegQuality: number;
  readonly looks: readonly Look[];
}

/** What all pictures of a query have in common. */
interface Asked {
  readonly place: Place;
  readonly plan: ScanPlan;
  readonly condition: Condition;
  readonly index: number;
  readonly offsetDeg: Query['offsetDeg'];
  readonly light: Query['light'];
}

const isSeason = (light: Light | Season): light is Season => SEASONS.some((season) => season === light);

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

const ALL_AROUND: Region = { centreDeg: [0, -5], panAwayDeg: [0, 180], tiltAwayDeg: [0, 17] };

const regionOf = ({ region }: Condition, { stops }: ScanPlan): Region => {
  if (region !== undefined || stops.length > 1) return region ?? ALL_AROUND;
  return { centreDeg: [stops[0]!.pan, stops[0]!.tilt], panAwayDeg: [0, 0], tiltAwayDeg: [0, 0] };
};

const away = ([least, most]: readonly [number, number], random: Random): number =>
  random.between(least, most) * (random.next() < 0.5 ? -1 : 1);

/** Where the `nth` of several looks is sent: they share a region from its left to its right. */
const aimDeg = (
  region: Region,
  [nth, count]: readonly [number, number],
  random: Random,
): [number, number] => {
  const { centreDeg, panAwayDeg, tiltAwayDeg } = region;
  const most = panAwayDeg[1];
  const panAway = count === 1 ? away(panAwayDeg, random) : ((nth + random.next()) / count) * 2 * most - most;
  return [centreDeg[0] + panAway, centreDeg[1] + away(tiltAwayDeg, random)];
};

/** As the head reports it: within a turn from its lowest pan. */
const reportedPan = (panDeg: number, { lowestPanDeg = -180 }: ScanPlan): number =>
  panDeg - 360 * Math.floor((panDeg - lowestPanDeg) / 360);

const lookOf = (asked: Asked, nth: number): Look => {
  const { place, plan, condition, index, offsetDeg } = asked;
  const random = new Random(`${place.name} ${condition.name} ${index} look ${nth}`);
  const aim = aimDeg(regionOf(condition, plan), [nth, condition.looks ?? 1], random);
  const zoom = condition.zoomed ? random.between(...condition.zoomed) : 1;
  // A query is read from the same encoders as the scan, unless it is to show what the reference alone is worth.
  const encoders = condition.exactQuery ? EXACT : plan.encoders;
  const fromEither = (): 1 | -1 => (random.next() < 0.5 ? 1 : -1);
  const pan = sendAxis(encoders, reportedPan(aim[0], plan), fromEither(), random);
  const tilt = sendAxis(encoders, aim[1], fromEither(), random);
  const axes = { panDeg: pan.axisDeg, tiltDeg: tilt.axisDeg };
  const pose: Pose = { ...axes, zoom, offsetDeg, leanDeg: plan.leanDeg };
  const draw = (): Picture => pictureOf(asked, pose, nth, random);
  return { zoom, telemetry: { pan: pan.toldDeg, tilt: tilt.toldDeg, zoom }, draw };
};

/** The `index`-th query of a condition at a place; the same for the same names. */
export const queryOf = (place: Place, condition: Condition, index: number): Query => {
  const random = new Random(`${place.name} ${condition.name} ${index}`);
  const light = condition.lights[index % condition.lights.length]!;
  const offsetDeg = condition.knock
    ? knockOffset(random, condition.offsetDeg)
    : anyOffset(random, condition.offsetDeg);
  const asked: Asked = { place, plan: condition.scan, condition, index, offsetDeg, light };
  const looks = Array.from({ length: condition.looks ?? 1 }, (_, nth) => lookOf(asked, nth));
  return { offsetDeg, light, jpegQuality: isSeason(light) ? 30 + ((index * 17) % 46) : 75, looks };
};

const pictureOf = (asked: Asked, pose: Pose, nth: number, random: Random): Picture => {
  const { place, plan, condition, index, light } = asked;
  const picture = sceneOf(asked, pose, random);
  if (!HOPELESS.some((kind) => kind === condition.refuse)) {
    const elsewhere = { ...pose, panDeg: random.between(-180, 180) };
    const foreign = renderView(place.other, plan.camera, buildOf(plan, place.name), elsewhere);
    if (isSeason(light)) changeSeason(picture, light, foreign, random, condition.farApart);
    else relight(picture, light, random, new Random(`world of ${place.name}`));
    coverWithPatches(picture, foreign, condition.covered ?? 0.15, random);
  }
  overlayOn(picture, plan, 1000 + 10 * index + nth);
  return picture;
};

const sceneOf = ({ place, plan, condition }: Asked, pose: Pose, random: Random): Picture => {
  const { camera } = plan;
  const { refuse } = condition;
  const seen = (panorama: Place['panorama'], at: Pose): Picture =>
    renderView(panorama, camera, buildOf(plan, place.name), at);
  if (refuse === undefined) return seen(place.panorama, pose);
  if (refuse === 'other place') return seen(place.other, { ...pose, panDeg: random.between(-180, 180) });
  if (refuse === 'turned away')
    return seen(place.panorama, { ...pose, panDeg: pose.panDeg + random.between(70, 290) });
  if (refuse !== 'mirrored') return hopelessPicture(refuse, camera.widthPx, camera.heightPx, random);
  const picture = seen(place.panorama, pose);
  mirror(picture);
  return picture;
};
