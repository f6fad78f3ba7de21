import { brighten, type Box, type Canvas, type Rgb } from './canvas.js';
import type { SeededRandom } from './random.js';

const TILES: readonly Rgb[] = [
  [138, 70, 52],
  [92, 88, 92],
  [112, 64, 58],
  [70, 78, 84],
  [150, 104, 76],
];

/** What stands on top of the wall `box`: a tiled gable, or a flat roof with its clutter. */
export const drawRoof = (canvas: Canvas, random: SeededRandom, box: Box, wall: Rgb, pxPerM: number): void => {
  const low = box.h < 14 * pxPerM;
  if (low && random.chance(0.6)) drawGable(canvas, random, box, pxPerM);
  else drawFlat(canvas, random, box, wall, pxPerM);
};

const drawGable = (canvas: Canvas, random: SeededRandom, box: Box, pxPerM: number): void => {
  const height = Math.round(random.between(2, 5) * pxPerM);
  const tile = random.pick(TILES);
  const slope = random.between(0.1, 0.5) * box.w;
  for (let up = 0; up < height; up++) {
    const inset = (slope * up) / height;
    const y = box.y - up - 1;
    for (let x = box.x + inset - 2; x < box.x + box.w - inset + 2; x++) {
      const lit = random.between(0.78, 1.14) * (up % Math.max(2, Math.round(pxPerM * 0.5)) === 0 ? 0.7 : 1);
      canvas.put(x, y, brighten(tile, lit));
    }
  }
  for (let count = random.whole(1, 4); count > 0; count--) {
    const x = box.x + random.between(0.2, 0.8) * box.w;
    const foot = box.y - height * random.between(0.3, 0.9);
    const w = Math.max(2, random.between(0.5, 1.2) * pxPerM);
    const stack: Box = { x, y: foot - 1.6 * pxPerM, w, h: Math.max(2, 1.8 * pxPerM) };
    canvas.box(stack, brighten([120, 84, 70], random.between(0.6, 1.2)));
    canvas.box({ ...stack, h: 1 }, [40, 36, 34]);
  }
};

const drawFlat = (canvas: Canvas, random: SeededRandom, box: Box, wall: Rgb, pxPerM: number): void => {
  for (let count = random.whole(2, 7); count > 0; count--) {
    const w = Math.max(2, random.between(0.8, 5) * pxPerM);
    const h = Math.max(2, random.between(0.6, 3.2) * pxPerM);
    const hut: Box = { x: box.x + random.next() * Math.max(1, box.w - w), y: box.y - h, w, h };
    const tone = brighten(random.chance(0.5) ? wall : [150, 152, 156], random.between(0.6, 1.2));
    canvas.box(hut, tone);
    canvas.box({ ...hut, w: w * 0.3 }, [20, 20, 26], 0.4);
    if (w > 6) canvas.box({ x: hut.x + w * 0.5, y: hut.y + h * 0.3, w: w * 0.3, h: h * 0.4 }, [36, 38, 44]);
  }
  for (let count = random.whole(0, 4); count > 0; count--) {
    drawAntenna(canvas, random, box.x + random.next() * box.w, box.y, random.between(2, 7) * pxPerM);
  }
  const edge = Math.max(1, 0.5 * pxPerM);
  canvas.box(
    { x: box.x - 1, y: box.y - edge, w: box.w + 2, h: edge },
    brighten(wall, random.between(0.6, 1.25)),
  );
};

const drawAntenna = (
  canvas: Canvas,
  random: SeededRandom,
  x: number,
  footY: number,
  height: number,
): void => {
  canvas.line(x, footY, x, footY - height, [48, 50, 54], height > 40 ? 2 : 1);
  for (let count = random.whole(1, 4); count > 0; count--) {
    const y = footY - height * random.between(0.5, 1);
    const reach = height * random.between(0.08, 0.25);
    canvas.line(x - reach, y, x + reach, y, [60, 62, 66]);
  }
};
