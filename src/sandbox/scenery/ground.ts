import { EYE_HEIGHT_M } from './backdrop.js';
import type { Canvas, Rgb } from './canvas.js';
import { noiseTile, type NoiseTile } from './noise-tile.js';
import type { SeededRandom } from './random.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { abs, ceil, cos, min, sin, tan } = Math;

/** A straight road on the plane: |nx·X + ny·Y − offset| ≤ half the width; X towards pan 0, Y towards pan 90, metres. */
interface Road {
  readonly nx: number;
  readonly ny: number;
  readonly offsetM: number;
  readonly halfWidthM: number;
}

const ASPHALT: Rgb = [98, 98, 102];
const KERB: Rgb = [172, 168, 160];
const PAINT: Rgb = [224, 222, 210];
const GRASS: Rgb = [92, 116, 58];
const DRY: Rgb = [150, 138, 92];
const EARTH: Rgb = [126, 104, 80];
const GRAVEL: Rgb = [152, 148, 140];

const roadsFrom = (random: SeededRandom): readonly Road[] =>
  [0, 1, 2].map((index) => {
    const turn = (index * Math.PI) / 3 + random.between(-0.25, 0.25);
    return {
      nx: cos(turn),
      ny: sin(turn),
      offsetM: random.between(14, 34) * (random.chance(0.5) ? 1 : -1),
      halfWidthM: random.between(4, 7),
    };
  });

const onRoad = (roads: readonly Road[], x: number, y: number): Rgb | null => {
  for (const { nx, ny, offsetM, halfWidthM } of roads) {
    const aside = abs(nx * x + ny * y - offsetM);
    if (aside > halfWidthM + 1.6) continue;
    if (aside > halfWidthM) return KERB;
    const along = (((nx * y - ny * x) % 9) + 9) % 9;
    if (aside < 0.16 && along < 4.5) return PAINT;
    if (aside > halfWidthM - 0.6 && aside < halfWidthM - 0.42) return PAINT;
    return ASPHALT;
  }
  return null;
};

const onLand = (kind: number): Rgb => {
  if (kind > 34) return GRAVEL;
  if (kind > 4) return GRASS;
  if (kind > -18) return DRY;
  return kind > -45 ? GRASS : EARTH;
};

/**
 * The plain below the horizon: fields, gravel and roads in true perspective, under texture of 2 to 40 pixels whose size
 * does not depend on the distance, so that near and far ground hold as much detail.
 */
export const drawGround = (canvas: Canvas, random: SeededRandom, fine: NoiseTile): void => {
  const { widthPx, rgb } = canvas;
  const roads = roadsFrom(random);
  const patches = noiseTile(random, 512, 512, [
    { cellPx: 40, weight: 0.55 },
    { cellPx: 12, weight: 0.3 },
    { cellPx: 4, weight: 0.15 },
  ]);
  const coarse = noiseTile(random, 1531, 911, [
    { cellPx: 34, weight: 0.35 },
    { cellPx: 15, weight: 0.35 },
    { cellPx: 7, weight: 0.3 },
  ]);
  const cosines = Float32Array.from({ length: widthPx }, (_, x) => -cos((x / widthPx) * 2 * Math.PI));
  const sines = Float32Array.from({ length: widthPx }, (_, x) => -sin((x / widthPx) * 2 * Math.PI));
  for (let row = ceil(canvas.rowOf(-0.5)); row < canvas.rowOf(-62); row++) {
    const distanceM = EYE_HEIGHT_M / tan(((row / canvas.pxPerDeg - 90) * Math.PI) / 180);
    const haze = min(0.6, distanceM / 2500);
    const fineRow = (row % fine.heightPx) * fine.widthPx;
    const coarseRow = (row % coarse.heightPx) * coarse.widthPx;
    for (let x = 0, at = row * widthPx * 3; x < widthPx; x++, at += 3) {
      const eastM = distanceM * cosines[x]!;
      const northM = distanceM * sines[x]!;
      const rough = fine.values[fineRow + (x % fine.widthPx)]!;
      const lumps = coarse.values[coarseRow + (x % coarse.widthPx)]!;
      const patch = patches.values[((northM * 4) & 511) * 512 + ((eastM * 4) & 511)]!;
      const road = onRoad(roads, eastM, northM);
      const colour = road ?? onLand(patch + lumps * 0.3);
      const lit = road === null ? 1 + rough * 0.0052 + lumps * 0.0042 : 1 + rough * 0.0026 + lumps * 0.0022;
      rgb[at] = colour[0] * lit * (1 - haze) + 186 * haze;
      rgb[at + 1] = colour[1] * lit * (1 - haze) + 198 * haze;
      rgb[at + 2] = colour[2] * lit * (1 - haze) + 210 * haze;
    }
  }
  fillNadir(canvas);
};

/** Straight below nothing is ever looked at: one colour will do. */
const fillNadir = (canvas: Canvas): void => {
  const start = ceil(canvas.rowOf(-62)) * canvas.widthPx * 3;
  for (let at = start; at < canvas.rgb.length; at += 3) {
    canvas.rgb[at] = 112;
    canvas.rgb[at + 1] = 110;
    canvas.rgb[at + 2] = 104;
  }
};
