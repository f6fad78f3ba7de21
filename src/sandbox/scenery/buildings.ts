import { brighten, type Box, type Canvas, type Grain, mix, type Rgb } from './canvas.js';
import { HAZE } from './backdrop.js';
import type { SeededRandom } from './random.js';
import { drawRoof } from './roofs.js';
import { drawWindow } from './windows.js';

/** Where a thing stands in the picture: its foot, and how large a metre is there. */
export interface Site {
  readonly x: number;
  readonly footY: number;
  readonly pxPerM: number;
  /** 0 near … 1 lost in the haze. */
  readonly haze: number;
}

const WALLS: readonly Rgb[] = [
  [166, 96, 74],
  [190, 168, 136],
  [208, 202, 190],
  [142, 128, 116],
  [178, 142, 104],
  [132, 146, 156],
  [204, 182, 150],
  [120, 92, 82],
  [186, 190, 186],
  [160, 120, 112],
];

interface Facade extends Site {
  readonly box: Box;
  readonly wall: Rgb;
}

/** One house front with its windows, roof, shop floor and the dirt of years. */
export const drawBuilding = (canvas: Canvas, random: SeededRandom, site: Site): void => {
  const tower = random.chance(0.14);
  const w = Math.max(6, Math.round(random.between(8, tower ? 18 : 26) * site.pxPerM));
  const h = Math.max(6, Math.round((tower ? random.between(30, 58) : random.between(6, 24)) * site.pxPerM));
  const box: Box = { x: Math.round(site.x), y: Math.round(site.footY) - h, w, h };
  const tint = brighten(random.pick(WALLS), random.between(0.8, 1.12));
  const facade: Facade = { ...site, box, wall: mix(tint, HAZE, site.haze) };
  drawRoof(canvas, random, box, facade.wall, site.pxPerM);
  drawWall(canvas, random, facade);
  drawFloors(canvas, random, facade);
  if (site.pxPerM > 2) drawStreetFloor(canvas, random, facade);
};

const grainOf = (random: SeededRandom, strength: number): Grain => ({
  strength,
  shiftX: random.whole(0, 5000),
  shiftY: random.whole(0, 5000),
});

const drawWall = (canvas: Canvas, random: SeededRandom, { box, wall, pxPerM, haze }: Facade): void => {
  canvas.box(box, wall, 1, grainOf(random, 0.24 * (1 - haze)));
  const corner = Math.round(box.w * random.between(0, 0.4));
  const shaded = { ...box, w: corner, x: random.chance(0.5) ? box.x : box.x + box.w - corner };
  canvas.box(shaded, [20, 22, 34], 0.3);
  if (pxPerM > 4 && random.chance(0.6)) drawCourses(canvas, random, box, pxPerM);
  for (let streak = 0; streak < box.w / 7; streak++) {
    const length = random.between(0.05, 0.5) * box.h;
    const top = random.between(0, box.h - length);
    const dirt: Box = {
      x: box.x + random.between(0, box.w - 2),
      y: box.y + top,
      w: random.whole(1, 3),
      h: length,
    };
    canvas.box(dirt, random.chance(0.75) ? [40, 36, 32] : [226, 222, 212], random.between(0.08, 0.3));
  }
};

/** Courses of brick or panels: joints broken here and there, so that no two stretches agree. */
const drawCourses = (canvas: Canvas, random: SeededRandom, box: Box, pxPerM: number): void => {
  const step = Math.max(3, random.between(0.35, 1.1) * pxPerM);
  for (let y = box.y + step; y < box.y + box.h; y += step) {
    for (let x = box.x; x < box.x + box.w;) {
      const run = Math.min(random.between(4, 40), box.x + box.w - x);
      if (random.chance(0.7)) canvas.box({ x, y, w: run, h: 1 }, [30, 26, 24], random.between(0.08, 0.4));
      x += run + 1;
    }
  }
};

const drawFloors = (canvas: Canvas, random: SeededRandom, facade: Facade): void => {
  const { box, pxPerM } = facade;
  const floorPx = Math.max(4, random.between(2.8, 3.6) * pxPerM);
  const bayPx = Math.max(4, random.between(1.9, 4) * pxPerM);
  const bays = Math.floor((box.w - 2) / bayPx);
  const margin = (box.w - bays * bayPx) / 2;
  const lit = random.between(0.03, 0.22);
  const share = { w: random.between(0.4, 0.75), h: random.between(0.42, 0.7) };
  for (let y = box.y + floorPx * 0.25; y + floorPx * 1.15 < box.y + box.h; y += floorPx) {
    if (random.chance(0.3)) {
      canvas.box({ x: box.x, y: y - 2, w: box.w, h: 1 }, [30, 28, 28], random.between(0.2, 0.6));
    }
    for (let bay = 0; bay < bays; bay++) {
      if (random.chance(0.07)) continue;
      const w = bayPx * share.w * random.between(0.85, 1.12);
      const h = floorPx * share.h * random.between(0.85, 1.15);
      const x = box.x + margin + bay * bayPx + (bayPx - w) / 2 + random.between(-0.6, 0.6);
      drawWindow(canvas, random, { x, y: y + random.between(-0.5, 1), w, h }, facade, lit);
    }
  }
};

const drawStreetFloor = (canvas: Canvas, random: SeededRandom, { box, pxPerM, haze }: Facade): void => {
  const h = Math.min(box.h, 3.4 * pxPerM);
  const foot = box.y + box.h;
  for (let x = box.x + 1; x < box.x + box.w - 4;) {
    const w = Math.min(random.between(1.2, 6) * pxPerM, box.x + box.w - x - 1);
    const shop: Box = { x, y: foot - h * 0.78, w: w - 1, h: h * 0.78 };
    const tone: Rgb = [random.between(24, 110), random.between(24, 100), random.between(30, 110)];
    canvas.box(shop, mix(tone, HAZE, haze), 1, grainOf(random, 0.5));
    drawShopSign(canvas, random, { ...shop, y: foot - h, h: h * 0.24 });
    x += w + random.between(0, 1) * pxPerM;
  }
};

const drawShopSign = (canvas: Canvas, random: SeededRandom, sign: Box): void => {
  canvas.box(sign, [random.between(60, 230), random.between(50, 210), random.between(40, 200)], 0.9);
  if (sign.h < 4) return;
  const ink: Rgb = random.chance(0.5) ? [240, 238, 230] : [28, 26, 30];
  for (let x = sign.x + 2; x < sign.x + sign.w - 4; x += random.between(2, 5)) {
    if (random.chance(0.8)) {
      const h = random.between(0.3, 0.7) * sign.h;
      canvas.box({ x, y: sign.y + (sign.h - h) * random.next(), w: random.whole(1, 3), h }, ink);
    }
  }
};
