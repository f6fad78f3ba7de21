import { HAZE } from './backdrop.js';
import { brighten, type Box, type Canvas, mix, type Rgb } from './canvas.js';
import type { SeededRandom } from './random.js';

const GLASS: readonly Rgb[] = [
  [38, 46, 58],
  [58, 72, 88],
  [24, 26, 32],
  [96, 116, 134],
  [70, 66, 62],
];
/** Warm and bright: the light conditions know lamps by this colour. */
const LAMP: Rgb = [255, 222, 140];

/** One window, unlike its neighbours: glass, frame, curtain or blind, lamp, sill, sometimes an air conditioner or a balcony. */
export const drawWindow = (
  canvas: Canvas,
  random: SeededRandom,
  pane: Box,
  { wall, haze }: { readonly wall: Rgb; readonly haze: number },
  litShare: number,
): void => {
  const lit = random.chance(litShare);
  const glass = lit
    ? brighten(LAMP, random.between(0.94, 1))
    : brighten(random.pick(GLASS), random.between(0.7, 1.4));
  if (pane.w < 3.5 || pane.h < 3.5) {
    canvas.box({ ...pane, w: Math.max(1, pane.w), h: Math.max(2, pane.h) }, mix(glass, HAZE, haze));
    return;
  }
  const frame = random.chance(0.6)
    ? mix([226, 222, 214], wall, random.between(0, 0.7))
    : brighten(wall, 0.55);
  canvas.box({ x: pane.x - 1, y: pane.y - 1, w: pane.w + 2, h: pane.h + 2 }, frame);
  canvas.box(pane, mix(glass, HAZE, haze));
  drawInside(canvas, random, pane);
  drawOutside(canvas, random, pane, frame);
};

const drawInside = (canvas: Canvas, random: SeededRandom, pane: Box): void => {
  const cloth: Rgb = [random.between(120, 236), random.between(110, 226), random.between(100, 210)];
  const style = random.next();
  if (style < 0.3) canvas.box({ ...pane, h: pane.h * random.between(0.15, 0.95) }, cloth, 0.85);
  else if (style < 0.5) {
    const w = pane.w * random.between(0.12, 0.5);
    canvas.box({ ...pane, w }, cloth, 0.85);
    if (random.chance(0.6)) canvas.box({ ...pane, x: pane.x + pane.w - w, w }, cloth, 0.8);
  } else if (style < 0.62) {
    for (let y = pane.y; y < pane.y + pane.h * random.between(0.3, 1); y += 2) {
      canvas.box({ x: pane.x, y, w: pane.w, h: 1 }, cloth, 0.7);
    }
  } else if (style < 0.85) {
    const x = pane.x + pane.w * random.between(0, 0.6);
    const y = pane.y + pane.h * random.between(0, 0.6);
    canvas.box({ x, y, w: pane.w * 0.4, h: pane.h * 0.4 }, [170, 196, 216], random.between(0.2, 0.7));
  }
  canvas.box({ ...pane, h: random.between(1, 2.5) }, [10, 10, 14], 0.5);
};

const drawOutside = (canvas: Canvas, random: SeededRandom, pane: Box, frame: Rgb): void => {
  if (random.chance(0.55)) {
    canvas.box({ ...pane, x: pane.x + pane.w * random.between(0.35, 0.65), w: 1 }, frame);
  }
  if (random.chance(0.35))
    canvas.box({ ...pane, y: pane.y + pane.h * random.between(0.25, 0.5), h: 1 }, frame);
  const sill: Box = { x: pane.x - 1, y: pane.y + pane.h, w: pane.w + 2, h: Math.max(1, pane.h * 0.08) };
  canvas.box(sill, random.chance(0.5) ? [214, 208, 198] : [52, 48, 46], 0.9);
  if (random.chance(0.1)) {
    const w = pane.w * random.between(0.35, 0.6);
    canvas.box({ x: pane.x + (pane.w - w) * random.next(), y: sill.y + 1, w, h: w * 0.7 }, [220, 220, 216]);
    canvas.box({ x: sill.x + 3, y: sill.y + 2, w: w * 0.4, h: w * 0.4 }, [90, 92, 96]);
  } else if (random.chance(0.12)) {
    const rail: Box = {
      x: pane.x - pane.w * 0.25,
      y: pane.y + pane.h * 0.6,
      w: pane.w * 1.5,
      h: pane.h * 0.5,
    };
    canvas.box(rail, [random.between(40, 200), random.between(40, 190), random.between(40, 180)], 0.85);
    for (let x = rail.x; x < rail.x + rail.w; x += random.between(2, 4)) {
      canvas.box({ x, y: rail.y, w: 1, h: rail.h }, [30, 30, 34], 0.7);
    }
  } else if (random.chance(0.13)) {
    const green: Rgb = [random.between(40, 90), random.between(90, 140), random.between(30, 60)];
    canvas.blob(pane.x + pane.w * random.next(), sill.y, pane.w * 0.25, pane.h * 0.15, green);
  }
};
