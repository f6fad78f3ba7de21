import { boxBlur } from './light.js';
import type { Random } from './random.js';
import type { Picture } from './view.js';

/** One value a pixel. */
type Field = Float32Array;

/** What the seasons are made of: each changes a picture where it is, nothing moves. Lengths are given for a picture 1,280 wide. */
const scaled = (lengthPx: number, { widthPx }: Picture): number => Math.max(1, (lengthPx * widthPx) / 1280);

const addLattice = (field: Field, picture: Picture, cellPx: number, weight: number, random: Random): void => {
  const { widthPx, heightPx } = picture;
  const columns = Math.ceil(widthPx / cellPx) + 2;
  const rows = Math.ceil(heightPx / cellPx) + 2;
  const lattice = Float32Array.from({ length: columns * rows }, () => random.between(-weight, weight));
  for (let y = 0; y < heightPx; y++) {
    const row = Math.floor(y / cellPx);
    const ty = y / cellPx - row;
    const sy = ty * ty * (3 - 2 * ty);
    for (let x = 0; x < widthPx; x++) {
      const column = Math.floor(x / cellPx);
      const tx = x / cellPx - column;
      const sx = tx * tx * (3 - 2 * tx);
      const at = row * columns + column;
      const above = lattice[at]! + (lattice[at + 1]! - lattice[at]!) * sx;
      const below = lattice[at + columns]! + (lattice[at + columns + 1]! - lattice[at + columns]!) * sx;
      field[y * widthPx + x] = field[y * widthPx + x]! + above + (below - above) * sy;
    }
  }
};

/** Smooth random values around 0: lattices of ever smaller cells, from `coarsePx` down to `finePx`. */
const noiseField = (picture: Picture, coarsePx: number, finePx: number, random: Random): Field => {
  const field = new Float32Array(picture.widthPx * picture.heightPx);
  let weight = 1;
  for (let cellPx = scaled(coarsePx, picture); cellPx >= scaled(finePx, picture); cellPx /= 2) {
    addLattice(field, picture, Math.max(1.5, cellPx), weight, random);
    weight *= 0.62;
  }
  return field;
};

/** How much of every pixel belongs to connected regions that take `share` of the picture, with borders `softPx` wide. */
const regions = (picture: Picture, share: number, softPx: number, random: Random): Field => {
  const field = noiseField(picture, 420, 40, random);
  const sorted = Float32Array.from(field).sort();
  const threshold = sorted[Math.floor((1 - share) * (sorted.length - 1))]!;
  const slope = 1 / (0.004 * softPx);
  return field.map((value) => Math.min(1, Math.max(0, 0.5 + (value - threshold) * slope)));
};

const copyOf = (picture: Picture): Picture => ({ ...picture, rgb: Uint8ClampedArray.from(picture.rgb) });

const blurred = (picture: Picture, radiusPx: number): Picture => {
  const soft = copyOf(picture);
  boxBlur(soft, Math.max(1, Math.round(scaled(radiusPx, picture))));
  boxBlur(soft, Math.max(1, Math.round(scaled(radiusPx, picture))));
  return soft;
};

/** Mixes every pixel with a colour by a share. */
const mix = ({ rgb }: Picture, pixel: number, share: number, colour: (channel: number) => number): void => {
  for (let channel = 0, at = pixel * 3; channel < 3; channel++, at++)
    rgb[at] = rgb[at]! * (1 - share) + colour(channel) * share;
};

/** How strong, about each pixel, what `soft` leaves out is, times `factor`. */
const strengthOf = (picture: Picture, soft: Picture, factor: number): Picture => {
  const strength = copyOf(picture);
  for (let at = 0; at < soft.rgb.length; at++)
    strength.rgb[at] = factor * Math.abs(picture.rgb[at]! - soft.rgb[at]!);
  return blurred(strength, 8);
};

/** Leaves, grass and crops: in regions all that is fine gives way to other texture of about the same strength. */
export const regrow = (picture: Picture, share: number, random: Random): void => {
  const soft = blurred(picture, 10);
  const where = regions(picture, share, 10, random);
  const texture = noiseField(picture, 12, 2, random);
  const tone = noiseField(picture, 160, 40, random);
  const spread = strengthOf(picture, soft, 3);
  where.forEach((part, pixel) => {
    if (part === 0) return;
    const rough = 8 + spread.rgb[pixel * 3 + 1]! * 0.8;
    mix(
      picture,
      pixel,
      part,
      (channel) => soft.rgb[pixel * 3 + channel]! * (1 + 0.2 * tone[pixel]!) + rough * texture[pixel]!,
    );
  });
};

/** Leaves of another year everywhere: of what is fine only a part stays, the rest is other texture of the same strength. */
export const decorrelate = (picture: Picture, least: number, most: number, random: Random): void => {
  const soft = blurred(picture, 5);
  const kept = noiseField(picture, 200, 20, random);
  const texture = noiseField(picture, 8, 2, random);
  const spread = strengthOf(picture, soft, 2);
  kept.forEach((value, pixel) => {
    const keep = least + (most - least) * Math.min(1, Math.max(0, 0.5 + 0.5 * value));
    const added = (1 - keep) * spread.rgb[pixel * 3 + 1]! * texture[pixel]!;
    for (let at = pixel * 3; at < pixel * 3 + 3; at++)
      picture.rgb[at] = soft.rgb[at]! + keep * (picture.rgb[at]! - soft.rgb[at]!) + added;
  });
};

/**
 * The sun from another side: here one flank of everything grows brighter, there another, so that edges fade, grow or shift
 * by up to a pixel, each thing's another way and none on the whole.
 */
