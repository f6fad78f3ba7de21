import type { Site } from './buildings.js';
import { HAZE } from './backdrop.js';
import { brighten, type Canvas, mix, type Rgb } from './canvas.js';
import type { SeededRandom } from './random.js';

const LEAVES: readonly Rgb[] = [
  [66, 96, 42],
  [88, 112, 48],
  [52, 80, 50],
  [116, 118, 54],
  [142, 98, 46],
  [74, 104, 66],
];

/** A tree of many leaf clumps, bright above and dark below, on a trunk. */
export const drawTree = (canvas: Canvas, random: SeededRandom, site: Site): void => {
  const height = random.between(5, 13) * site.pxPerM;
  const spread = height * random.between(0.28, 0.5);
  const leaf = mix(random.pick(LEAVES), HAZE, site.haze);
  const trunk = Math.max(1, Math.round(0.05 * height));
  canvas.line(site.x, site.footY, site.x, site.footY - height * 0.6, [62, 50, 40], trunk);
  const centreY = site.footY - height * 0.64;
  const clumps = Math.round(Math.min(420, 20 + spread * 5));
  const size = Math.max(1.2, Math.min(7, spread * 0.09));
  for (let clump = 0; clump < clumps; clump++) {
    const turn = random.between(0, 2 * Math.PI);
    const out = Math.sqrt(random.next()) * random.between(0.75, 1.08);
    const dy = Math.sin(turn) * out;
    const lit = (1 - 0.35 * dy) * random.between(0.5, 1.4);
    const r = size * random.between(0.5, 1.4);
    const x = site.x + Math.cos(turn) * out * spread;
    canvas.blob(x, centreY + dy * height * 0.38, r, r * random.between(0.6, 1), brighten(leaf, lit), 0.92);
  }
};

/** A low bush, or a tuft of long grass. */
export const drawShrub = (canvas: Canvas, random: SeededRandom, site: Site): void => {
  const height = Math.max(3, random.between(0.4, 1.8) * site.pxPerM);
  const leaf = mix(random.pick(LEAVES), HAZE, site.haze);
  const strokes = Math.min(60, 8 + Math.round(height * 1.5));
  const wide = height * random.between(0.6, 1.6);
  for (let stroke = 0; stroke < strokes; stroke++) {
    const x = site.x + random.between(-wide, wide);
    const y = site.footY - random.between(0, height);
    const r = Math.max(1, random.between(0.06, 0.2) * height);
    canvas.blob(x, y, r, r, brighten(leaf, random.between(0.45, 1.5)), 0.9);
  }
};

/** A stone, a patch, a drain, a leaf: whatever lies about. */
export const drawLitter = (canvas: Canvas, random: SeededRandom, site: Site): void => {
  const size = Math.max(1.3, Math.min(14, random.between(0.08, 0.7) * site.pxPerM));
  const flat = random.between(0.25, 0.8);
  const grey = random.between(40, 210);
  const tone: Rgb = [grey * random.between(0.9, 1.1), grey, grey * random.between(0.8, 1.05)];
  canvas.blob(site.x + size * 0.3, site.footY + size * 0.2, size * 1.1, size * flat, [24, 24, 22], 0.5, 0);
  canvas.blob(site.x, site.footY, size, size * flat, tone, 0.95, 0.4);
};
