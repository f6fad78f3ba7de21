import type { Site } from './buildings.js';
import { brighten, type Box, type Canvas, type Rgb } from './canvas.js';
import type { SeededRandom } from './random.js';

const PAINTS: readonly Rgb[] = [
  [196, 40, 36],
  [236, 236, 234],
  [34, 36, 42],
  [52, 84, 140],
  [150, 154, 158],
  [190, 160, 60],
  [60, 96, 72],
];

/** A parked car, seen from the side. */
export const drawCar = (canvas: Canvas, random: SeededRandom, { x, footY, pxPerM }: Site): void => {
  const w = random.between(3.6, 5) * pxPerM;
  const h = 0.75 * pxPerM;
  const paint = brighten(random.pick(PAINTS), random.between(0.8, 1.1));
  const y = footY - h * 1.3;
  canvas.box({ x: x - 1, y: footY - h * 0.3, w: w + 3, h: h * 0.45 }, [16, 16, 18], 0.6);
  const cabin: Box = { x: x + w * random.between(0.15, 0.3), y: y - h * 0.8, w: w * 0.5, h: h * 0.9 };
  canvas.box(cabin, brighten(paint, 0.8));
  canvas.box({ x: cabin.x + 1, y: cabin.y + 1, w: cabin.w * 0.42, h: h * 0.6 }, [44, 54, 66]);
  canvas.box({ x: cabin.x + cabin.w * 0.54, y: cabin.y + 1, w: cabin.w * 0.4, h: h * 0.6 }, [84, 102, 118]);
  canvas.box({ x, y, w, h }, paint);
  canvas.box({ x, y: y + h * 0.55, w, h: Math.max(1, h * 0.12) }, brighten(paint, 0.6));
  canvas.box({ x, y: y + h * 0.2, w: w * 0.05, h: h * 0.25 }, [240, 236, 220]);
  for (const along of [0.2, 0.78]) {
    canvas.blob(x + w * along, footY - h * 0.25, h * 0.38, h * 0.38, [22, 22, 24], 1, 0);
    canvas.blob(x + w * along, footY - h * 0.25, h * 0.16, h * 0.16, [150, 150, 154], 1, 0);
  }
};

/** A pole with its crossbars, lamp or sign; returns where wires hang. */
export const drawPole = (
  canvas: Canvas,
  random: SeededRandom,
  { x, footY, pxPerM }: Site,
): { x: number; y: number } => {
  const height = random.between(8, 12) * pxPerM;
  const thick = Math.max(1, Math.round(0.3 * pxPerM));
  const tone = brighten([92, 84, 76], random.between(0.6, 1.3));
  const y = footY - height;
  canvas.line(x, footY, x, y, tone, thick);
  for (let bar = random.whole(1, 3); bar > 0; bar--) {
    const reach = random.between(0.6, 1.6) * pxPerM;
    const barY = y + bar * 0.8 * pxPerM;
    canvas.line(x - reach, barY, x + reach + thick, barY, brighten(tone, 0.7), Math.max(1, thick - 1));
    canvas.blob(x - reach, barY - 2, 1.5, 2, [210, 214, 214]);
    canvas.blob(x + reach, barY - 2, 1.5, 2, [210, 214, 214]);
  }
  if (random.chance(0.5)) drawSign(canvas, random, x, y + height * random.between(0.4, 0.7), pxPerM);
  return { x, y: y + pxPerM };
};

const drawSign = (canvas: Canvas, random: SeededRandom, x: number, y: number, pxPerM: number): void => {
  const w = Math.max(4, random.between(0.7, 1.6) * pxPerM);
  const h = Math.max(4, random.between(0.6, 1.4) * pxPerM);
  const plate: Box = { x: x - w / 2, y, w, h };
  canvas.box(plate, random.pick(PAINTS));
  canvas.box({ x: plate.x + 1, y: y + 1, w: w - 2, h: h - 2 }, random.pick(PAINTS));
  for (let mark = 0; mark < 4; mark++) {
    const at: Box = {
      x: plate.x + random.next() * w * 0.7,
      y: y + random.next() * h * 0.7,
      w: w * 0.25,
      h: h * 0.2,
    };
    canvas.box(at, random.chance(0.5) ? [20, 20, 24] : [244, 244, 240]);
  }
};

/** A wire that sags between two poles. */
export const drawWire = (
  canvas: Canvas,
  from: { x: number; y: number },
  to: { x: number; y: number },
  sagPx: number,
): void => {
  const steps = Math.max(8, Math.ceil(Math.abs(to.x - from.x) / 6));
  for (let step = 0; step < steps; step++) {
    const [a, b] = [step / steps, (step + 1) / steps];
    const at = (share: number): number => from.y + (to.y - from.y) * share + 4 * sagPx * share * (1 - share);
    const xAt = (share: number): number => from.x + (to.x - from.x) * share;
    canvas.line(xAt(a), at(a), xAt(b), at(b), [40, 40, 44], 1, 0.8);
  }
};

/** A stretch of fence or wall along the ground. */
export const drawFence = (canvas: Canvas, random: SeededRandom, { x, footY, pxPerM }: Site): void => {
  const length = random.between(6, 30) * pxPerM;
  const h = Math.max(3, random.between(0.9, 2) * pxPerM);
  const tone = brighten([140, 122, 98], random.between(0.5, 1.3));
  for (let along = 0; along < length; along += Math.max(2, random.between(0.2, 0.6) * pxPerM)) {
    if (random.chance(0.08)) continue;
    const w = Math.max(1, random.between(0.1, 0.4) * pxPerM);
    const tall = h * random.between(0.85, 1.05);
    canvas.box({ x: x + along, y: footY - tall, w, h: tall }, brighten(tone, random.between(0.7, 1.2)));
  }
  canvas.line(
    x,
    footY - h * 0.8,
    x + length,
    footY - h * 0.8,
    brighten(tone, 0.6),
    Math.max(1, Math.round(h / 12)),
  );
};