export const relief = (picture: Picture, strength: number, random: Random): void => {
  const { widthPx, heightPx, rgb } = picture;
  const soft = blurred(picture, 1.5).rgb;
  const reach = Math.round(scaled(3, picture));
  const [across, along] = [noiseField(picture, 60, 15, random), noiseField(picture, 60, 15, random)];
  const [right, below] = [reach * 3, reach * widthPx * 3];
  for (let y = reach; y < heightPx - reach; y++) {
    for (let x = reach; x < widthPx - reach; x++) {
      const pixel = y * widthPx + x;
      const at = pixel * 3;
      const slope =
        across[pixel]! * (soft[at + right + 1]! - soft[at - right + 1]!) +
        along[pixel]! * (soft[at + below + 1]! - soft[at - below + 1]!);
      for (let channel = at; channel < at + 3; channel++) rgb[channel] = rgb[channel]! + strength * slope;
    }
  }
};

/** Snow lies on what is below the horizon, bright and nearly without texture. */
export const snow = (picture: Picture, share: number, random: Random): void => {
  const where = regions(picture, share, 40, random);
  const texture = noiseField(picture, 60, 4, random);
  where.forEach((part, pixel) => {
    if (picture.elevationDeg[pixel]! > 1) return;
    mix(picture, pixel, 0.88 * part, (channel) => 218 + 4 * channel + 10 * texture[pixel]!);
  });
};

/** Shadows of what stands outside the picture: large convex shapes with soft edges. */
export const castShadows = (picture: Picture, count: number, dark: number, random: Random): void => {
  const { widthPx, heightPx } = picture;
  for (let shadow = 0; shadow < count; shadow++) {
    const [cx, cy] = [random.between(0, widthPx), random.between(0, heightPx)];
    const softPx = scaled(random.between(1, 9), picture);
    const sides = Array.from({ length: 5 }, (_, k) => {
      const angle = ((k + random.next()) / 5) * 2 * Math.PI;
      return { nx: Math.cos(angle), ny: Math.sin(angle), reachPx: scaled(random.between(50, 330), picture) };
    });
    for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
      const [x, y] = [(pixel % widthPx) - cx, Math.floor(pixel / widthPx) - cy];
      let inside = 1;
      for (const { nx, ny, reachPx } of sides)
        inside = Math.min(inside, (reachPx - x * nx - y * ny) / softPx);
      if (inside > 0) mix(picture, pixel, Math.min(1, inside) * dark, (channel) => 6 * channel);
    }
  }
};

/** Wet ground and rock: darker in regions. */
export const wet = (picture: Picture, share: number, random: Random): void =>
  regions(picture, share, 15, random).forEach((part, pixel) => mix(picture, pixel, 0.5 * part, () => 15));

/** The first row of every column that is no longer sky: from above to the first strong edge. */
const skylineOf = (picture: Picture): number[] => {
  const { widthPx, heightPx, rgb } = blurred(picture, 2);
  const step = Math.round(scaled(6, picture));
  return Array.from({ length: widthPx }, (_, x) => {
    for (let y = 0; y + step < heightPx; y++) {
      const [at, below] = [(y * widthPx + x) * 3 + 1, ((y + step) * widthPx + x) * 3 + 1];
      if (Math.abs(rgb[at]! - rgb[below]!) > 22 || picture.elevationDeg[y * widthPx + x]! < -2) return y;
    }
    return 0;
  });
};

/** Another sky: clouds full of corners that match nothing. */
export const clouds = (picture: Picture, random: Random): void => {
  const skyline = skylineOf(picture);
  const shape = noiseField(picture, 300, 3, random);
  for (let pixel = 0; pixel < shape.length; pixel++) {
    if (Math.floor(pixel / picture.widthPx) >= skyline[pixel % picture.widthPx]!) continue;
    mix(picture, pixel, 0.9, (channel) => 165 + 60 * shape[pixel]! + 6 * channel);
  }
};

/** Haze that thickens towards the horizon. */
export const haze = (picture: Picture, thickest: number): void => {
  for (let pixel = 0; pixel < picture.elevationDeg.length; pixel++) {
    const near = Math.max(0, -picture.elevationDeg[pixel]!) / 30;
    mix(picture, pixel, thickest * Math.exp(-near), (channel) => 200 + 4 * channel);
  }
};

/** Grey levels through a gamma and a gain, the colours a little apart. */
export const tone = ({ rgb }: Picture, gamma: number, gain: number, cast: readonly number[]): void => {
  const curve = Float32Array.from({ length: 256 }, (_, v) => 255 * gain * (v / 255) ** gamma);
  for (let at = 0; at < rgb.length; at++) rgb[at] = curve[rgb[at]!]! * cast[at % 3]!;
};

/** The halos of a camera that sharpens. */
export const sharpen = (picture: Picture, amount: number): void => {
  const soft = copyOf(picture);
  boxBlur(soft, 1);
  for (let at = 0; at < soft.rgb.length; at++)
    picture.rgb[at] = picture.rgb[at]! + amount * (picture.rgb[at]! - soft.rgb[at]!);
};

/** Every second line made up from its neighbours, as of one half of an interlaced picture. */
export const halveLines = ({ rgb, widthPx, heightPx }: Picture): void => {
  const line = widthPx * 3;
  for (let y = 1; y < heightPx - 1; y += 2)
    for (let at = y * line; at < (y + 1) * line; at++) rgb[at] = (rgb[at - line]! + rgb[at + line]!) / 2;
};
