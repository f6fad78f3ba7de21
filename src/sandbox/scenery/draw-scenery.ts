import { drawHills, drawSky, EYE_HEIGHT_M } from './backdrop.js';
import { drawBuilding, type Site } from './buildings.js';
import { Canvas } from './canvas.js';
import { drawGround } from './ground.js';
import { noiseTile } from './noise-tile.js';
import type { Panorama } from './panorama.js';
import { createRandom, type SeededRandom } from './random.js';
import { drawCar, drawFence, drawPole, drawWire } from './street.js';
import { drawLitter, drawShrub, drawTree } from './vegetation.js';

export { panoramaFromFile, type Panorama } from './panorama.js';

type Draw = (canvas: Canvas, random: SeededRandom, site: Site) => void;

/** How many of a thing stand around, and how far below the horizon their feet are (degrees: near things are lower). */
interface Population {
  readonly count: number;
  readonly nearestDeg: number;
  readonly farthestDeg: number;
  /** Above 1: more of them far away. */
  readonly crowding: number;
  readonly draw: Draw;
}

/** A few poles in a row, joined by wires. */
const drawPoleRow: Draw = (canvas, random, site) => {
  let last: { x: number; y: number } | null = null;
  const stepPx = random.between(18, 34) * site.pxPerM;
  for (let index = random.whole(2, 5); index > 0; index--) {
    const top = drawPole(canvas, random, { ...site, x: site.x + index * stepPx });
    if (last !== null) {
      drawWire(canvas, last, top, 0.7 * site.pxPerM);
      drawWire(
        canvas,
        { x: last.x, y: last.y + site.pxPerM },
        { x: top.x, y: top.y + site.pxPerM },
        site.pxPerM,
      );
    }
    last = top;
  }
};

const POPULATIONS: readonly Population[] = [
  { count: 420, nearestDeg: 8.5, farthestDeg: 0.9, crowding: 2.2, draw: drawBuilding },
  { count: 420, nearestDeg: 13, farthestDeg: 0.9, crowding: 2, draw: drawTree },
  { count: 2600, nearestDeg: 40, farthestDeg: 1.5, crowding: 1.6, draw: drawShrub },
  { count: 9000, nearestDeg: 58, farthestDeg: 2, crowding: 1.2, draw: drawLitter },
  { count: 260, nearestDeg: 22, farthestDeg: 2, crowding: 1.8, draw: drawCar },
  { count: 44, nearestDeg: 11, farthestDeg: 2, crowding: 1.4, draw: drawPoleRow },
  { count: 90, nearestDeg: 16, farthestDeg: 2, crowding: 1.5, draw: drawFence },
];

interface Standing {
  readonly belowDeg: number;
  readonly pan: number;
  readonly seed: number;
  readonly draw: Draw;
}

const settle = (random: SeededRandom): Standing[] =>
  POPULATIONS.flatMap(({ count, nearestDeg, farthestDeg, crowding, draw }) =>
    Array.from({ length: count }, () => ({
      belowDeg: farthestDeg + (nearestDeg - farthestDeg) * random.next() ** crowding,
      pan: random.next(),
      seed: random.whole(0, 0x7fffffff),
      draw,
    })),
  );

const siteOf = (canvas: Canvas, { belowDeg, pan }: Standing): Site => {
  const distanceM = EYE_HEIGHT_M / Math.tan((belowDeg * Math.PI) / 180);
  return {
    x: pan * canvas.widthPx,
    footY: canvas.rowOf(-belowDeg),
    pxPerM: (canvas.pxPerDeg * 180) / Math.PI / distanceM,
    haze: Math.min(0.55, distanceM / 1900),
  };
};

/**
 * Draws the surroundings of a made-up place: sky, hills, streets of houses, trees, wires, ground. The same seed gives the same
 * place. Detailed from tilt −60 to +30; full of texture that nowhere repeats.
 */
export const drawScenery = ({
  seed,
  widthPx = 8192,
}: {
  readonly seed: number;
  readonly widthPx?: number;
}): Panorama => {
  const random = createRandom(seed);
  const tile = noiseTile(random, 1543, 1024, [
    { cellPx: 2, weight: 0.22 },
    { cellPx: 4, weight: 0.34 },
    { cellPx: 9, weight: 0.28 },
    { cellPx: 22, weight: 0.2 },
  ]);
  const canvas = new Canvas(widthPx, tile);
  drawSky(canvas, random);
  drawHills(canvas, random, tile);
  drawGround(canvas, random, tile);
  // What is farther stands higher in the picture and is drawn first.
  const standing = settle(random).sort((a, b) => a.belowDeg - b.belowDeg);
  for (const thing of standing) thing.draw(canvas, createRandom(thing.seed), siteOf(canvas, thing));
  return { widthPx, heightPx: canvas.heightPx, rgb: new Uint8Array(canvas.rgb.buffer) };
};
