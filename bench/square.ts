import type { Panorama } from '../src/sandbox/scenery/panorama.js';
import { Random } from './random.js';

/**
 * A square paved with slabs between rows of houses, each with windows of one kind: a place that repeats itself, with little that it
 * has once. Metres; x and y lie on the ground, up is up, and the eye is the origin.
 */
const EYE_M = 9;
const [WIDTH_PX, HEIGHT_PX] = [4096, 2048];
/** Each point of the picture is the mean of so many by so many. */
const SAMPLES = 2;
const FLOOR_M = 3.3;
const SLAB_M = 1.2;
const BRICK_M = { along: 0.26, up: 0.085 } as const;

type Colour = readonly [number, number, number];
type Paint = [number, number, number];

const mix = (paint: Paint, colour: Colour, share: number): void => {
  for (let k = 0; k < 3; k++) paint[k] = paint[k]! + (colour[k]! - paint[k]!) * share;
};

const dim = (paint: Paint, factor: number): void => {
  for (let k = 0; k < 3; k++) paint[k] = paint[k]! * factor;
};

/** Evenly in [0, 1), the same for the same whole numbers. */
const hash = (a: number, b: number, seed: number): number => {
  let h = Math.imul(a | 0, 0x27d4eb2d) ^ Math.imul(b | 0, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
};

const smooth = (t: number): number => t * t * (3 - 2 * t);

/** Smooth noise in [0, 1) with a hill per unit. */
const noise = (u: number, v: number, seed: number): number => {
  const left = Math.floor(u);
  const top = Math.floor(v);
  const s = smooth(u - left);
  const upper = hash(left, top, seed) * (1 - s) + hash(left + 1, top, seed) * s;
  const lower = hash(left, top + 1, seed) * (1 - s) + hash(left + 1, top + 1, seed) * s;
  return upper + (lower - upper) * smooth(v - top);
};

/** Stains and grain at several sizes, mean 0, metres as units. */
const grain = (u: number, v: number, seed: number): number =>
  0.5 * (noise(u / 3, v / 3, seed) - 0.5) +
  0.3 * (noise(u * 1.3, v * 1.3, seed + 1) - 0.5) +
  0.25 * (noise(u * 6, v * 6, seed + 2) - 0.5);

const modulo = (value: number, period: number): number => value - Math.floor(value / period) * period;

interface House {
  readonly fromM: number;
  readonly toM: number;
  readonly floors: number;
  readonly wall: Colour;
  readonly frame: Colour;
  readonly pitchM: number;
  readonly windowM: readonly [number, number];
  readonly bricks: boolean;
  readonly seed: number;
}

const HOUSE_COLOURS: readonly Colour[] = [
  [176, 120, 92],
  [204, 188, 158],
  [168, 160, 150],
  [150, 98, 80],
  [214, 202, 184],
];

const rowOfHouses = (random: Random, halfM: number): House[] => {
  const houses: House[] = [];
  for (let fromM = -halfM; fromM < halfM;) {
    const toM = fromM + random.between(9, 17);
    houses.push({
      fromM,
      toM,
      floors: 3 + random.whole(3),
      wall: HOUSE_COLOURS[random.whole(HOUSE_COLOURS.length)]!,
      frame: random.next() < 0.7 ? [232, 230, 224] : [70, 62, 58],
      pitchM: random.between(2.3, 3.1),
      windowM: [random.between(1, 1.3), random.between(1.5, 1.9)],
      bricks: random.next() < 0.6,
      seed: random.whole(1 << 20),
    });
    fromM = toM;
  }
  return houses;
};

const paintBricks = (paint: Paint, along: number, up: number, seed: number): void => {
  const course = Math.floor(up / BRICK_M.up);
  const shifted = along + (course % 2) * (BRICK_M.along / 2);
  dim(paint, 0.86 + 0.28 * hash(Math.floor(shifted / BRICK_M.along), course, seed));
  const isJoint = modulo(shifted, BRICK_M.along) < 0.015 || modulo(up, BRICK_M.up) < 0.012;
  if (isJoint) mix(paint, [196, 190, 180], 0.6);
};

/** One window of a row, (u, v) from its lower left corner; the panes of all are of one kind, curtains differ. */
const paintWindow = (paint: Paint, house: House, u: number, v: number, which: number): void => {
  const [wide, high] = house.windowM;
  const isFrame = u < 0.09 || v < 0.09 || u > wide - 0.09 || v > high - 0.09 || Math.abs(u - wide / 2) < 0.04;
  const isBar = Math.abs(v - high * 0.62) < 0.04;
  const shade = 44 + 26 * (v / high);
  paint[0] = shade;
  paint[1] = shade + 6;
  paint[2] = shade + 16;
  const curtain = hash(which, 7, house.seed);
  if (curtain < 0.35 && v > high * (0.4 + curtain)) mix(paint, [206, 200, 186], 0.8);
  if (isFrame || isBar) mix(paint, house.frame, 1);
};

const paintShop = (paint: Paint, house: House, u: number, up: number): void => {
  if (up > 2.7) {
    const sign = hash(Math.floor(u * 5), Math.floor(up * 6), house.seed + 3);
    mix(paint, sign < 0.45 ? [236, 226, 190] : [90, 40 + 70 * hash(1, 1, house.seed), 60], 0.9);
  } else if (modulo(u, 3.4) < 2.6 && up > 0.5) {
    mix(paint, [38, 42, 48], 0.85);
    if (hash(Math.floor(u * 4), Math.floor(up * 4), house.seed + 4) < 0.2) mix(paint, [190, 160, 120], 0.6);
  }
};

/** Paints a house at `along` and `up` metres; false above its roof. */
const paintHouse = (paint: Paint, house: House, along: number, up: number): boolean => {
  const eaves = house.floors * FLOOR_M + 0.8;
  const u = along - house.fromM;
  const wide = house.toM - house.fromM;
  if (up > eaves) {
    if (up > eaves + 1.6 + 0.5 * hash(Math.floor(u / 2.2), 3, house.seed)) return false;
    mix(paint, [112, 66, 52], 1);
    dim(paint, 0.8 + 0.3 * hash(Math.floor(u * 4), Math.floor(up * 5), 11));
    return true;
  }
  mix(paint, house.wall, 1);
  if (house.bricks) paintBricks(paint, along, up, house.seed);
  dim(paint, 1 + 0.4 * grain(along, up, house.seed));
  if (up > eaves - 0.35) dim(paint, 0.72);
  if (u < 0.14) dim(paint, 0.5);
  if (up < FLOOR_M) {
    paintShop(paint, house, u, up);
    return true;
  }
  const count = Math.floor((wide - 0.8) / house.pitchM);
  const margin = (wide - count * house.pitchM) / 2;
  const column = Math.floor((u - margin) / house.pitchM);
  const floor = Math.floor(up / FLOOR_M);
  const inPitch = u - margin - column * house.pitchM - (house.pitchM - house.windowM[0]) / 2;
  const inFloor = up - floor * FLOOR_M - 0.9;
  const isPane = inPitch > 0 && inPitch < house.windowM[0] && inFloor > 0 && inFloor < house.windowM[1];
  if (column >= 0 && column < count && isPane && floor < house.floors)
    paintWindow(paint, house, inPitch, inFloor, floor * 64 + column);
  else if (column >= 0 && column < count && Math.abs(inFloor + 0.06) < 0.06) mix(paint, house.frame, 0.7);
  return true;
};

interface Car {
  readonly x: number;
  readonly y: number;
  readonly along: boolean;
  readonly colour: Colour;
}

const paintGround = (paint: Paint, x: number, y: number, cars: readonly Car[]): void => {
  const [column, row] = [Math.floor(x / SLAB_M), Math.floor(y / SLAB_M)];
  const shade = 138 + 22 * hash(column, row, 21);
  mix(paint, [shade, shade - 4, shade - 12], 1);
  dim(paint, 1 + 0.5 * grain(x, y, 22));
  if (modulo(x, SLAB_M) < 0.03 || modulo(y, SLAB_M) < 0.03) dim(paint, 0.62);
  for (const car of cars) {
    const [u, v] = car.along ? [x - car.x, y - car.y] : [y - car.y, x - car.x];
    if (Math.abs(u) > 2.2 || Math.abs(v) > 0.95) continue;
    mix(paint, car.colour, 1);
    if (Math.abs(u + 0.3) < 1.3 && Math.abs(v) < 0.75) mix(paint, [34, 38, 44], 0.75);
  }
};

const paintSky = (paint: Paint, azimuth: number, up: number): void => {
  mix(paint, [206 - 90 * up, 220 - 60 * up, 238 - 20 * up], 1);
  const cloud = noise(3 * Math.cos(azimuth) + 9, 3 * Math.sin(azimuth) + 5 * up, 31);
  mix(paint, [244, 244, 242], 0.8 * Math.max(0, cloud - 0.45));
};

interface Square {
  readonly rows: readonly { readonly distanceM: number; readonly houses: readonly House[] }[];
  readonly cars: readonly Car[];
}

const layOut = (seed: number): Square => {
  const random = new Random(`square ${seed}`);
  // In front, to the right, behind, to the left.
  const rows = [34, 17, 46, 24].map((distanceM) => ({ distanceM, houses: rowOfHouses(random, 60) }));
  const cars = Array.from({ length: 14 }, () => ({
    ...{ x: random.between(-38, 28), y: random.between(-20, 14), along: random.next() < 0.5 },
    colour: [random.between(30, 220), random.between(30, 200), random.between(30, 200)] as const,
  }));
  return { rows, cars };
};

/** What is seen along a direction; `forward`, `right` and `up` make a unit vector. */
const paintRay = ({ rows, cars }: Square, paint: Paint, forward: number, right: number, up: number): void => {
  const ahead = forward > 0 ? 0 : 2;
  const aside = right > 0 ? 1 : 3;
  const toAhead = rows[ahead]!.distanceM / Math.max(1e-9, Math.abs(forward));
  const toAside = rows[aside]!.distanceM / Math.max(1e-9, Math.abs(right));
  const reach = Math.min(toAhead, toAside);
  const side = toAhead < toAside ? ahead : aside;
  const toGround = up < 0 ? EYE_M / -up : Infinity;
  if (toGround < reach) return paintGround(paint, forward * toGround, right * toGround, cars);
  const along = (side === ahead ? right : forward) * reach;
  const height = EYE_M + up * reach;
  const house = rows[side]!.houses.find(({ toM }) => along < toM);
  if (house === undefined || !paintHouse(paint, house, along, height))
    paintSky(paint, Math.atan2(right, forward), up);
};

/** Draws the square, the same for the same seed. */
export const drawSquare = (seed: number): Panorama => {
  const square = layOut(seed);
  const rgb = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3);
  const paint: Paint = [0, 0, 0];
  const sum: Paint = [0, 0, 0];
  for (let y = 0, to = 0; y < HEIGHT_PX; y++) {
    for (let x = 0; x < WIDTH_PX; x++, to += 3) {
      sum.fill(0);
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const dx = ((sample % SAMPLES) + 0.5) / SAMPLES;
        const dy = (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
        const azimuth = ((x + dx) / WIDTH_PX) * 2 * Math.PI - Math.PI;
        const tilt = Math.PI / 2 - ((y + dy) / HEIGHT_PX) * Math.PI;
        const level = Math.cos(tilt);
        paint.fill(0);
        paintRay(square, paint, level * Math.cos(azimuth), level * Math.sin(azimuth), Math.sin(tilt));
        for (let k = 0; k < 3; k++) sum[k] = sum[k]! + paint[k]!;
      }
      for (let k = 0; k < 3; k++)
        rgb[to + k] = Math.max(0, Math.min(255, Math.round(sum[k]! / (SAMPLES * SAMPLES))));
    }
  }
  return { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, rgb };
};
