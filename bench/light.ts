import type { Random } from './random.js';
import type { Picture } from './view.js';

/** The ten changes of light and weather that every lens is tried under. */
export const LIGHTS = [
  'same', 'dusk', 'night lamps', 'infrared', 'fog', 'backlight', 'hard shadows', 'rain', 'blur', 'noise',
] as const; // prettier-ignore
export type Light = (typeof LIGHTS)[number];

type Tone = (red: number, green: number, blue: number, pixel: number) => readonly [number, number, number];

const recolour = ({ rgb }: Picture, tone: Tone): void => {
  for (let pixel = 0, at = 0; at < rgb.length; pixel++, at += 3) {
    [rgb[at], rgb[at + 1], rgb[at + 2]] = tone(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!, pixel);
  }
};

/** Adds Gaussian noise. */
export const addNoise = (picture: Picture, sigma: number, random: Random): void => {
  // Gaussian numbers are dear: one table, entered anew at a random place for every picture.
  const table = Float32Array.from({ length: 65521 }, () => random.gauss() * sigma);
  for (let at = 0; at < picture.rgb.length; at++) picture.rgb[at] = picture.rgb[at]! + table[at % 65521]!;
};

/** Averages every pixel with its neighbours along x, then along y. */
export const boxBlur = (picture: Picture, radius: number): void => {
  const { widthPx, heightPx } = picture;
  blurLines(picture.rgb, heightPx, widthPx * 3, widthPx, 3, radius);
  blurLines(picture.rgb, widthPx, 3, heightPx, widthPx * 3, radius);
};

const blurLines = (
  values: Uint8ClampedArray,
  lines: number,
  lineStep: number,
  count: number,
  step: number,
  radius: number,
): void => {
  const sums = new Float64Array(count + 1);
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < 3; channel++) {
      const start = line * lineStep + channel;
      for (let i = 0; i < count; i++) sums[i + 1] = sums[i]! + values[start + i * step]!;
      for (let i = 0; i < count; i++) {
        const [from, to] = [Math.max(0, i - radius), Math.min(count, i + radius + 1)];
        values[start + i * step] = (sums[to]! - sums[from]!) / (to - from);
      }
    }
  }
};

interface Spot {
  readonly azimuthDeg: number;
  readonly elevationDeg: number;
  readonly radiusDeg: number;
}

/** Places in the world, the same for every view of one panorama. */
const spots = (random: Random, count: number, radiusDeg: readonly [number, number]): Spot[] =>
  Array.from({ length: count }, () => ({
    azimuthDeg: random.between(-180, 180),
    elevationDeg: random.between(-35, 15),
    radiusDeg: random.between(...radiusDeg),
  }));

/** Adds `level` around each spot with a Gaussian falloff. */
const glow = (picture: Picture, lamps: readonly Spot[], level: number): void => {
  recolour(picture, (red, green, blue, pixel) => {
    const [azimuth, elevation] = [picture.azimuthDeg[pixel]!, picture.elevationDeg[pixel]!];
    let light = 0;
    for (const lamp of lamps) {
      const dy = elevation - lamp.elevationDeg;
      if (Math.abs(dy) > 3 * lamp.radiusDeg) continue;
      const dx = ((((azimuth - lamp.azimuthDeg) % 360) + 540) % 360) - 180;
      if (Math.abs(dx) > 3 * lamp.radiusDeg) continue;
      light += level * Math.exp(-(dx * dx + dy * dy) / (lamp.radiusDeg * lamp.radiusDeg));
    }
    return [red + light, green + light * 0.9, blue + light * 0.7];
  });
};

const shadowAt = (azimuthDeg: number, elevationDeg: number): number => {
  const stripe = Math.sin(azimuthDeg * 0.55 + Math.sin(elevationDeg * 0.4) * 2) + Math.sin(azimuthDeg * 0.21 - elevationDeg * 0.3);
  return stripe > 0.25 ? 0.38 : 1.08;
}; // prettier-ignore

const streaks = (picture: Picture, random: Random): void => {
  const { widthPx, heightPx, rgb } = picture;
  for (let drop = 0; drop < 900; drop++) {
    const [x, y] = [random.whole(widthPx), random.whole(heightPx)];
    const length = 10 + random.whole(heightPx / 16);
    const bright = random.between(20, 70);
    for (let step = 0; step < length && y + step < heightPx; step++) {
      const at = ((y + step) * widthPx + Math.min(widthPx - 1, x + Math.floor(step / 6))) * 3;
      for (let channel = 0; channel < 3; channel++) rgb[at + channel] = rgb[at + channel]! + bright;
    }
  }
};

const CHANGES: Record<Light, (picture: Picture, random: Random, world: Random) => void> = {
  same: () => undefined,
  dusk: (picture, random) => {
    recolour(picture, (r, g, b) => [r * 0.42 + 12, g * 0.34 + 8, b * 0.4 + 16]);
    addNoise(picture, 4, random);
  },
  'night lamps': (picture, random, world) => {
    recolour(picture, (r, g, b) => [r * 0.13 + 4, g * 0.13 + 4, b * 0.15 + 7]);
    glow(picture, spots(world, 60, [0.4, 3]), 150);
    addNoise(picture, 3, random);
  },
  infrared: (picture, random) => {
    const { widthPx, heightPx } = picture;
    recolour(picture, (r, g, b, pixel) => {
      const away = Math.hypot(
        (pixel % widthPx) / widthPx - 0.5,
        Math.floor(pixel / widthPx) / heightPx - 0.5,
      );
      const grey = (255 - (0.2 * r + 0.2 * g - 0.9 * b + 100) * 0.7 + 1.3 * Math.max(0, g - r)) * (1 - away);
      return [grey, grey, grey];
    });
    addNoise(picture, 5, random);
  },
  fog: (picture, random) => {
    recolour(picture, (r, g, b, pixel) => {
      const veil = Math.min(0.86, Math.max(0.5, 0.8 + picture.elevationDeg[pixel]! / 80));
      return [r + (205 - r) * veil, g + (207 - g) * veil, b + (210 - b) * veil];
    });
    addNoise(picture, 2, random);
  },
  backlight: (picture, random, world) => {
    recolour(picture, (r, g, b) => [r * 0.5, g * 0.5, b * 0.5]);
    glow(picture, [{ azimuthDeg: world.between(-180, 180), elevationDeg: 12, radiusDeg: 30 }], 190);
    addNoise(picture, 3, random);
  },
  'hard shadows': (picture) =>
    recolour(picture, (r, g, b, pixel) => {
      const shade = shadowAt(picture.azimuthDeg[pixel]!, picture.elevationDeg[pixel]!);
      return [r * shade, g * shade, b * (shade + 0.06)];
    }),
  rain: (picture, random) => {
    boxBlur(picture, 1);
    recolour(picture, (r, g, b) => [r * 0.7 + 34, g * 0.7 + 34, b * 0.7 + 40]);
    streaks(picture, random);
    addNoise(picture, 3, random);
  },
  blur: (picture) => {
    boxBlur(picture, 2);
    boxBlur(picture, 1);
  },
  noise: (picture, random) => addNoise(picture, 16, random),
};

/** Changes a picture into what it looks like under `light`; `world` must be the same for all views of one place. */
export const relight = (picture: Picture, light: Light, random: Random, world: Random): void =>
  CHANGES[light](picture, random, world);
