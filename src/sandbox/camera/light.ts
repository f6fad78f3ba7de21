import { createRandom, hashOf } from '../scenery/random.js';
import { TILT_LEVELS, type View } from './view-renderer.js';

// Taken out of the global once: these run for every pixel, and a look-up in a test's own global is slow.
const { abs, exp, floor, max, min, round } = Math;

/** The conditions a virtual camera can see its surroundings in. */
export type Light = 'day' | 'dusk' | 'infrared_night' | 'fog' | 'rain';
export const LIGHTS: readonly Light[] = ['day', 'dusk', 'infrared_night', 'fog', 'rain'];

/** A value for every tilt level from a function of the tilt in degrees. */
const byTilt = (value: (tiltDeg: number) => number): Float32Array =>
  Float32Array.from({ length: TILT_LEVELS }, (_, level) => value(90 - (level * 180) / TILT_LEVELS));

const clamp = (value: number, low: number, high: number): number => min(high, max(low, value));

/** Warm and bright pixels are lamps behind windows: they stay bright when the sun goes. */
const isLamp = (red: number, green: number, blue: number): boolean =>
  red > 232 && green > 200 && green < 232 && blue < 165 && red - blue > 80;

const glowAtDusk = byTilt((tiltDeg) => clamp(1 - abs(tiltDeg - 3) / 18, 0, 1));

const toDusk = ({ rgb, tiltLevels }: View): void => {
  for (let at = 0, pixel = 0; at < rgb.length; at += 3, pixel++) {
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    if (isLamp(red, green, blue)) continue;
    const glow = glowAtDusk[tiltLevels[pixel]!]!;
    rgb[at] = red * (0.4 + 0.22 * glow) + 10 * glow;
    rgb[at + 1] = green * (0.34 + 0.08 * glow);
    rgb[at + 2] = blue * (0.42 - 0.04 * glow) + 6;
  }
};

/** Infrared lamps at the camera light the near ground; towards the horizon it gets dark, the sky is black. */
const reachOfInfrared = byTilt((tiltDeg) => clamp(0.06 + max(0, -tiltDeg - 1) / 18, 0.06, 1));

const toInfrared = ({ rgb, tiltLevels, widthPx, heightPx }: View): void => {
  const reach2 = (widthPx * widthPx + heightPx * heightPx) / 4;
  for (let v = 0, at = 0, pixel = 0; v < heightPx; v++) {
    for (let u = 0; u < widthPx; u++, at += 3, pixel++) {
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      const fromCentre2 = ((u - widthPx / 2) ** 2 + (v - heightPx / 2) ** 2) / reach2;
      // Leaves are bright in infrared, paint differs less than its colour.
      const leaf = max(0, 2 * green - red - blue);
      const grey = 40 + 0.3 * red + 0.2 * green + 0.1 * blue + 0.9 * leaf;
      const lit = grey * reachOfInfrared[tiltLevels[pixel]!]! * (1 - 0.75 * fromCentre2);
      const seen = isLamp(red, green, blue) ? 236 : lit;
      rgb[at] = seen;
      rgb[at + 1] = seen;
      rgb[at + 2] = seen;
    }
  }
};

const thicknessOfFog = byTilt((tiltDeg) =>
  tiltDeg > -1 ? 0.84 : clamp(0.84 * exp((tiltDeg + 1) / 22), 0.2, 0.84),
);

const toFog = ({ rgb, tiltLevels }: View): void => {
  for (let at = 0, pixel = 0; at < rgb.length; at += 3, pixel++) {
    const fog = thicknessOfFog[tiltLevels[pixel]!]!;
    rgb[at]! += (196 - rgb[at]!) * fog;
    rgb[at + 1]! += (200 - rgb[at + 1]!) * fog;
    rgb[at + 2]! += (204 - rgb[at + 2]!) * fog;
  }
};

/** Wet glass: every pixel is averaged with its neighbours, the colours are dull and cold. */
const toRain = ({ rgb, widthPx, heightPx }: View): void => {
  const sharp = rgb.slice();
  const row = widthPx * 3;
  for (let v = 1; v < heightPx - 1; v++) {
    for (let at = v * row + 3, end = (v + 1) * row - 3; at < end; at++) {
      const cross = sharp[at - 3]! + sharp[at + 3]! + sharp[at - row]! + sharp[at + row]!;
      const corners =
        sharp[at - row - 3]! + sharp[at - row + 3]! + sharp[at + row - 3]! + sharp[at + row + 3]!;
      rgb[at] = (sharp[at]! * 2 + cross + corners) * 0.078 + (at % 3 === 2 ? 30 : 22);
    }
  }
};

/** Changes a daylight view into what it looks like under `light`. */
export const applyLight = (view: View, light: Light): void => {
  if (light === 'dusk') toDusk(view);
  else if (light === 'infrared_night') toInfrared(view);
  else if (light === 'fog') toFog(view);
  else if (light === 'rain') toRain(view);
};

/** Drops that fall through the picture just now; other ones for another `moment`. */
export const drawStreaks = (rgb: Uint8Array, widthPx: number, heightPx: number, moment: number): void => {
  const random = createRandom(hashOf(moment, widthPx));
  for (let count = round((widthPx * heightPx) / 4000); count > 0; count--) {
    const length = random.between(0.02, 0.07) * heightPx;
    const bright = random.between(0.12, 0.4);
    const x = random.between(0, widthPx - 1);
    const y = random.between(0, heightPx - length - 1);
    for (let step = 0; step < length; step++) {
      const at = (floor(y + step) * widthPx + max(0, floor(x - step * 0.12))) * 3;
      for (let channel = 0; channel < 3; channel++) rgb[at + channel]! += (214 - rgb[at + channel]!) * bright;
    }
  }
};
