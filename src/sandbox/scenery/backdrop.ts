import type { Canvas, Rgb } from './canvas.js';
import { mix } from './canvas.js';
import { noiseTile, type NoiseTile } from './noise-tile.js';
import type { SeededRandom } from './random.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { ceil, floor, log, max, min } = Math;

/** How high above the ground the scene is seen from; gives every distance its size. */
export const EYE_HEIGHT_M = 15;
export const HAZE: Rgb = [186, 198, 210];

const ZENITH: Rgb = [74, 126, 188];
const HORIZON: Rgb = [198, 212, 224];
const CLOUD: Rgb = [238, 238, 240];

/** Sky from the zenith to just below the horizon, with clouds. */
export const drawSky = (canvas: Canvas, random: SeededRandom): void => {
  const across = canvas.widthPx >> 2;
  const clouds = noiseTile(random, across, across >> 1, [
    { cellPx: across / 9, weight: 0.5 },
    { cellPx: across / 28, weight: 0.28 },
    { cellPx: across / 80, weight: 0.15 },
    { cellPx: across / 220, weight: 0.09 },
  ]);
  const bottom = ceil(canvas.rowOf(-1));
  for (let row = 0; row < bottom; row++) {
    const tiltDeg = 90 - row / canvas.pxPerDeg;
    const base = mix(HORIZON, ZENITH, min(1, max(0, tiltDeg / 55)) ** 0.7);
    // Clouds lie in layers: thinner and flatter towards the horizon.
    const cloudRow = floor((log(1 + max(0, tiltDeg) / 12) / 2.2) * clouds.heightPx);
    paintSkyRow(canvas, clouds, row, min(clouds.heightPx - 1, cloudRow), base);
  }
};

const paintSkyRow = (canvas: Canvas, clouds: NoiseTile, row: number, cloudRow: number, base: Rgb): void => {
  const { values, widthPx } = clouds;
  const start = cloudRow * widthPx;
  for (let x = 0, at = row * canvas.widthPx * 3; x < canvas.widthPx; x++, at += 3) {
    const left = x >> 2;
    const right = left + 1 >= widthPx ? 0 : left + 1;
    const share = (x & 3) / 4;
    const thick = values[start + left]! * (1 - share) + values[start + right]! * share;
    const cover = min(0.9, max(0, (thick + 8) / 60));
    const shade = 1 - 0.12 * max(0, (thick - 20) / 60);
    canvas.rgb[at] = base[0] + (CLOUD[0] * shade - base[0]) * cover;
    canvas.rgb[at + 1] = base[1] + (CLOUD[1] * shade - base[1]) * cover;
    canvas.rgb[at + 2] = base[2] + (CLOUD[2] * shade - base[2]) * cover;
  }
};

interface Ridge {
  readonly heightDeg: number;
  readonly roughDeg: number;
  readonly colour: Rgb;
  readonly grain: number;
}

const RIDGES: readonly Ridge[] = [
  { heightDeg: 4.2, roughDeg: 2.6, colour: [136, 156, 178], grain: 0.14 },
  { heightDeg: 2.4, roughDeg: 1.8, colour: [104, 126, 124], grain: 0.3 },
  { heightDeg: 0.9, roughDeg: 1.1, colour: [82, 104, 76], grain: 0.5 },
];

/** Wooded hills around the horizon, the farther the bluer. */
export const drawHills = (canvas: Canvas, random: SeededRandom, tile: NoiseTile): void => {
  for (const ridge of RIDGES) {
    const outline = noiseTile(random, canvas.widthPx, 2, [
      { cellPx: canvas.widthPx / 14, weight: 0.5 },
      { cellPx: canvas.widthPx / 60, weight: 0.3 },
      { cellPx: canvas.widthPx / 500, weight: 0.14 },
      { cellPx: 4, weight: 0.08 },
    ]);
    const shift = random.whole(0, tile.widthPx - 1);
    for (let x = 0; x < canvas.widthPx; x++) {
      const tiltDeg = ridge.heightDeg + (ridge.roughDeg * outline.values[x]!) / 90;
      paintHillColumn(canvas, tile, x, shift, floor(canvas.rowOf(tiltDeg)), ridge);
    }
  }
};

const paintHillColumn = (
  canvas: Canvas,
  tile: NoiseTile,
  x: number,
  shift: number,
  top: number,
  { colour, grain }: Ridge,
): void => {
  const bottom = canvas.rowOf(-1);
  for (let row = top; row < bottom; row++) {
    const noise = tile.values[(row % tile.heightPx) * tile.widthPx + ((x + shift) % tile.widthPx)]!;
    const lit = 1 + (grain * noise) / 90;
    canvas.put(x, row, [colour[0] * lit, colour[1] * lit, colour[2] * lit]);
  }
};
